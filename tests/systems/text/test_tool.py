"""Reading text: what is found, what changed, and that the words of a picture stay data."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from agent.imaging.picture import Picture
from agent.measures.legibility import Word
from agent.references import references_in
from agent.settings import Settings
from agent.systems.catalogue import TOOLS
from agent.systems.run import run_tool
from agent.systems.spec import Job
from agent.systems.text import tool as read_text
from agent.systems.text.ocr import Reading, why_unavailable
from agent.systems.text.tool import find_and_read, quotable
from agent.text import first_unsafe
from agent.types import Evidence, RunResult

needs_ocr = pytest.mark.skipif(why_unavailable() is not None, reason="rapidocr is not installed")


def sign(text: str) -> Picture:
    page = Image.new("RGB", (200, 180), "white")  # small and square is fast
    ImageDraw.Draw(page).text((20, 70), text, "black", ImageFont.load_default(28))
    return Picture("sign.png", np.asarray(page))


def run(job: Job) -> tuple[RunResult, dict[str, bytes]]:
    return run_tool(TOOLS["read_text"], job, Settings(), lambda line: None)


def by_key(result: RunResult) -> dict[str, Evidence]:
    assert len({item.id for item in result.evidence}) == len(result.evidence)
    assert all(item.id.startswith("sign.text-") for item in result.evidence)
    return {item.id.removeprefix("sign.text-"): item for item in result.evidence}


@needs_ocr
def test_a_sign_is_read() -> None:
    result, files = run(Job("llavar", sign("Smoking"), "sign"))
    found = by_key(result)
    assert (result.status, found["lines"].value, found["line-1"].text) == ("ran", 1, "Smoking")
    assert found["words-input"].value == 1 and 80 < found["confidence-input"].value <= 100
    assert "agreement" not in found  # there is nothing to compare with
    (name,) = files
    frame = np.asarray(Image.open(io.BytesIO(files[name])))
    assert name == "sign-text.png" and (frame == (0, 114, 178)).all(-1).any()


@needs_ocr
@pytest.mark.parametrize("size", [(10_000, 1), (1, 10_000), (300, 4), (4, 4)])
def test_a_picture_too_flat_for_letters_is_skipped_with_the_reason(size: tuple[int, int]) -> None:
    width, height = size
    flat = Picture("sign.png", np.zeros((height, width, 3), np.uint8))
    result, files = run(Job("llavar", flat, "sign"))
    assert result.status == "skipped" and files == {}
    assert f"too low to hold text, {width} × {height} pixels" in str(result.reason)


@needs_ocr
def test_a_reading_that_restoration_changed_is_told_before_and_after() -> None:
    versions = {"input": sign("Platform"), "restored": sign("Platfarm")}
    found = by_key(run(Job("llavar", versions["input"], "sign", 1, versions))[0])
    assert found["agreement"].value == 87.5  # one of eight characters
    assert found["changed"].value == 1
    assert found["words-input"].value == found["words-restored"].value == 1


@needs_ocr
def test_without_text_nothing_but_its_absence_is_measured() -> None:
    noise = np.random.default_rng(0).normal(128, 20, (80, 80, 3)).clip(0, 255).astype(np.uint8)
    for pixels in (noise, np.zeros_like(noise)):
        result, files = run(Job("llavar", Picture("sign.png", pixels), "sign"))
        assert {key: item.value for key, item in by_key(result).items()} == {"lines": 0}
        assert files == {}


@needs_ocr
def test_a_transparent_picture_is_read_as_it_looks() -> None:
    opaque = sign("Entry")
    alpha = np.where(opaque.pixels[..., 0] < 128, 255, 0).astype(np.uint8)
    black = np.zeros_like(opaque.pixels)
    found = by_key(run(Job("llavar", replace(opaque, pixels=black, alpha=alpha), "sign"))[0])
    assert found["line-1"].text == "Entry"


def test_without_a_reader_it_is_skipped_and_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read_text, "why_unavailable", lambda: "not there (pip install it)")
    result, files = run(Job("llavar", sign("a"), "sign"))
    assert (result.status, result.reason) == ("skipped", "not there (pip install it)")
    assert result.evidence == () and files == {}


class Scripted:
    """Finds and reads in each version what it was told, so that every case can be had."""

    name = "scripted"

    def __init__(self, *versions: dict[tuple[int, int, int, int], tuple[str, float]]) -> None:
        self.versions = list(versions)

    def find_lines(self, pixels: np.ndarray) -> list[np.ndarray]:
        return [_box(*place) for place in self.versions[int(pixels[0, 0, 0])]]

    def read_lines(self, pixels: np.ndarray, boxes: Sequence[np.ndarray]) -> list[Reading]:
        known = self.versions[int(pixels[0, 0, 0])]
        found = [known.get(_place(box), ("", 0.0)) for box in boxes]
        return [Reading(t, c, tuple(Word(w, c) for w in t.split())) for t, c in found]


def _box(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _place(box: np.ndarray) -> tuple[int, int, int, int]:
    return int(box[0, 0]), int(box[0, 1]), int(box[2, 0]), int(box[2, 1])


def test_a_line_found_twice_is_one_and_texture_is_none() -> None:
    before = {(0, 0, 100, 20): ("Exit", 0.4), (0, 50, 100, 70): ("i", 0.3)}
    after = {(2, 1, 99, 19): ("Exit", 0.9), (0, 100, 50, 120): ("new", 0.8)}
    before[0, 200, 30, 220] = ("x", 0.2)  # no line: hardly wider than high
    versions = [np.full((1, 1, 3), i, np.uint8) for i in (0, 1)]
    found = find_and_read(Scripted(before, after | {(0, 0, 100, 20): ("Exit", 0.9)}), versions)  # type: ignore[arg-type]
    read = [[r.text for r in line.readings] for line in found.read]
    assert read == [["Exit", "Exit"], ["", "new"]]
    assert [line.readings[0].text for line in found.unread] == ["i"]


def test_what_was_read_differently_is_told_with_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least sure comes first, and a line that cannot be read counts nowhere."""
    wide, low = (0, 0, 90, 20), (0, 150, 90, 170)
    versions = [
        {wide: ("one two", 0.9), low: ("three", 0.9), (0, 60, 90, 80): ("", 0.0)},
        {wide: ("one too", 0.7), low: ("tree", 0.4), (0, 60, 90, 80): ("", 0.0)},
    ]
    monkeypatch.setattr(read_text, "LineReader", lambda: Scripted(*versions))
    pixels = [np.full((180, 300, 3), i, np.uint8) for i in (0, 1)]
    made = {
        name: Picture("sign.png", p) for name, p in zip(("input", "restored"), pixels, strict=True)
    }
    found = by_key(run(Job("llavar", made["input"], "sign", 1, made))[0])
    assert (found["lines"].value, found["unread"].value, found["doubtful"].value) == (2, 1, 2)
    assert [found[f"doubt-{i}"].text for i in (1, 2)] == ["three → tree", "two → too"]
    assert found["doubt-1"].measured_on == "sign.png, input and restored, near the bottom left"
    assert found["doubt-2"].measured_on == "sign.png, input and restored, near the top left"
    assert found["gained"].value == 0 and "surer-1" not in found


