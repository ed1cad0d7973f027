"""Files that are there whole or not at all, whoever is killed, however full the disk."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from agent.errors import InputError
from agent.text import visible


def write_whole(
    path: Path, content: bytes | bytearray, *, overwrite: bool = True, mode: int = 0o666
) -> None:
    """Write a file beside `path` first, then give it its name in one step.

    Folders that are missing are made. What is replaced passes its permissions on.

    Args:
        mode: permissions of a new file, less what the process masks.

    Raises:
        InputError: when there is such a file and it is not to be overwritten.
        OSError: when the disk refuses; what was there before is still there.
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
    """Name `part` as `path` unless something has that name by now."""
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise InputError(
            f"{visible(str(path))}: exists; left alone, add --overwrite to replace it"
        ) from error
    except OSError as error:  # a file system without links
        if path.exists():
            raise InputError(f"{visible(str(path))}: exists; left alone") from error
        os.replace(part, path)
