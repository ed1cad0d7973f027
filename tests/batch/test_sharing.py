"""What is the same is done once, over stops and starts too, and changes no byte of any row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.batch import Batch, Totals
from agent.settings import Settings
from agent.systems.restoration import tool

pytestmark = pytest.mark.usefixtures("one_thread")

Make = Callable[..., Batch]
Content = Callable[[Path], dict[str, bytes]]

CARD = """\
models:
  - id: net
    name: Net-Plus
    task: deblurring photographs
    summary: Net-Plus removes blur from photographs.
    links: {paper: "https://example.org/net"}
    tool: restore
"""


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with every picture that goes through the network."""
    seen: list[str] = []
    restore = tool.restore

    def noted(open_restorer, job, settings, progress):
        seen.append(f"{job.factor}x")
        return restore(open_restorer, job, settings, progress)

    monkeypatch.setattr(tool, "restore", noted)
    return seen


@pytest.fixture
def rows(picture: Path) -> list[dict[str, object]]:
    """Questions about one picture under several names."""
    from PIL import Image

    folder = picture.parent
    (folder / "again").mkdir()
    for copy in ("copy of it.png", "again/shot.png"):
        (folder / copy).write_bytes(picture.read_bytes())
    Image.open(picture).save(folder / "other.bmp")
    Image.open(picture).rotate(90).save(folder / "turned.png")
    how, why = "How does Net-Plus remove blur?", "Why is it sharp after Net-Plus?"
    return [
        {"id": "a", "question": how, "images": "shot.png"},
        {"id": "b", "question": how, "images": "copy of it.png"},
        {"id": "c", "question": why, "images": "again/shot.png"},
        {"id": "d", "question": how, "images": "shot.png", "evidence": "full"},
        {"id": "e", "question": how, "images": ["turned.png", "other.bmp"]},
        {"id": "f", "question": how, "images": "shot.png"},
        {"id": "g", "question": why, "images": "turned.png"},
    ]


@pytest.fixture
def ask(
    batch: Make, registry: Path, weights: Path, restored: list[str], rows: list[dict[str, object]]
) -> Make:
    """Makes a batch of these rows that restores pictures."""
    registry.write_text(CARD)
    settings = Settings(registry=registry, weights=weights)

    def make(given: list[dict[str, object]] = rows, output: str = "out", **options: object):
        return replace(batch(given, output, **options), settings=settings)

    return make


class Stopped(Exception):
    """In place of a kill."""


def stop(_: Totals) -> None:
    if _.fresh:
        raise Stopped


def test_a_picture_is_restored_once_whatever_its_name(ask: Make, restored: list[str]) -> None:
    assert ask().run().failed == 0
    assert restored == ["1x", "1x"]  # and once as it was turned


def test_a_size_is_one_size_however_it_is_asked_for(
    ask: Make, rows: list[dict[str, object]], restored: list[str]
) -> None:
    named = {"id": "named", "question": "Why is it sharp when I enlarge it 2x with Net-Plus?"}
    given = [{**rows[0], "upscale": 2}, rows[6], {**named, "images": "copy of it.png"}]
    assert ask(given).run().failed == 0
    assert restored == ["2x", "1x"]


def test_over_stops_and_starts_too(ask: Make, restored: list[str], content: Content) -> None:
    ask(output="whole").run()
    restored.clear()
    made = ask()
    for _ in range(7):
        with pytest.raises(Stopped):
            made.run(progress=stop)
    made.run()
    assert restored == ["1x", "1x"]
    assert content(made.output) == content(ask(output="whole").output)


def test_a_row_has_the_bytes_that_it_would_have_alone(
    ask: Make, rows: list[dict[str, object]], content: Content
) -> None:
    together = ask()
    together.run()
    for row in rows:
        alone = ask([row], output=f"alone-{row['id']}")
        alone.run()
        place = Path("reports", str(row["id"]))
        assert content(alone.output / place) == content(together.output / place)
        assert len(content(alone.output / place)) > 8


def test_each_report_names_the_file_of_its_row(ask: Make) -> None:
    made = ask()
    made.run()
    told = (made.output / "reports/b/report.md").read_text()
    assert "copy of it.png" in told and "shot.png" not in told
    held = json.loads((made.output / "reports/b/report.json").read_text())
    assert {run["image"] for run in held["runs"]} == {"copy of it.png"}