def test_what_only_the_restored_picture_tells_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    top, low, unsure = (0, 0, 90, 20), (0, 150, 90, 170), (0, 60, 90, 80)
    versions = [
        {top: ("l1t", 0.92), low: ("~", 0.2), unsure: ("1/5", 0.3)},
        {top: ("lit", 0.98), low: ("Way out", 0.95), unsure: ("eS.6", 0.8)},
    ]
    monkeypatch.setattr(read_text, "LineReader", lambda: Scripted(*versions))
    pixels = [np.full((180, 300, 3), i, np.uint8) for i in (0, 1)]
    made = {
        name: Picture("sign.png", p) for name, p in zip(("input", "restored"), pixels, strict=True)
    }
    found = by_key(run(Job("llavar", made["input"], "sign", 1, made))[0])
    assert (found["gained"].value, found["gained-1"].text) == (1, "Way out")
    assert "l1t → lit" in [found[key].text for key in found if key.startswith("surer-")]


@pytest.mark.parametrize(
    "text",
    [
        "visit https://evil.example/x now",
        "see WWW.EVIL.COM and evil/repo",
        "doi 10.1234/abc arXiv:2108.05054",
        "ｅｖｉｌ.ｃｏｍ",
        "“quoted” [1](https://evil.com) <b>",
        "\x1b[31mred\u202e",
    ],
)
def test_words_of_a_picture_lead_nowhere(text: str) -> None:
    shown = quotable(text)
    assert not references_in(shown) and first_unsafe(shown) is None
    assert "“" not in shown and "”" not in shown and len(shown) <= 160


@given(st.text(max_size=300))
def test_whatever_is_written_can_be_quoted(text: str) -> None:
    shown = quotable(text)
    assert not references_in(shown) and first_unsafe(shown) is None
    assert not set(shown) & set("“”\n\r\t") and len(shown) <= 160
