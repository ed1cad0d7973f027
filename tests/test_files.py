from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from agent.errors import InputError
from agent.files import write_whole


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.txt"
    write_whole(path, b"one")
    write_whole(path, bytearray(b"two"))
    assert path.read_bytes() == b"two" and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("linked", [True, False])
def test_what_is_there_stays_unless_it_may_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    if not linked:  # a file system without links
        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.txt"
    write_whole(path, b"one", overwrite=False)
    with pytest.raises(InputError, match=r"a\.txt: exists; left alone"):
        write_whole(path, b"two", overwrite=False)
    assert path.read_bytes() == b"one" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(error)):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one" and list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_permissions_are_those_asked_for_or_those_of_what_is_replaced(tmp_path: Path) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    secret, shared = tmp_path / "secret", tmp_path / "shared"
    write_whole(secret, b"", mode=0o600)
    write_whole(shared, b"")
    mask = os.umask(0o022)
    os.umask(mask)
    assert mode(secret) == 0o600 and mode(shared) == 0o666 & ~mask
    shared.chmod(0o640)
    write_whole(shared, b"more")
    assert mode(shared) == 0o640
