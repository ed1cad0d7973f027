from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from agent.batch.result_cache import FolderCache, hashes, matching_files
from agent.systems.result_cache import RunOutput, unnamed
from agent.systems.spec import Job
from agent.types import Artefact, RunResult

KEY = sha256(b"key").hexdigest()
FILES = {"report.json": b"{}", "a.png": b"picture"}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A folder of a report, `reports/one`."""
    folder = tmp_path / "reports" / "one"
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


def test_what_is_as_it_was_is_held(report: Path) -> None:
    (report / "note.txt").write_text("mine")
    assert matching_files(report, hashes(FILES)) == FILES


@pytest.mark.parametrize("change", ["missing", "edited", "folder"])
def test_a_file_that_is_another_by_now_makes_the_whole_unusable(report: Path, change: str) -> None:
    if change == "edited":
        (report / "a.png").write_bytes(b"Picture")
    else:
        (report / "a.png").unlink()
    if change == "folder":
        (report / "a.png").mkdir()
    assert matching_files(report, hashes(FILES)) is None
    assert matching_files(report / "gone", hashes(FILES)) is None


@pytest.fixture
def folder_cache(tmp_path: Path) -> FolderCache:
    (tmp_path / "made").mkdir()
    (tmp_path / "work").mkdir()
    return opened(tmp_path)


def opened(home: Path) -> FolderCache:
    return FolderCache(home / "made", home / "reports", home / "work")


@pytest.fixture
def made() -> RunOutput:
    """What a tool made of a picture without a name: the file that `report` has."""
    from agent.imaging.picture import Picture

    np = pytest.importorskip("numpy")
    job = unnamed(Job("card", Picture("a.png", np.zeros((2, 2, 3), np.uint8)), "a"))
    digest = sha256(FILES["a.png"]).hexdigest()
    artefact = Artefact(name=f"{job.stem}.png", caption="c", sha256=digest)
    names = {"card": "card", "tool": "restore", "image": job.picture.name}
    result = RunResult(**names, status="ran", artefacts=(artefact,))
    return RunOutput(result, {artefact.name: FILES["a.png"]})


def put_and_keep(folder_cache: FolderCache, made: RunOutput) -> None:
    folder_cache.put(KEY, made, "a")
    folder_cache.keep(folder_cache.new_entries(), "one")


def test_what_was_made_is_found_again_by_anybody(
    folder_cache: FolderCache, made: RunOutput, report: Path, tmp_path: Path
) -> None:
    assert folder_cache.find(KEY) is None
    put_and_keep(folder_cache, made)
    assert folder_cache.new_entries() == {}
    assert [path.name for path in (tmp_path / "work").iterdir()] == [f"{KEY}.lock"]
    other = opened(tmp_path)
    assert other.find(KEY) == made
    assert other.find(sha256().hexdigest()) is None


def test_what_made_no_picture_is_found_again_too(
    folder_cache: FolderCache, made: RunOutput, tmp_path: Path
) -> None:
    nothing = RunOutput(made.result.model_copy(update={"artefacts": ()}), {})
    put_and_keep(folder_cache, nothing)
    assert folder_cache.find(KEY) == nothing


def test_it_is_worked_out_again_where_its_pictures_are_gone_or_changed(
    folder_cache: FolderCache, made: RunOutput, report: Path, tmp_path: Path
) -> None:
    put_and_keep(folder_cache, made)
    (report / "a.png").write_bytes(b"another")
    assert folder_cache.find(KEY) is None
    (report / "a.png").unlink()
    assert folder_cache.find(KEY) is None


@pytest.mark.parametrize("length", [0, 1, 20])
def test_an_entry_that_was_cut_off_is_none(
    folder_cache: FolderCache, made: RunOutput, report: Path, tmp_path: Path, length: int
) -> None:
    put_and_keep(folder_cache, made)
    entry = tmp_path / "made" / KEY
    entry.write_bytes(entry.read_bytes()[:length])
    assert folder_cache.find(KEY) is None
    folder_cache.forget(())
    assert not entry.exists()


def test_entries_of_reports_that_are_gone_are_removed(
    folder_cache: FolderCache, made: RunOutput, report: Path, tmp_path: Path
) -> None:
    put_and_keep(folder_cache, made)
    folder_cache.forget({"two"})
    assert folder_cache.find(KEY) == made
    folder_cache.forget({"one", "two"})
    assert not list((tmp_path / "made").iterdir())


def test_a_full_disk_only_means_that_it_is_worked_out_again(
    folder_cache: FolderCache, made: RunOutput, report: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "work")
    put_and_keep(folder_cache, made)
    assert folder_cache.find(KEY) is None


def test_others_find_what_was_made_before_there_is_a_report(
    folder_cache: FolderCache, made: RunOutput, tmp_path: Path
) -> None:
    folder_cache.put(KEY, made, "a")
    other = opened(tmp_path)
    assert other.find(KEY) == made and other.new_entries() == {}
    (tmp_path / "work" / KEY / "a.png").write_bytes(b"pict")  # its maker died
    assert other.find(KEY) is None
    other.put(KEY, made, "b")
    assert folder_cache.find(KEY) == made
