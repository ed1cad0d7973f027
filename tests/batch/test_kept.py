from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from agent.batch.kept import Shelf, hashes, held
from agent.steps.memory import Made, unnamed
from agent.tools import Job
from agent.types import Artefact, RunResult

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
    assert held(report, hashes(FILES)) == FILES


@pytest.mark.parametrize("change", ["missing", "edited", "folder"])
def test_a_file_that_is_another_by_now_makes_the_whole_unusable(report: Path, change: str) -> None:
    if change == "edited":
        (report / "a.png").write_bytes(b"Picture")
    else:
        (report / "a.png").unlink()
    if change == "folder":
        (report / "a.png").mkdir()
    assert held(report, hashes(FILES)) is None
    assert held(report / "gone", hashes(FILES)) is None


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "made").mkdir()
    return Shelf(tmp_path / "made", tmp_path / "reports")


@pytest.fixture
def made() -> Made:
    """What a tool made of a picture without a name: the file that `report` has."""
    from agent.imaging.picture import Picture

    np = pytest.importorskip("numpy")
    job = unnamed(Job("card", Picture("a.png", np.zeros((2, 2, 3), np.uint8)), "a"))
    digest = sha256(FILES["a.png"]).hexdigest()
    artefact = Artefact(name=f"{job.stem}.png", caption="c", sha256=digest)
    names = {"card": "card", "tool": "restore", "image": job.picture.name}
    result = RunResult(**names, status="ran", artefacts=(artefact,))
    return Made(result, {artefact.name: FILES["a.png"]})


def shelved(shelf: Shelf, made: Made, work: Path) -> None:
    shelf.put("key", made, "a")
    shelf.keep(shelf.taken(), "one", work)


def test_what_was_made_is_found_again_by_anybody(
    shelf: Shelf, made: Made, report: Path, tmp_path: Path
) -> None:
    assert shelf.find("key") is None
    shelved(shelf, made, tmp_path)
    assert shelf.taken() == {}
    other = Shelf(tmp_path / "made", tmp_path / "reports")
    assert other.find("key") == made
    assert other.find("another") is None


def test_what_made_no_picture_is_found_again_too(shelf: Shelf, made: Made, tmp_path: Path) -> None:
    nothing = Made(made.result.model_copy(update={"artefacts": ()}), {})
    shelved(shelf, nothing, tmp_path)
    assert shelf.find("key") == nothing


def test_it_is_worked_out_again_where_its_pictures_are_gone_or_changed(
    shelf: Shelf, made: Made, report: Path, tmp_path: Path
) -> None:
    shelved(shelf, made, tmp_path)
    (report / "a.png").write_bytes(b"another")
    assert shelf.find("key") is None
    (report / "a.png").unlink()
    assert shelf.find("key") is None


@pytest.mark.parametrize("length", [0, 1, 20])
def test_an_entry_that_was_cut_off_is_none(
    shelf: Shelf, made: Made, report: Path, tmp_path: Path, length: int
) -> None:
    shelved(shelf, made, tmp_path)
    entry = tmp_path / "made" / "key"
    entry.write_bytes(entry.read_bytes()[:length])
    assert shelf.find("key") is None
    shelf.forget(())
    assert not entry.exists()


def test_entries_of_reports_that_are_gone_are_removed(
    shelf: Shelf, made: Made, report: Path, tmp_path: Path
) -> None:
    shelved(shelf, made, tmp_path)
    shelf.forget({"two"})
    assert shelf.find("key") == made
    shelf.forget({"one", "two"})
    assert not list((tmp_path / "made").iterdir())


def test_a_full_disk_only_means_that_it_is_worked_out_again(
    shelf: Shelf, made: Made, report: Path, tmp_path: Path
) -> None:
    shelf.put("key", made, "a")
    shelf.keep(shelf.taken(), "one", tmp_path / "no such folder")
    assert shelf.find("key") is None