def test_a_dry_run_counts_what_is_restored_already_as_served(
    ask: Make, rows: list[dict[str, object]], restored: list[str]
) -> None:
    first = ask().estimate()
    assert (first.pictures, first.restored) == (3, 0)
    ask(rows[:1]).run()
    restored.clear()
    larger = {**rows[1], "id": "larger", "upscale": 2}
    found = ask([*rows, larger]).estimate()
    assert (found.pictures, found.restored) == (3, 1) and not restored
    pixels = 2 * 32 * 40 + 64 * 80  # as it was turned, in two rows, and larger
    assert found.megapixels == pytest.approx(pixels / 1e6)


def test_what_lies_in_the_folder_is_used_only_as_it_was_written(
    ask: Make, rows: list[dict[str, object]], restored: list[str], content: Content
) -> None:
    ask(output="whole").run()
    made = ask(rows[:1])
    made.run()
    restored.clear()
    picture = made.output / "reports/a/shot-restored.png"
    picture.write_bytes(picture.read_bytes()[:-1])
    again = ask()
    again.run()
    assert restored == ["1x", "1x"]
    picture.write_bytes((made.output / "reports/f/shot-restored.png").read_bytes())
    assert content(again.output) == content(ask(output="whole").output)


def test_a_picture_of_a_row_that_is_gone_is_restored_again(
    ask: Make, rows: list[dict[str, object]], restored: list[str], content: Content
) -> None:
    ask(rows[:2]).run()
    ask(rows[6:]).run()
    restored.clear()
    made = ask(rows[2:3])
    made.run()
    assert restored == ["1x"]
    assert len(list((made.output / ".groundglass/made").iterdir())) == 1


def test_other_weights_restore_everything_again(
    ask: Make, rows: list[dict[str, object]], restored: list[str], weights: Path
) -> None:
    from safetensors.torch import load_file, save_file

    made = ask(rows[:1])
    made.run()
    tensors = load_file(weights)
    save_file({name: tensor + 0.001 for name, tensor in tensors.items()}, weights)
    assert made.run().fresh == 1
    assert restored == ["1x", "1x"]


def test_a_question_is_asked_once_over_stops_and_starts(
    batch: Make, asked: list[str], content: Content
) -> None:
    rows = [{"id": f"q{i}", "question": "How does Net-Plus remove blur?"} for i in range(4)]
    batch(rows, output="whole").run()
    asked.clear()
    made = batch(rows)
    with pytest.raises(Stopped):
        made.run(progress=stop)
    totals = made.run()
    assert asked == ["How does Net-Plus remove blur?"] and (totals.fresh, totals.done) == (3, 4)
    assert content(made.output) == content(batch(rows, output="whole").output)


def test_a_row_that_comes_later_takes_the_answer_of_one_that_goes(
    batch: Make, asked: list[str], content: Content
) -> None:
    question = "How does Net-Plus remove blur?"
    batch([{"id": "old", "question": question}]).run()
    made = batch([{"id": "new", "question": question}])
    made.run()
    assert asked == [question]
    assert [path.name for path in (made.output / "reports").iterdir()] == ["new"]


def test_an_answer_whose_files_were_changed_is_given_anew(
    batch: Make, asked: list[str], content: Content
) -> None:
    rows = [{"id": f"q{i}", "question": "How does Net-Plus remove blur?"} for i in range(2)]
    first = batch(rows[:1])
    first.run()
    (first.output / "reports/q0/report.md").write_text("mine")
    made = batch(rows)
    made.run()
    assert len(asked) == 2
    files = content(made.output / "reports/q1")
    assert b"mine" not in files["report.md"]


def test_what_failed_is_no_answer_to_take_over(batch: Make, tmp_path: Path) -> None:
    row = {"question": "How does Net-Plus work?", "images": ["p.png"]}
    batch([{"id": "a", **row}]).run()
    assert batch([{"id": "a", **row}, {"id": "b", **row}]).run().fresh == 1
    assert batch([{"id": "a", **row}, {"id": "b", **row}]).run(retry_failed=True).fresh == 2
