"""Image file directories (IFD): the tags of TIFF files, BigTIFF files and EXIF data.

Nothing is copied or decoded before it is needed, so a hostile directory takes no memory.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
_NUMPY = {
    BYTE: "u1", ASCII: "u1", SHORT: "u2", LONG: "u4", RATIONAL: "u4", 6: "i1", UNDEFINED: "u1",
    8: "i2", 9: "i4", 10: "i4", 11: "f4", 12: "f8", 13: "u4", 16: "u8", 17: "i8", 18: "u8",
}  # fmt: skip
_RATIONALS = (RATIONAL, 10)
_MAGIC, _BIG_MAGIC = 42, 43
#: More pages than any program writes; a longer or circular chain is followed no further.
_MOST_PAGES = 10_000


class Tag(NamedTuple):
    """The values of one tag; those of rationals alternate numerators and denominators."""

    kind: int
    values: NDArray[Any]

    @property
    def length(self) -> int:
        return len(self.values) // (2 if self.kind in _RATIONALS else 1)

    def content(self) -> bytes:
        """Return the values in little-endian bytes."""
        return self.values.astype(self.values.dtype.newbyteorder("<")).tobytes()


def tag(kind: int, values: Sequence[int] | bytes) -> Tag:
    """Create a tag of one of the kinds above."""
    return Tag(kind, np.array(list(values), _NUMPY[kind]))


@dataclass(frozen=True)
class Directory:
    """One list of tags in `content`, a file that starts with a TIFF header."""

    content: bytes
    offset: int
    order: str
    """Byte order in NumPy's notation: `<` or `>`."""
    tags: Mapping[int, Tag]
    damaged: frozenset[int]
    """Tags whose values are of an unknown kind or lie outside the file."""
    following: int
    """Offset of the next directory; 0 after the last."""

    def numbers(self, number: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the values of a tag of whole numbers, at most the first 1024."""
        tag = self.tags.get(number)
        return default if tag is None else tuple(int(value) for value in tag.values[:1024])

    def number(self, number: int, default: int) -> int:
        return next(iter(self.numbers(number)), default)

    def rational(self, number: int) -> float:
        """Return the first value as a fraction; 0 if there is none."""
        tag = self.tags.get(number)
        if tag is None or tag.kind not in _RATIONALS or len(tag.values) < 2:
            return float(self.number(number, 0))
        above, below = (int(value) for value in tag.values[:2])
        return above / below if below else 0.0

    def inside(self, number: int) -> Directory | None:
        """Return the directory that a tag points to; None if there is none or it is damaged."""
        offset = self.number(number, 0)
        try:
            return directory(self.content, offset) if offset > 0 else None
        except ValueError:
            return None

    def pages(self) -> int:
        """Return the number of directories from this one on."""
        offsets, offset = {self.offset}, self.following
        while offset and offset not in offsets and len(offsets) < _MOST_PAGES:
            try:
                following = _extent(self.content, offset).following
            except (struct.error, ValueError):
                break
            offsets.add(offset)
            offset = following
        return len(offsets)


def is_tiff(content: bytes) -> bool:
    """Check whether a file starts like TIFF files, BigTIFF files and EXIF data."""
    return content[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def directory(content: bytes, offset: int | None = None) -> Directory:
    """Parse the directory at `offset`, or the first one.

    Raises:
        ValueError: if there is none.
    """
    try:
        return _directory(content, offset)
    except (struct.error, KeyError) as error:
        raise ValueError("the directory of tags lies outside the file") from error


class _Extent(NamedTuple):
    """Location of a directory."""

    order: str
    big: bool
    offset: int
    first: int
    """Offset of its first entry."""
    entries: int
    following: int


def _extent(content: bytes, offset: int | None) -> _Extent:
    order = {b"II": "<", b"MM": ">"}[content[:2]]
    (magic,) = struct.unpack_from(f"{order}H", content, 2)
    if magic not in (_MAGIC, _BIG_MAGIC):
        raise ValueError(f"expected a TIFF header with 42 or 43, got {magic}")
    big = magic == _BIG_MAGIC
    size, entry, pointer = ("Q", 20, "Q") if big else ("H", 12, "L")
    if offset is None:
        (offset,) = struct.unpack_from(order + pointer, content, 8 if big else 4)
    if offset > len(content):
        raise ValueError("the directory of tags lies outside the file")
    (count,) = struct.unpack_from(order + size, content, offset)
    first = offset + struct.calcsize(order + size)
    rest = content[first + count * entry : first + count * entry + 8]
    try:
        (following,) = struct.unpack_from(order + pointer, rest)
    except struct.error:  # EXIF data often end here
        following = 0
    return _Extent(order, big, offset, first, min(count, 65_535), following)


def _directory(content: bytes, offset: int | None) -> Directory:
    order, big, offset, first, count, following = _extent(content, offset)
    entry, pointer = ("HHQ8s", "Q") if big else ("HHL4s", "L")
    size = struct.calcsize(order + entry)
    tags, damaged = {}, set()
    for place in range(first, first + size * count, size):
        number, kind, length, value = struct.unpack_from(order + entry, content, place)
        if values := _values(content, order, kind, length, place + size - len(value), pointer):
            tags[number] = values
        else:
            damaged.add(number)
    return Directory(content, offset, order, tags, frozenset(damaged), following)


def _values(
    content: bytes, order: str, kind: int, count: int, place: int, pointer: str
) -> Tag | None:
    """Return the values of the entry whose last field is at `place`."""
    if kind not in _NUMPY:
        return None
    numpy_type = np.dtype(order + _NUMPY[kind])
    count *= 2 if kind in _RATIONALS else 1
    if count * numpy_type.itemsize > struct.calcsize(order + pointer):
        (place,) = struct.unpack_from(order + pointer, content, place)
    if place + count * numpy_type.itemsize > len(content):
        return None
    return Tag(kind, np.frombuffer(content, numpy_type, count, place))


def tiff_bytes(
    main: Mapping[int, Tag],
    inside: Mapping[int, Mapping[int, Tag]] | None = None,
    samples: bytes = b"",
) -> bytes:
    """Build a little-endian TIFF file with one directory.

    Args:
        main: its tags.
        inside: directories that tags of `main` point to, by the number of the tag.
        samples: bytes at offset 8, right after the header.
    """
    body = bytearray(samples)
    pointers = {}
    for number, tags in (inside or {}).items():
        pointers[number] = tag(LONG, [_append(body, tags)])
    start = _append(body, {**main, **pointers})
    return b"II*\0" + struct.pack("<L", start) + bytes(body)


def _append(body: bytearray, tags: Mapping[int, Tag]) -> int:
    """Append a directory to the bytes after a header of 8 bytes, and return its offset."""
    entries = b""
    for number in sorted(tags):
        content = tags[number].content()
        if len(content) > 4:
            body += bytes(len(body) % 2)
            place = 8 + len(body)
            body += content
            content = struct.pack("<L", place)
        entries += struct.pack("<HHL", number, tags[number].kind, tags[number].length)
        entries += content.ljust(4, b"\0")
    body += bytes(len(body) % 2)
    offset = 8 + len(body)
    body += struct.pack("<H", len(tags)) + entries + bytes(4)
    return offset
