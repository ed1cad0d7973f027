"""The private folder of a running server.

The server removes it when it stops; if it was killed, the next server does so when it starts.
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
#: Bytes of a file name. Systems allow 255, and the files of the report have longer names than this.
_LONGEST_STEM, _LONGEST_SUFFIX = 80, 8


@dataclass(frozen=True)
class Upload:
    """A picture as received: a name that is not to be trusted, and its bytes."""

    name: str
    content: bytes


class Workspace:
    """A private folder for pictures and reports, readable only by the user who runs the server."""

    def __init__(self) -> None:
        remove_abandoned()
        self.path, self._lock = _claimed_folder()

    def folder(self) -> Path:
        """Create a folder inside the workspace."""
        path = self.path / uuid4().hex
        path.mkdir()
        return path

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        """Create a folder that is removed after the block."""
        folder = self.folder()
        try:
            yield folder
        finally:
            self.remove(folder)

    @contextmanager
    def lasting(self) -> Iterator[Path]:
        """Create a folder that stays, unless the block raises."""
        folder = self.folder()
        try:
            yield folder
        except BaseException:
            self.remove(folder)
            raise

    def store(self, uploads: Sequence[Upload], most: int) -> tuple[Path, ...]:
        """Store pictures as files, each in its own folder under a safe form of its name.

        Args:
            most: largest number of pictures to accept.

        Raises:
            InputError: if there are too many, or one cannot be read; nothing is stored then.
        """
        if len(uploads) > most:
            raise InputError(f"{len(uploads)} pictures were attached; expected at most {most}")
        if not uploads:
            return ()
        for upload in uploads:  # validate all before storing any
            name = visible(PurePath(upload.name).name) or "the picture"
            read_bytes(upload.content, name, name)
        with ExitStack() as folders:
            paths = []
            for upload in uploads:
                paths.append(folders.enter_context(self.lasting()) / file_name(upload.name))
                paths[-1].write_bytes(upload.content)
        return tuple(paths)

    def release(self, pictures: Iterable[Path]) -> None:
        """Remove stored pictures that nobody needs any more."""
        for path in pictures:
            self.remove(path.parent)

    def remove(self, folder: Path) -> None:
        """Remove a folder of the workspace."""
        if folder.parent == self.path:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove the workspace and everything in it."""
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def _is_own_folder(path: Path) -> bool:
    """Check whether the folder is this user's: in another user's, the lock could be a symlink."""
    status = path.lstat()
    is_ours = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return stat.S_ISDIR(status.st_mode) and is_ours


def file_name(name: str) -> str:
    """Return a safe file name that resembles an untrusted one."""
    base = PurePath(name.replace("\\", "/")).name
    safe_name = "".join(c for c in visible(base) if c.isprintable() and c not in "<>:\"/\\|?*&'")
    stem = _cut(PurePath(safe_name).stem, _LONGEST_STEM)
    return f"{stem.lstrip('.') or 'picture'}{_cut(PurePath(safe_name).suffix, _LONGEST_SUFFIX)}"


def _cut(text: str, most: int) -> str:
    """Cut a text to at most `most` bytes of UTF-8."""
    return text.encode()[:most].decode(errors="ignore")


def _claimed_folder() -> tuple[Path, FileLock]:
    """Create a folder and lock it.

    Until it is locked, another server that starts may remove it as abandoned; then try again.
    """
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))  # readable by this user only
        with suppress(FileNotFoundError):
            mode = path.stat().st_mode
            lock = FileLock(path / _LOCK)
            lock.acquire()
            if path.stat().st_mode == mode:  # acquiring the lock recreates a missing folder
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
