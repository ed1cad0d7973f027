"""An index on disk is whole or it is not there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from agent.search import array_files

ARRAYS = {
    "numbers": np.arange(100, dtype=np.int32),
    "table": np.ones((6, 50), np.uint64),
    "none": np.zeros((0, 384), np.int8),
}


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    assert array_files.save(tmp_path / "a" / "b", ARRAYS)
    loaded = array_files.load(tmp_path / "a" / "b")
    assert loaded is not None
    assert loaded.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(loaded[name], array)
        assert not loaded[name].flags.writeable or not array.size


@pytest.mark.parametrize("file", ["numbers.npy", "sizes.json"])
@pytest.mark.parametrize("damage", ["cut", "gone", "noise"])
def test_a_damaged_folder_is_taken_for_missing(tmp_path: Path, file: str, damage: str) -> None:
    folder = tmp_path / "index"
    array_files.save(folder, ARRAYS)
    path = folder / file
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-7] if damage == "cut" else b"\x00" * len(content))
    assert array_files.load(folder) is None
    assert array_files.save(folder, ARRAYS)
    assert array_files.load(folder) is not None


def test_a_kill_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        array_files.save(tmp_path / "index", ARRAYS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_cache_is_no_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert not array_files.save(tmp_path / "index", ARRAYS)


def test_a_file_where_the_cache_should_be_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    assert not array_files.save(tmp_path / "cache" / "index", ARRAYS)
    assert array_files.load(tmp_path / "cache" / "index") is None
    assert array_files.recent(tmp_path / "cache", "*", 3) == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    assert not array_files.save(tmp_path / "index", ARRAYS)
    assert list(tmp_path.iterdir()) == []


def test_what_was_used_last_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_files, "KEPT", 3)
    for i in range(4):
        array_files.save(tmp_path / f"index-{i}", {"number": np.array([i])})
        os.utime(tmp_path / f"index-{i}", (i, i))
    assert array_files.load(tmp_path / "index-0") is not None
    array_files.save(tmp_path / "index-4", ARRAYS)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["index-0", "index-2", "index-3", "index-4"]
    recent = array_files.recent(tmp_path, "index-*", 2)
    assert [set(arrays) for arrays in recent] == [set(ARRAYS), {"number"}]
    assert recent[1]["number"] == 0
