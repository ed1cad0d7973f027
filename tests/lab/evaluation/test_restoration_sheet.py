from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agent.lab.evaluation.lines import Lines
from agent.lab.evaluation.restoration_sheet import RestorationSheet
from agent.systems.text.ocr import Reading


class Reader:
    """Reads a line as the letters that its grey values spell, so that each reading is known."""

    def find_lines(self, pixels: np.ndarray) -> list[np.ndarray]:
        return [np.array([[0, y], [90, y], [90, y + 10], [0, y + 10]]) for y in (0, 10, 20)]

    def read_lines(self, pixels: np.ndarray, boxes: list[np.ndarray]) -> list[Reading]:
        texts = ["".join(map(chr, pixels[int(box[0, 1]), :4, 0])) for box in boxes]
        return [Reading(text, 1.0, ()) for text in texts]


def page(*lines: str) -> np.ndarray:
    pixels = np.full((40, 100, 3), 255, np.uint8)
    for i, line in enumerate(lines):
        pixels[10 * i : 10 * i + 10, :4] = np.frombuffer(line.encode(), np.uint8)[None, :, None]
    return pixels


@pytest.fixture
def captions(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Of every row of every sheet that is drawn."""
    from agent.lab.evaluation import restoration_sheet as module

    seen: list[list[str]] = []

    def drawn(rows: Any) -> np.ndarray:
        seen.extend([caption for caption, _ in row] for row in rows)
        return np.zeros((1, 1, 3), np.uint8)

    monkeypatch.setattr(module, "sheet", drawn)
    return seen


def test_the_line_read_worse_is_shown_beside_the_line_read_better(captions) -> None:
    sharp = page("good", "same", "word")
    versions = {"sharp": sharp, "input": page("goXX", "same", "word")}
    versions["output"] = page("good", "same", "ward")
    shown = RestorationSheet()
    shown("text", "defocus", versions, Lines(Reader(), sharp))  # type: ignore[arg-type]
    shown.pixels()
    assert captions == [
        ["text, defocus", "in", "out"],
        ["sharp: word", "input: word", "output: ward"],
        ["sharp: good", "input: goXX", "output: good"],
    ]


def test_lines_that_read_alike_and_what_was_untouched_are_left_out(captions) -> None:
    sharp = page("good", "same", "word")
    versions = {"sharp": sharp, "input": sharp, "output": sharp}
    shown = RestorationSheet()
    lines = Lines(Reader(), sharp)  # type: ignore[arg-type]
    shown("text", "defocus", versions, lines)
    shown("text", "defocus", versions, lines)  # the second picture of a group is not shown
    shown("text", "untouched", versions, lines)
    shown("photo", "defocus", versions, None)
    shown.pixels()
    assert captions == [["text, defocus", "in", "out"], ["photo, defocus", "in", "out"]]
