"""A row out for each row in, in order; nothing lost, doubled or half-written."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from agent.batch import Batch, Totals
from agent.errors import GroundglassError, InputError

Make = Callable[..., Batch]
Rows = list[dict[str, object]]
Content = Callable[[Path], dict[str, bytes]]


def results(batch: Batch) -> list[dict]:
    text = (batch.output / "results.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def test_a_row_out_for_each_row_in_in_order_with_its_status(batch: Make, rows: Rows):
    made = batch()
    totals = made.run()
    found = results(made)
    assert [row["row"] for row in found] == [1, 2, 3, 4, 5]
    assert [row["id"] for row in found] == ["why", "2", "again", "bad", "a b/ü"]
    assert [row["status"] for row in found][1:4:2] == ["cannot_answer", "error"]
    assert found[0]["extra"] == {"topic": "blur"}
    assert found[0]["cards"] == ["net"] and found[1]["cards"] == []
    assert "from 1 to 8" in found[3]["error"] and found[3]["report"] is None
    assert totals.rows == 5 and totals.failed == 1 and totals.done == 5
    for row in found:
        if row["folder"]:
            saved = json.loads((made.output / row["folder"] / "report.json").read_text())
            assert saved == row["report"]
    assert sum(row["folder"] is not None for row in found) == 4
    assert len(list((made.output / "reports").iterdir())) == 4
    assert (made.output / "references.bib").read_text().count("@") == 2


def test_pictures_are_found_as_people_name_them(
    batch: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    place = tmp_path / unicodedata.normalize("NFD", "für uns") / "ü 1.png"
    place.parent.mkdir()
    Image.new("RGB", (8, 8)).save(place)
    home = unicodedata.normalize("NFC", "für uns")
    named = [f"{home}/ü 1.png", f"~/{home}/ü 1.png", f"file://{tmp_path}/{home}/ü%201.png"]
    question = "How does Net-Plus remove blur?"
    made = batch(
        [
            {"question": question, "images": [name], "evidence": "none"}
            for name in (*named, "https://a.test/b.png")
        ]
    )
    made.run()
    *found, address = results(made)
    for row in found:
        assert Path(row["report"]["question"]["images"][0]).samefile(place)
    assert (address["status"], address["report"]) == ("error", None)
    assert "is a network address" in address["error"]


def test_duplicates_are_computed_once(batch: Make, asked: list[str], rows: Rows):
    made = batch()
    made.run()
    assert sorted(asked) == sorted({str(row["question"]) for row in rows})
    first, _, again, *_ = results(made)
    assert first["report"] == again["report"]


def test_the_same_input_gives_the_same_bytes(batch: Make, content: Content):
    first, second = batch(output="first"), batch(output="second")
    first.run()
    second.run()
    assert content(first.output) == content(second.output)
    assert len(content(first.output)) > 25


@pytest.mark.slow
def test_several_workers_give_the_same_bytes(batch: Make, settings, monkeypatch, content: Content):
    one, two = batch(output="one"), batch(output="two")
    monkeypatch.undo()  # workers are other processes, with the sentence model
    one.run()
    totals = two.run(workers=2)
    assert totals.done == 5
    assert content(one.output) == content(two.output)


@pytest.mark.slow
def test_a_worker_that_dies_fails_one_row_at_most(batch: Make, monkeypatch):
    from multiprocessing import active_children

    made = batch([{"id": f"q{i}", "question": f"Is Net-Plus slow, {i}?"} for i in range(300)])
    monkeypatch.undo()

    def kill(totals: Totals) -> None:
        if totals.fresh == 1:
            active_children()[0].kill()

    totals = made.run(workers=2, progress=kill)
    assert totals.done == 300 and totals.failed <= 1
    assert made.run(retry_failed=True).failed == 0
    assert [row["row"] for row in results(made)] == list(range(1, 301))


def test_what_is_done_is_not_done_again(batch: Make, asked: list[str], rows: Rows):
    batch(rows[3:]).run()
    asked.clear()
    totals = batch(rows).run()
    assert asked == [rows[0]["question"], rows[1]["question"]]
    assert totals.fresh == 3 and totals.done == 5


@pytest.mark.parametrize("gone", ["reports/a-b-*", "reports"])
def test_a_report_that_somebody_removed_is_made_again(gone: str, batch: Make, content: Content):
    made = batch()
    made.run()
    expected = content(made.output)
    (place,) = made.output.glob(gone)
    shutil.rmtree(place)
    assert made.estimate().statuses["pending"] == (4 if gone == "reports" else 1)
    totals = made.run()
    assert totals.fresh == (4 if gone == "reports" else 1)  # a row that failed has none
    assert content(made.output) == expected
    assert made.run().fresh == 0


def test_a_report_beyond_the_limit_is_missed_when_its_turn_comes(batch: Make, content: Content):
    made = batch()
    made.run()
    expected = content(made.output)
    shutil.rmtree(made.output / "reports/again")
    assert batch(limit=2).run().fresh == 0
    assert batch().run().fresh == 1
    assert content(made.output) == expected


def test_rows_that_change_move_or_go_leave_nothing_behind(
    batch: Make, rows: Rows, content: Content
):
    made = batch(rows)
    made.run()
    note = made.output / "reports" / "again" / "note.txt"
    note.write_text("mine")
    changed = [{"question": "Is Counter fast?", "id": "new"}, rows[4], {**rows[0], "topic": "b"}]
    batch(changed).run()
    fresh = batch(changed, output="fresh")
    fresh.run()
    there = content(made.output)
    assert there.pop("reports/again/note.txt") == b"mine"  # not ours to remove
    del there["reports/again"]
    assert there == content(fresh.output)


def test_failed_rows_are_answered_again_when_asked_for(batch: Make, tmp_path: Path, rows: Rows):
    missing = [{"id": "p", "question": "How does Net-Plus work?", "images": ["p.png"]}, rows[3]]
    assert batch(missing).run().failed == 2
    assert batch(missing).run().fresh == 0
    assert batch(missing).run(retry_failed=True).fresh == 2
    from PIL import Image

    Image.new("RGB", (40, 30), "red").save(tmp_path / "p.png")
    made = batch(missing)
    totals = made.run()  # a picture that has come is another input
    assert totals.fresh == 1 and totals.failed == 1
    assert results(made)[0]["status"] != "error"
    assert "data:image/webp" in (made.output / "index.html").read_text()


def test_a_limit_takes_the_first_rows_and_the_rest_follows(batch: Make, rows: Rows):
    made = batch(limit=2)
    assert made.run().rows == 2
    assert [row["id"] for row in results(made)] == ["why", "2"]
    assert batch().run().fresh == 3
    batch(limit=1).run()
    assert batch().run().fresh == 0  # what lies beyond the limit is kept


def test_progress_counts_rows_and_failures(batch: Make, rows: Rows):
    seen: list[tuple[int, int, int]] = []
    batch().run(progress=lambda totals: seen.append((totals.done, totals.rows, totals.failed)))
    assert seen[0] == (0, 5, 0) and seen[-1] == (5, 5, 1)
    assert [done for done, *_ in seen] == list(range(6))


@pytest.mark.parametrize("name", ["results.jsonl", "index.html", "reports"])
def test_files_of_others_are_left_alone(name: str, batch: Make):
    made = batch()
    made.output.mkdir()
    (made.output / name).write_text("mine")
    with pytest.raises(InputError, match=name):
        made.run()
    assert (made.output / name).read_text() == "mine"


def test_two_at_once_in_one_folder_are_refused(batch: Make):
    def again(totals: Totals) -> None:
        if totals.fresh == 1:
            with pytest.raises(InputError, match="another batch"):
                batch().run()

    assert batch().run(progress=again).done == 5


def test_an_empty_file_is_refused(batch: Make):
    with pytest.raises(InputError, match="no questions"):
        batch([]).run()


@pytest.mark.parametrize("full_after", range(0, 40, 4))
def test_a_disk_that_is_full_loses_nothing(
    full_after: int, batch: Make, monkeypatch, content: Content
):
    written = 0

    def wait_for_the_disk(file: int) -> None:
        nonlocal written
        written += 1
        if written > full_after:
            raise OSError(errno.ENOSPC, "No space left on device")

    made = batch(output="full")
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", wait_for_the_disk)
        if full_after < 4 * 5:  # five files a report
            with pytest.raises(GroundglassError, match="No space left"):
                made.run()
            assert all(len(list(f.iterdir())) == 5 for f in made.output.glob("reports/*"))
    made.run()
    whole = batch(output="whole")
    whole.run()
    assert content(made.output) == content(whole.output)


def test_a_dry_run_counts_and_estimates_and_touches_nothing(
    batch: Make, weights: Path, tmp_path: Path, monkeypatch
):
    ticks = SimpleNamespace(monotonic=itertools.count(0.0, 1.0).__next__)
    monkeypatch.setattr("agent.batch.dry_run.time", ticks)
    Image.new("RGB", (500, 400), "red").save(tmp_path / "p.png")
    rows = [
        {"id": "a", "question": "How does Net-Plus work?", "images": "p.png", "upscale": 2},
        {"id": "b", "question": "How does Net-Plus work?", "images": "p.png", "upscale": 2},
        {"id": "c", "question": "Is Counter fast?"},
        {"id": "d", "question": ""},
        {"id": "e", "question": "How does Net-Plus work?", "images": "p.png", "upscale": 1},
    ]
    made = batch(rows)
    made = replace(made, settings=replace(made.settings, weights=weights))
    found = made.estimate()
    assert (found.rows, found.duplicates, found.unusable) == (5, 1, 1)
    assert found.bad == ((4, "the row has no question; expected text in the 'question' column"),)
    assert found.pictures == 2 and found.megapixels == pytest.approx(0.8 + 0.2)
    # A second for all questions that are tried, and one for 256 × 256 pixels of a picture.
    assert 15 < found.seconds < 17 and found.cost_usd == 0.0
    assert not made.output.exists()


@pytest.mark.parametrize(
    ("pictures", "cores", "free", "wanted", "workers"),
    [
        (3, 8, None, None, 3),  # no more than there are pictures to work on
        (3, 2, None, None, 2),
        (0, 8, None, None, 1),
        (3, 8, 6_000 * 2**20, None, 2),
        (3, 8, 0, None, 1),
        (3, 8, None, 1, 1),
        (1, 8, None, 5, 5),
    ],
)
def test_as_many_workers_as_serve_and_fit(
    pictures: int, cores: int, free: int | None, wanted: int | None, workers: int,
    batch: Make, weights: Path, tmp_path: Path, monkeypatch,
):  # fmt: skip
    monkeypatch.setattr("agent.batch.cores", lambda: cores)
    monkeypatch.setattr("agent.batch.available_memory", lambda: free)
    rows = [{"question": "Is Counter fast?"}] * 3
    for i in range(pictures):
        Image.new("RGB", (40, 30), (i, 0, 0)).save(tmp_path / f"{i}.png")
        rows += [{"question": "How does Net-Plus work?", "images": f"{i}.png"}] * 2
    made = batch(rows)
    made = replace(made, settings=replace(made.settings, weights=weights))
    assert made.estimate(wanted).workers == workers
    on_card = replace(made, settings=replace(made.settings, device="cuda"))
    assert on_card.estimate(None).workers == 1


@pytest.mark.slow
def test_a_pdf_of_each_report_is_the_same_every_time(batch: Make, content: Content, rows: Rows):
    if find_spec("weasyprint") is None:
        pytest.skip("needs groundglass[pdf]")
    first, second = (
        batch(output="first", formats=("pdf",)),
        batch(output="second", formats=("pdf",)),
    )
    for made in (first, second):
        made.run()
    assert content(first.output) == content(second.output)
    assert (first.output / "reports" / "why" / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert '"report.pdf"' in (first.output / "index.html").read_text()
    plain = batch(output="first")
    plain.run()
    assert not list(plain.output.rglob("*.pdf"))
    assert '"report.pdf"' not in (plain.output / "index.html").read_text()
