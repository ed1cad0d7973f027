"""The folder: complete or not there, ours replaced, foreign files never touched."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.errors import GroundglassError, InputError
from agent.report.folder import write
from agent.types import Report

TEXTS = {"report.json", "report.md", "report.html", "references.bib", "references.csl.json"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_new_folder_holds_the_report_and_its_pictures(
    make: SimpleNamespace, tmp_path: Path
) -> None:
    report = make.report()
    target = tmp_path / "deep" / "out"
    written = write(report, target)
    assert {path.name for path in written} == names(target) == TEXTS | set(report.pictures)
    assert names(tmp_path / "deep") == {"out"}
    assert Report.model_validate_json((target / "report.json").read_bytes()).answer == report.answer
    for run in json.loads((target / "report.json").read_text())["runs"]:
        for item in run["artefacts"]:
            assert sha256((target / item["name"]).read_bytes()).hexdigest() == item["sha256"]
    assert (target / "report.md").read_text(encoding="utf-8").endswith("\n")


def test_the_folder_can_be_read_by_others_as_usual(make: SimpleNamespace, tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        write(make.report(), tmp_path / "out")
    finally:
        os.umask(old)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


def test_our_report_is_replaced_and_its_pictures_go(make: SimpleNamespace, tmp_path: Path) -> None:
    write(make.report(), tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    write(make.abstaining(), tmp_path / "out")
    assert names(tmp_path / "out") == TEXTS | {"notes.txt"}
    assert "bread" in (tmp_path / "out" / "report.md").read_text()


def test_a_picture_that_was_changed_since_is_kept(make: SimpleNamespace, tmp_path: Path) -> None:
    write(make.report(), tmp_path)
    (tmp_path / "shot-restored.png").write_bytes(b"retouched")
    write(make.abstaining(), tmp_path)
    assert names(tmp_path) == TEXTS | {"shot-restored.png"}


def test_a_report_of_another_version_is_ours_too(make: SimpleNamespace, tmp_path: Path) -> None:
    write(make.report(), tmp_path)
    content = json.loads((tmp_path / "report.json").read_text())
    (tmp_path / "report.json").write_text(json.dumps({**content, "new_field": 1}))
    write(make.report(), tmp_path)
    assert "new_field" not in (tmp_path / "report.json").read_text()


@pytest.mark.parametrize("name", ["report.md", "shot-restored.png", "report.json"])
@pytest.mark.parametrize("content", ["mine", '{"runs": []}', "[]"])
def test_a_foreign_file_is_never_replaced(
    make: SimpleNamespace, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=f"already contains {name}"):
        write(make.report(), tmp_path)
    assert names(tmp_path) == {name}
    assert (tmp_path / name).read_text() == content


def test_the_users_picture_is_safe_in_a_folder_of_ours(
    make: SimpleNamespace, tmp_path: Path
) -> None:
    write(make.abstaining(), tmp_path)
    (tmp_path / "shot-restored.png").write_bytes(b"mine")
    with pytest.raises(InputError, match="shot-restored"):
        write(make.report(), tmp_path)
    assert "bread" in (tmp_path / "report.md").read_text()


def test_a_folder_in_the_place_of_a_file_is_refused_before_anything_is_done(
    make: SimpleNamespace, tmp_path: Path
) -> None:
    write(make.abstaining(), tmp_path)
    (tmp_path / "report.html").unlink()
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InputError, match=r"already contains report\.html"):
        write(make.report(), tmp_path)
    assert "bread" in (tmp_path / "report.json").read_text()


def test_a_file_is_no_folder(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        write(make.report(), tmp_path / "out")


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_and_an_interruption_leave_what_was_there(
    make: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    existing: bool,
    failure: BaseException,
) -> None:
    target = tmp_path / "out"
    if existing:
        write(make.abstaining(), target)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    written: list[int] = []

    def wait_for_the_disk(file: int) -> None:
        written.append(file)
        if len(written) == 3:
            raise failure

    expected = GroundglassError if isinstance(failure, OSError) else KeyboardInterrupt
    with monkeypatch.context() as patched, pytest.raises(expected):
        patched.setattr(os, "fsync", wait_for_the_disk)
        write(make.report(), target)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert target.exists() == existing


def test_a_disk_that_refuses_gives_one_line(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(GroundglassError, match=r"cannot be written to .*; name another folder"):
        write(make.report(), tmp_path / "file" / "out")


@pytest.mark.parametrize(
    "name",
    ["../evil.png", "a/b.png", "", ".", "..", ".hidden", "report.md", "Report.HTML", "a\x1b.png",
     "a\\b.png", "x" * 300],
)  # fmt: skip
def test_a_picture_cannot_be_written_anywhere_else(
    make: SimpleNamespace, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError, match="picture name"):
        write(make.report(pictures={name: make.png()}), tmp_path / "out")
    assert names(tmp_path) == set()


def test_a_report_that_lists_foreign_files_removes_none(
    make: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "keep.txt").write_bytes(b"mine")
    out = tmp_path / "out"
    write(make.report(), out)
    content = json.loads((out / "report.json").read_text())
    digest = sha256(b"mine").hexdigest()
    content["runs"][0]["artefacts"] = [{"name": "../keep.txt", "caption": "", "sha256": digest}]
    (out / "report.json").write_text(json.dumps(content))
    write(make.abstaining(), out)
    assert (tmp_path / "keep.txt").read_bytes() == b"mine"
