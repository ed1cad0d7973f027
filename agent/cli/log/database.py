"""The SQLite file of the log: opened for one transaction at a time, with its tables in place."""

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
    """One transaction on the database at `path`: all of it is kept, or nothing.

    A file that is not there reads as an empty log, and is made, for its owner alone, when written.

    Raises:
        LogError: for whatever SQLite or the disk refuses.
    """
    try:
        if write:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        where = path if write or path.exists() else ":memory:"
        connection = sqlite3.connect(where, timeout=PATIENCE, isolation_level=None)
        try:
            connection.execute("PRAGMA secure_delete = ON")  # what is cleared is overwritten
            connection.create_function("casefold", 1, str.casefold, deterministic=True)
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            _make_tables(connection, path)
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # what was not committed is taken back
    except (sqlite3.Error, ValueError) as error:  # a value may be damaged, too
        raise LogError(_message(path, error, str(error))) from error
    except OSError as error:
        raise LogError(_message(path, error, error.strerror or str(error))) from error


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise LogError(
            f"the log {visible(str(path))} has version {version}, and this program knows "
            f"{_VERSION}; use the newer groundglass that wrote it, or move the file away"
        )
    if version < _VERSION:
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _message(path: Path, error: Exception, what: str) -> str:
    if "locked" in what:
        advice = "another program is writing to it; wait for that one to end"
    elif type(error) is sqlite3.DatabaseError or isinstance(error, ValueError):
        advice = "it is damaged; “groundglass logs clear” starts a new one"
    else:
        advice = "make room or leave to write there, or leave the log out with --no-log"
    what = visible(" ".join(what.split()))
    return f"the log {visible(str(path))} cannot be used ({what}): {advice}"
