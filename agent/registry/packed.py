"""Cards in one file that is opened without reading it: mapped into memory, found by bisection.

Layout: the cards as JSON lines, then the ids in file order, then four little-endian tables
(end of each card's line, end of each id, CRC-32 of each line, rows in the order of their ids), then
the sizes, a CRC-32 of all but the lines, and a magic number that names the format.
"""

from __future__ import annotations

import mmap
import struct
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from zlib import crc32

_MAGIC = b"GGCARDS1"
_SIZES = struct.Struct("<QQQ")  # rows, bytes of lines, bytes of ids
_SEAL = struct.Struct("<I8s")  # CRC-32 of all that follows the lines, magic


class Damaged(Exception):
    """The bytes are no whole pack."""


def pack(rows: Iterable[tuple[str, bytes]]) -> bytearray:
    """Packed form of (id, JSON line without its line feed) pairs; ids are distinct and ASCII."""
    lines = bytearray()
    ids: list[bytes] = []
    line_ends, id_ends, sums = array("Q"), array("Q"), array("I")
    for id, line in rows:
        lines += line + b"\n"
        line_ends.append(len(lines))
        sums.append(crc32(line))
        ids.append(id.encode())
        id_ends.append(len(ids[-1]) + (id_ends[-1] if id_ends else 0))
    order = array("I", sorted(range(len(ids)), key=ids.__getitem__))
    blob = b"".join(ids)
    tables = b"".join(table.tobytes() for table in (line_ends, id_ends, sums, order))
    index = bytes(-(len(lines) + len(blob)) % 8) + tables  # tables start on a multiple of 8
    rest = blob + index + _SIZES.pack(len(ids), len(lines), len(blob))
    lines += rest + _SEAL.pack(crc32(rest), _MAGIC)
    return lines


class Pack:
    """Rows of a packed buffer; nothing is decoded before it is asked for.

    Raises:
        Damaged: for a buffer that is cut short or altered outside the lines; a line that was
            altered raises when it is read.
    """

    def __init__(self, buffer: bytearray | mmap.mmap) -> None:
        view = memoryview(buffer)
        seal = len(view) - _SEAL.size
        sizes = seal - _SIZES.size
        if sizes < 0:
            raise Damaged("too short")
        n, lines, ids = _SIZES.unpack(view[sizes:seal])
        tables = lines + ids + -(lines + ids) % 8
        if tables + 24 * n != sizes:
            raise Damaged("the sizes do not fit")
        if _SEAL.unpack(view[seal:]) != (crc32(view[lines:seal]), _MAGIC):
            raise Damaged("the tables were altered")
        self._lines, self._ids = view[:lines], view[lines : lines + ids]
        self._line_ends = view[tables : tables + 8 * n].cast("Q")
        self._id_ends = view[tables + 8 * n : tables + 16 * n].cast("Q")
        self._sums = view[tables + 16 * n : tables + 20 * n].cast("I")
        self._order = view[tables + 20 * n : tables + 24 * n].cast("I")

    @classmethod
    def open(cls, path: Path) -> Pack:
        """Maps a file; OSError or Damaged where that cannot be done."""
        with path.open("rb") as file:
            try:
                return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            except ValueError as error:  # an empty file cannot be mapped
                raise Damaged(str(error)) from None

    def __len__(self) -> int:
        return len(self._order)

    def id(self, row: int) -> str:
        return self._id_bytes(row).decode()

    def ids(self) -> Iterator[str]:
        return map(self.id, range(len(self)))

    def line(self, row: int) -> bytes:
        """JSON of the card in a row, checked against its sum."""
        start = self._line_ends[row - 1] if row else 0
        line = bytes(self._lines[start : self._line_ends[row] - 1])
        if crc32(line) != self._sums[row]:
            raise Damaged(f"row {row} was altered")
        return line

    def row(self, id: str) -> int | None:
        """Row of an id, in about log2(rows) steps; None where no card has it."""
        target = id.encode(errors="replace")
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            current = self._id_bytes(self._order[middle])
            if current == target:
                return self._order[middle]
            low, high = (middle + 1, high) if current < target else (low, middle)
        return None

    def _id_bytes(self, row: int) -> bytes:
        start = self._id_ends[row - 1] if row else 0
        return bytes(self._ids[start : self._id_ends[row]])
