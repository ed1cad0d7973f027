"""A database on disk is whole or it is not there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.files import database
from agent.files.database import Damaged, create, open_stored, recent, save


def numbers(count: int) -> sqlite3.Connection:
    table = create()
    table.execute("CREATE TABLE numbers (number INTEGER)")
    table.executemany("INSERT INTO numbers VALUES (?)", ((i,) for i in range(count)))
    return table


def total(path: Path) -> int:
    ((value,),) = open_stored(path).execute("SELECT sum(number) FROM numbers")
    return int(value)


@pytest.mark.parametrize("name", ["a.db", "ä?#%41 b.db"])
def test_a_saved_database_is_read_and_cannot_be_changed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "folder" / name
    save(numbers(1000), path)
    assert total(path) == 499_500
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        open_stored(path).execute("DELETE FROM numbers")
    assert [each.name for each in path.parent.iterdir()] == [name]


DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda whole: b"",
    lambda whole: whole[:-1],
    lambda whole: whole[:4096],
    lambda whole: whole + b"\0",
    lambda whole: bytes(len(whole)),
    lambda whole: whole[:100] + bytes(len(whole) - 100),
    lambda whole: b"not a database at all, but long enough to hold the header of one " * 9,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_noticed(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a.db"
    save(numbers(5000), path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Damaged):
        open_stored(path)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_stored(tmp_path / "none.db")
    assert recent(tmp_path / "none", "*") == []


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    save(numbers(3), path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        save(numbers(9), path)
    assert total(path) == 3
    assert list(tmp_path.iterdir()) == [path]


def test_databases_that_were_used_last_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "KEEP", 3)
    for i in range(4):
        save(numbers(i + 1), tmp_path / f"{i}.db")
        os.utime(tmp_path / f"{i}.db", (i, i))
    open_stored(tmp_path / "0.db")
    save(numbers(9), tmp_path / "4.db")
    names = [path.name for path in recent(tmp_path, "*.db")]
    assert sorted(names) == ["0.db", "2.db", "3.db", "4.db"]
    assert names[2:] == ["3.db", "2.db"]


def test_a_sqlite_without_full_text_search_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = sqlite3.connect(":memory:")

    class Without:
        def execute(self, _: str) -> sqlite3.Cursor:
            return plain.execute("SELECT 0")

    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: Without())
    with pytest.raises(ConfigError, match="has no FTS5"):
        create()
