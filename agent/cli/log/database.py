"""The SQLite file of the log, opened for one transaction at a time, with its tables."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import LogError
from agent.text import visible

#: How long to wait for another program that is writing, in seconds.
PATIENCE = 5.0

_VERSION = 1
_TABLES = (
    "CREATE TABLE sessions (name TEXT PRIMARY KEY, updated TEXT NOT NULL, images TEXT NOT NULL)",
    "CREATE TABLE answers (id INTEGER PRIMARY KEY AUTOINCREMENT, created TEXT NOT NULL, "
    "question TEXT NOT NULL, status TEXT NOT NULL, cards TEXT NOT NULL, session TEXT, "
    "tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, seconds REAL NOT NULL, "
    "answer TEXT NOT NULL, report TEXT NOT NULL)",
    "CREATE INDEX answers_of_session ON answers (session, id)",
)


@contextmanager
def transaction(path: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """Run one transaction on the database at `path`.

    A missing file reads as an empty log; the first write creates it, readable by its owner only.

    Raises:
        LogError: if SQLite or the disk fails.
    """
    try:
        if write:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        where = path if write or path.exists() else ":memory:"
        connection = sqlite3.connect(where, timeout=PATIENCE, isolation_level=None)
        try:
            connection.execute("PRAGMA secure_delete = ON")  # overwrites deleted data
            connection.create_function("casefold", 1, str.casefold, deterministic=True)
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            _make_tables(connection, path)
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # rolls back what was not committed
    except (sqlite3.Error, ValueError) as error:  # ValueError: a stored value is damaged
        raise LogError(_message(path, error, str(error))) from error
    except OSError as error:
        raise LogError(_message(path, error, error.strerror or str(error))) from error


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise LogError(
            f"the history of answers {visible(str(path))} has version {version}, but this program "
            f"reads {_VERSION}; use the newer groundglass that wrote it, or move the file away"
        )
    if version < _VERSION:
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _message(path: Path, error: Exception, what: str) -> str:
    if "locked" in what:
        advice = "another program is writing to it; wait for that program to finish"
    elif type(error) is sqlite3.DatabaseError or isinstance(error, ValueError):
        advice = "the file is damaged; “groundglass logs clear” starts a new one"
    else:
        advice = "free some space, make the folder writable, or do without it with --no-log"
    what = visible(" ".join(what.split()))
    return f"the history of answers {visible(str(path))} cannot be used ({what}): {advice}"
