"""The state of a batch in SQLite, so that a kill or a full disk loses no row.

Only one process at a time can open a store. A row is done when `done` has its key. That is written
after its folder, so that a row interrupted in between is done again, to the same bytes.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from agent.batch.answering import Outcome
from agent.batch.plan import Task
from agent.batch.result_cache import hashes
from agent.errors import GroundglassError, InputError
from agent.files import sha256_of
from agent.text import visible

_SCHEMA = """
CREATE TABLE IF NOT EXISTS task (
  number INTEGER PRIMARY KEY, name TEXT UNIQUE COLLATE NOCASE, key TEXT, kin TEXT, turn INTEGER,
  body TEXT);
CREATE INDEX IF NOT EXISTS kin ON task (kin);
CREATE TABLE IF NOT EXISTS done (
  name TEXT PRIMARY KEY, key TEXT, status TEXT, outcome TEXT, thumbnail BLOB, finished TEXT,
  seconds REAL, files TEXT);
CREATE INDEX IF NOT EXISTS asked ON done (key);
CREATE TABLE IF NOT EXISTS picture (place TEXT PRIMARY KEY, digest TEXT);
"""
#: Increase whenever the tables or their contents change.
_FORMAT = 2
_PAGE = 200


@dataclass(frozen=True)
class Done:
    """A row that is done."""

    task: Task
    json: str
    """The fields of the result row, as JSON."""
    thumbnail: bytes | None = None
    finished: str = ""
    seconds: float = 0.0

    @cached_property
    def fields(self) -> dict[str, Any]:
        """`Outcome.fields`, parsed on first access, since reports are long."""
        fields: dict[str, Any] = json.loads(self.json)
        return fields


@dataclass(frozen=True)
class Twin:
    """An existing answer to the question of another row."""

    name: str
    """Name of its folder."""
    files: dict[str, str]
    """Hash of every file in the folder, by name."""
    status: str
    fields: dict[str, Any]
    thumbnail: bytes | None


class Store:
    """The state of a batch in a folder.

    Raises:
        InputError: if another process has opened it.
        GroundglassError: if it cannot be read or written, as in every method.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"state-{_FORMAT}.sqlite"
        with self._map_errors():
            self._db = sqlite3.connect(self.path, timeout=0, isolation_level=None)
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)

    def close(self) -> None:
        with self._map_errors():
            self._db.close()

    # --- the plan -----------------------------------------------------------------------------

    def plan(self, tasks: Iterable[Task]) -> int:
        """Replace the plan, and return the number of rows.

        A row whose id belongs to the folder of an earlier row becomes unusable.
        """
        count = 0
        with self._transaction():
            self._db.execute("DELETE FROM task")
            for task in tasks:
                if not self._add(task):
                    self._add(self._with_taken_id(task))
                count += 1
            self._db.execute(
                "UPDATE task SET turn = (SELECT MIN(number) FROM task t WHERE t.kin = task.kin)"
            )
        return count

    def _add(self, task: Task) -> bool:
        values = (task.row.number, task.name, task.key, task.group, task.to_json())
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO task (number, name, key, kin, body) VALUES (?, ?, ?, ?, ?)",
            values,
        )
        return cursor.rowcount == 1

    def _with_taken_id(self, task: Task) -> Task:
        query = "SELECT number FROM task WHERE name = ?"
        (other,) = self._db.execute(query, (task.name,)).fetchone()
        why = f"the id {visible(task.row.id)!r} is taken by row {other}; ids must be unique, "
        row = replace(task.row, error=f"{why}ignoring case")
        return replace(task, row=row, name=f":{row.number}", key=f"{task.key}:{row.number}")

    def pending(self, again: bool = False) -> Iterator[Task]:
        """Yield pending tasks in the order of the rows, but groups together.

        Args:
            again: whether to include failed tasks.
        """
        place: tuple[int, str, int] = (0, "", 0)
        query = (
            "SELECT turn, task.key, number, body FROM task LEFT JOIN done "
            "ON done.name = task.name AND done.key = task.key "
            "WHERE (turn, task.key, number) > (?, ?, ?) "
            "AND (status IS NULL OR (? AND status = 'error')) "
            "ORDER BY turn, task.key, number LIMIT ?"
        )
        while rows := self._all(query, *place, again, _PAGE):
            for *_, body in rows:
                yield Task.from_json(body)
            place = rows[-1][:3]

    def twins(self, again: bool = False) -> Iterator[tuple[Task, Twin]]:
        """Yield pending tasks whose question is already answered, in the order of the rows.

        Args:
            again: whether to include failed tasks.
        """
        last = 0
        query = (
            "SELECT number, body, twin.name, twin.files, twin.status, twin.outcome, twin.thumbnail "
            "FROM task JOIN done AS twin ON twin.key = task.key AND twin.status != 'error' "
            "LEFT JOIN done ON done.name = task.name AND done.key = task.key "
            "WHERE number > ? AND (done.status IS NULL OR (? AND done.status = 'error')) "
            "GROUP BY number ORDER BY number LIMIT ?"
        )
        while rows := self._all(query, last, again, _PAGE):
            for _, body, name, files, status, outcome, thumbnail in rows:
                twin = Twin(name, json.loads(files), status, json.loads(outcome), thumbnail)
                yield Task.from_json(body), twin
            last = rows[-1][0]

    def totals(self) -> dict[str, int]:
        """Return the number of rows by status, including `pending`."""
        query = (
            "SELECT COALESCE(status, 'pending'), COUNT(*) FROM task LEFT JOIN done "
            "ON done.name = task.name AND done.key = task.key GROUP BY 1"
        )
        return dict(self._all(query))

    def duplicates(self) -> int:
        """Return the number of rows that repeat another row."""
        count: int = self._all("SELECT COUNT(*) - COUNT(DISTINCT key) FROM task")[0][0]
        return count

    def picture_groups(self, again: bool = False) -> int:
        """Return the number of groups with pictures that have pending rows.

        Args:
            again: whether to include failed rows.
        """
        query = (
            "SELECT COUNT(DISTINCT kin) FROM task LEFT JOIN done "
            "ON done.name = task.name AND done.key = task.key "
            "WHERE kin != task.key AND (status IS NULL OR (? AND status = 'error'))"
        )
        count: int = self._all(query, again)[0][0]
        return count

    def groups(self) -> Iterator[Task]:
        """Yield one pending task per group and requested size."""
        last, sizes = "", set[int | None]()
        for task in self.pending():
            if task.group != last:
                last, sizes = task.group, set()
            if task.row.upscale not in sizes:
                sizes.add(task.row.upscale)
                yield task

    # --- what is done -------------------------------------------------------------------------

    def keep(self, task: Task, outcome: Outcome) -> None:
        """Record that a task is done."""
        outcome_json = json.dumps(outcome.fields, ensure_ascii=False)
        values = (
            task.name, task.key, outcome.status, outcome_json, outcome.thumbnail, outcome.finished,
            outcome.seconds, json.dumps(hashes(outcome.files or {})),
        )  # fmt: skip
        with self._map_errors():
            self._db.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def done(self) -> Iterator[Done]:
        """Yield the rows of the plan that are done, in order."""
        query = (
            "SELECT number, body, outcome, thumbnail, finished, seconds FROM task JOIN done "
            "ON done.name = task.name AND done.key = task.key "
            "WHERE number > ? ORDER BY number LIMIT ?"
        )
        last = 0
        while rows := self._all(query, last, _PAGE):
            for _, body, outcome, *rest in rows:
                yield Done(Task.from_json(body), outcome, *rest)
            last = rows[-1][0]

    def strays(self) -> list[str]:
        """Return the names of results whose rows are no longer in the plan."""
        rows = self._all("SELECT name FROM done WHERE name NOT IN (SELECT name FROM task)")
        return [name for (name,) in rows]

    def forget(self, name: str) -> None:
        """Delete the record that a task is done."""
        with self._map_errors():
            self._db.execute("DELETE FROM done WHERE name = ?", (name,))

    def lose(self, there: Iterable[str]) -> None:
        """Mark planned tasks as pending again if the folder of their report is gone.

        Args:
            there: names of the existing folders, regardless of case.
        """
        with self._transaction():
            self._db.execute("CREATE TEMP TABLE there (name TEXT PRIMARY KEY COLLATE NOCASE)")
            names = ((name,) for name in there)
            self._db.executemany("INSERT OR IGNORE INTO there VALUES (?)", names)
            self._db.execute(
                "DELETE FROM done WHERE files != '{}' AND name IN (SELECT name FROM task) "
                "AND name COLLATE NOCASE NOT IN (SELECT name FROM there)"
            )
            self._db.execute("DROP TABLE there")

    # --- pictures -----------------------------------------------------------------------------

    def digest(self, path: Path) -> str:
        """Return the hash of a file's content, cached until its size or modification time changes.

        `missing` for an unreadable file, whose error is reported when the row is answered.
        """
        try:
            info = path.stat()
            if not stat.S_ISREG(info.st_mode):
                return "missing"
            place = f"{os.path.abspath(path)}\0{info.st_size}\0{info.st_mtime_ns}"
            rows = self._all("SELECT digest FROM picture WHERE place = ?", place)
            if rows:
                return str(rows[0][0])
            digest = sha256_of(path)
        except (OSError, ValueError):
            return "missing"
        with self._map_errors():
            self._db.execute("INSERT OR REPLACE INTO picture VALUES (?, ?)", (place, digest))
        return digest

    # --- within -------------------------------------------------------------------------------

    def _all(self, query: str, *values: object) -> list[Any]:
        with self._map_errors():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._map_errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _map_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            folder = visible(str(self.path.parent.parent))
            if "locked" in str(error):
                raise InputError(
                    f"{folder}: in use by another batch; wait for that, or name another folder"
                ) from None
            raise GroundglassError(
                f"{visible(str(self.path))}: {error}; free some disk space and run again, or "
                "remove the file to start over"
            ) from error
