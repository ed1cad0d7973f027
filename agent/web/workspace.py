"""The private folder of a running server: gone at its end, and where it was killed, at the start of
the next one.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from uuid import uuid4

from filelock import FileLock, Timeout

from agent.errors import InputError
from agent.imaging.reading import read_bytes
from agent.text import visible

_PREFIX = "groundglass-serve-"
_LOCK = "lock"
#: Bytes of a file name, which systems limit to 255; files of its report have longer names yet.
_LONGEST_STEM, _LONGEST_SUFFIX = 80, 8


@dataclass(frozen=True)
class Upload:
    """A picture as it came: a name that proves nothing, and its bytes."""

    name: str
    content: bytes


class Workspace:
    """A private folder for pictures and reports; readable by the user of the server alone."""

    def __init__(self) -> None:
        remove_abandoned()
        self.path, self._lock = _claimed_folder()

    def folder(self) -> Path:
        """A new folder in it."""
        path = self.path / uuid4().hex
        path.mkdir()
        return path

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        """A new folder in it that is gone after the block."""
        folder = self.folder()
        try:
            yield folder
        finally:
            self.remove(folder)

    @contextmanager
    def lasting(self) -> Iterator[Path]:
        """A new folder in it that stays, unless the block raises."""
        folder = self.folder()
        try:
            yield folder
        except BaseException:
            self.remove(folder)
            raise

    def store(self, uploads: Sequence[Upload], most: int) -> tuple[Path, ...]:
        """Pictures as files, each in a folder of its own under a name like that it came with.

        Args:
            most: pictures that are taken.

        Raises:
            InputError: for too many, and for one that cannot be read; nothing is kept then.
        """
        if len(uploads) > most:
            raise InputError(f"{len(uploads)} pictures were attached; expected at most {most}")
        if not uploads:
            return ()
        for upload in uploads:  # before anything is kept; the size in the header comes first
            shown = visible(PurePath(upload.name).name) or "the picture"
            read_bytes(upload.content, shown, shown)
        with ExitStack() as folders:
            paths = []
            for upload in uploads:
                paths.append(folders.enter_context(self.lasting()) / file_name(upload.name))
                paths[-1].write_bytes(upload.content)
        return tuple(paths)

    def release(self, pictures: Iterable[Path]) -> None:
        """Remove pictures that `store` took, once nobody needs them any more."""
        for path in pictures:
            self.remove(path.parent)

    def remove(self, folder: Path) -> None:
        """Remove a folder of it."""
        if folder.parent == self.path:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove it with all that is in it."""
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def _is_own_folder(path: Path) -> bool:
    """Whether it is a folder of this user: in one of another, the lock could lead anywhere."""
    status = path.lstat()
    is_ours = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return stat.S_ISDIR(status.st_mode) and is_ours


def file_name(name: str) -> str:
    """A plain file name that is like one which came from outside."""
    base = PurePath(name.replace("\\", "/")).name
    kept = "".join(c for c in visible(base) if c.isprintable() and c not in "<>:\"/\\|?*&'")
    stem = _shortened(PurePath(kept).stem, _LONGEST_STEM)
    return f"{stem.lstrip('.') or 'picture'}{_shortened(PurePath(kept).suffix, _LONGEST_SUFFIX)}"


def _shortened(text: str, most: int) -> str:
    """The beginning of a text, in so many bytes at most."""
    return text.encode()[:most].decode(errors="ignore")


def _claimed_folder() -> tuple[Path, FileLock]:
    """A new folder, locked. Until it is locked, another server that starts may take it for
    abandoned; then there is another.
    """
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))  # for this user alone
        with suppress(FileNotFoundError):
            mode = path.stat().st_mode
            lock = FileLock(path / _LOCK)
            lock.acquire()
            if path.stat().st_mode == mode:  # taking the lock makes a folder where there is none
                return path, lock
            lock.release()
            shutil.rmtree(path, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove the folders of servers that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, Timeout):
            if not _is_own_folder(path):
                continue
            with FileLock(path / _LOCK, blocking=False):
                shutil.rmtree(path, ignore_errors=True)
