"""SQLite databases in the cache: built in memory, written whole, opened read-only.

A stored database never changes, so any number of processes may read it without a lock, a folder
that cannot be written is enough to read from, and a kill leaves the old file or none.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from agent.errors import ConfigError
from agent.files.writing import write_whole

KEEP = 16
"""Databases of one folder that stay beside a new one: every edit of a registry makes another."""
CHECKED_BYTES = 1 << 24
"""Size in bytes up to which the structure of a database is checked whenever it is opened."""
_HEADER = 100  # bytes, see https://www.sqlite.org/fileformat.html
_MAGIC = b"SQLite format 3\0"


class Damaged(Exception):
    """A file that is not a whole database."""


def create() -> sqlite3.Connection:
    """Return an empty database in memory, which several threads may read.

    Raises:
        ConfigError: if Python's SQLite was built without FTS5, its full-text search.
    """
    database = sqlite3.connect(":memory:", check_same_thread=False)
    if not database.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]:
        raise ConfigError(
            f"the SQLite {sqlite3.sqlite_version} of this Python has no FTS5, which the search"
            " needs; use a Python from python.org, conda or your distribution"
        )
    return database


def open_stored(path: Path) -> sqlite3.Connection:
    """Open a stored database read-only and mark it as used now.

    Raises:
        OSError: if the file cannot be read.
        Damaged: if it is cut short or not a database.
    """
    with path.open("rb") as file:
        header, size = file.read(_HEADER), os.fstat(file.fileno()).st_size
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    if not header.startswith(_MAGIC) or size != pages * (65_536 if page == 1 else page):
        raise Damaged(f"{path.name} is cut short or not a database")
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(address, uri=True, check_same_thread=False)
    try:
        database.execute(f"PRAGMA mmap_size = {size}")
        if size <= CHECKED_BYTES:
            problems = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            if problems != "ok":
                raise Damaged(problems)
    except (sqlite3.DatabaseError, Damaged) as error:
        database.close()
        raise Damaged(str(error)) from None
    with suppress(OSError):
        os.utime(path)
    return database


def save(database: sqlite3.Connection, path: Path) -> None:
    """Write a database to a file, and remove the least recently used ones of its folder.

    Raises:
        OSError: when the disk refuses; what was there before is still there.
    """
    database.commit()
    write_whole(path, database.serialize())
    with suppress(OSError):
        for old in recent(path.parent, f"*{path.suffix}")[KEEP + 1 :]:
            old.unlink()


def recent(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder, most recently used first; none if it cannot be read."""
    with suppress(OSError):
        return sorted(folder.glob(pattern), key=os.path.getmtime, reverse=True)
    return []
