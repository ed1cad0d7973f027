"""Cards in a SQLite database: in the order of their file, by number and by id."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from zlib import crc32

from agent.files.database import Damaged, create


class CardStore:
    """Rows of JSON with an id each; nothing is decoded before it is asked for.

    Args:
        database: as `build` makes it.

    Raises:
        Damaged: where the database has no such table; `row` raises it for a row that was altered.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        try:
            (last,) = database.execute("SELECT max(number) FROM cards").fetchone()
        except sqlite3.DatabaseError as error:
            raise Damaged(str(error)) from None
        self._size = 0 if last is None else int(last) + 1

    @classmethod
    def build(cls, rows: Iterable[tuple[str, bytes]]) -> CardStore:
        """Store pairs of an id and JSON in memory; the ids must differ."""
        database = create()
        database.execute(
            "CREATE TABLE cards"
            "(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, json BLOB, checksum INTEGER)"
        )
        numbered = ((n, id, json, crc32(json)) for n, (id, json) in enumerate(rows))
        database.executemany("INSERT INTO cards VALUES (?, ?, ?, ?)", numbered)
        return cls(database)

    def __len__(self) -> int:
        return self._size

    def ids(self) -> Iterator[str]:
        """All ids, in order."""
        return (id for (id,) in self.database.execute("SELECT id FROM cards ORDER BY number"))

    def id(self, number: int) -> str:
        """The id of a row.

        Raises:
            IndexError: for a number that no row has.
        """
        for (id,) in self.database.execute("SELECT id FROM cards WHERE number = ?", (number,)):
            return str(id)
        raise IndexError(f"there are {len(self)} cards; got the number {number}")

    def number(self, id: str) -> int | None:
        """The number of the row with an id; None where there is none."""
        legible = id.encode(errors="replace").decode()  # a lone surrogate is in no database
        for (number,) in self.database.execute("SELECT number FROM cards WHERE id = ?", (legible,)):
            return int(number)
        return None

    def row(self, number: int) -> bytes:
        """The JSON of a row, compared with its checksum."""
        try:
            json, checksum = self.database.execute(
                "SELECT json, checksum FROM cards WHERE number = ?", (number,)
            ).fetchone()
        except (sqlite3.DatabaseError, TypeError) as error:
            raise Damaged(str(error)) from None
        if crc32(json) != checksum:
            raise Damaged(f"card {number} was altered")
        return bytes(json)
