"""Atomic writes: a file exists whole or not at all, even after a crash or on a full disk."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from agent.errors import InputError
from agent.text import visible


def after_failed_write(error: OSError) -> str:
    """Return what a person can do after a file could not be written to their output folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some space there, or name another folder with -o"
    return "name another folder with -o"


def write_whole(
    path: Path, content: bytes | bytearray, *, overwrite: bool = True, mode: int = 0o666
) -> None:
    """Write a temporary file beside `path`, then rename it in one step.

    Missing folders are created. A replaced file passes its permissions on.

    Args:
        mode: permissions of a new file, before the process's umask.

    Raises:
        InputError: if the file exists and must not be overwritten.
        OSError: if the disk fails; an existing file is left as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{uuid4().hex}.part"
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            with suppress(FileNotFoundError):
                shutil.copymode(path, part)
            os.replace(part, path)
        else:
            _link(part, path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _link(part: Path, path: Path) -> None:
    """Rename `part` to `path`, unless `path` exists by now."""
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise InputError(
            f"{visible(str(path))}: already exists; add --overwrite to replace it"
        ) from error
    except OSError as error:  # a file system without links
        if path.exists():
            raise InputError(f"{visible(str(path))}: already exists") from error
        os.replace(part, path)
