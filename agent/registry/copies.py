"""Reading files from an untrusted copy: a folder, a tar archive, or a single file.

Nothing is unpacked to disk, no link is followed, and all sizes are limited, also after unpacking.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from re import Pattern
from typing import IO, BinaryIO, cast

from agent.errors import InputError
from agent.files import open_input
from agent.text import visible

MAX_FILE = 1 << 20
"""Largest size of one file in bytes."""
MAX_UNPACKED = 1 << 28
"""Largest unpacked size of an archive in bytes."""
MAX_FILES = 50_000
"""Largest number of entries in an archive."""


class Refused(Exception):
    """A file that is skipped, with the reason; also used as a value in place of its content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Files = Iterator[tuple[str, bytes | Refused]]


def files_of(source: Path, folders: Sequence[str], pattern: Pattern[str]) -> Files:
    """Yield the files of a copy whose path, with slashes, matches the pattern.

    A single file that is not an archive is always included, under its own path.

    Args:
        folders: subfolders to search if the copy is a folder.

    Raises:
        InputError: if the source cannot be read, is damaged or too large.
    """
    label = visible(str(source))
    try:
        if source.is_dir():
            for folder in folders:
                yield from _of_folder(source, folder, pattern)
            return
        with open_input(source) as file:
            stream = _unpack(file)
            if stream is None:
                content = file.read(MAX_FILE + 1)
                yield source.as_posix(), _within_limit(content)
            else:
                yield from _of_archive(_LimitedStream(stream, label), pattern)
    except (tarfile.TarError, EOFError, ValueError, lzma.LZMAError, zlib.error) as error:
        raise InputError(f"{label}: is a damaged archive ({visible(str(error))})") from None
    except OSError as error:
        why = error.strerror or visible(str(error))
        raise InputError(f"{label}: cannot be read ({why}); expected a folder or file") from None


def _within_limit(content: bytes) -> bytes | Refused:
    return content if len(content) <= MAX_FILE else Refused(_TOO_LARGE)


_TOO_LARGE = f"is larger than {MAX_FILE >> 20} MiB"


# --- folders ----------------------------------------------------------------------------------


def _of_folder(root: Path, folder: str, pattern: Pattern[str]) -> Files:
    place = root / folder
    if place.is_symlink():
        yield folder, Refused("is a link")
    elif place.is_dir():
        for path in sorted(place.iterdir()):
            if pattern.search(name := f"{folder}/{path.name}"):
                yield name, _file(path)


def _file(path: Path) -> bytes | Refused:
    if path.is_symlink():
        return Refused("is a link")
    if not path.is_file():
        return Refused("is not a regular file")
    with path.open("rb") as file:
        return _within_limit(file.read(MAX_FILE + 1))


# --- archives ---------------------------------------------------------------------------------


class _LimitedStream(io.RawIOBase):
    """An unpacked stream that raises an error beyond a size limit."""

    def __init__(self, file: IO[bytes], label: str) -> None:
        self._file = file
        self._label = label
        self._left = MAX_UNPACKED

    def read(self, size: int = -1, /) -> bytes:
        content = self._file.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise InputError(f"{self._label}: unpacks to more than {MAX_UNPACKED >> 20} MiB")
        return content


def _unpack(file: io.BufferedReader) -> IO[bytes] | None:
    """Return the tar stream of an archive; None, with nothing read, for any other file."""
    head = file.peek(512)
    if head.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if head.startswith(b"BZh"):
        return cast(IO[bytes], bz2.BZ2File(file))
    if head.startswith(b"\xfd7zXZ\0"):
        return cast(IO[bytes], lzma.LZMAFile(file))
    of_zeros = len(head) >= 512 and not any(head[:512])  # an empty archive
    return file if head[257:262] == b"ustar" or of_zeros else None


def _of_archive(stream: _LimitedStream, pattern: Pattern[str]) -> Files:
    with tarfile.open(fileobj=cast(BinaryIO, stream), mode="r|") as archive:
        for count, entry in enumerate(archive, 1):
            if count > MAX_FILES:
                raise InputError(f"the archive has more than {MAX_FILES:,} entries")
            if pattern.search(entry.name):
                yield entry.name, _content(archive, entry)


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes | Refused:
    path = PurePosixPath(entry.name)
    if path.is_absolute() or ".." in path.parts:
        return Refused("its path leads out of the archive")
    if entry.issym() or entry.islnk():
        return Refused("is a link")
    if entry.size > MAX_FILE:
        return Refused(_TOO_LARGE)
    file = archive.extractfile(entry)  # in memory; None for a folder or device
    return _within_limit(file.read(MAX_FILE + 1)) if file else Refused("is not a regular file")
