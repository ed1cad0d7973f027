from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from agent.evaluation import legibility
from agent.evaluation.legibility import LineReader, character_error_rate, why_unavailable


def test_error_rate_by_hand() -> None:
    # One letter replaced, one lost, one added, over eight letters of reference.
    assert character_error_rate(["abcd", "efgh"], ["abxd", "fghi"]) == pytest.approx(3 / 8)
    assert character_error_rate(["abc"], ["abc"]) == 0
    assert character_error_rate(["ab"], ["unreadable"]) > 1
    with pytest.raises(ValueError, match="no text"):
        character_error_rate([""], ["a"])
    with pytest.raises(ValueError):
        character_error_rate(["a", "b"], ["a"])


@pytest.mark.skipif(why_unavailable() is not None, reason="rapidocr is not installed")
def test_lines_are_found_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Image.new("RGB", (140, 120), "white")
    draw = ImageDraw.Draw(page)
    for top, text in ((12, "Sharp edge"), (70, "Soft ones")):
        draw.text((8, top), text, "black", ImageFont.load_default(24))
    pixels = np.asarray(page)
    reader = LineReader()
    boxes = reader.find_lines(pixels)
    assert reader.read_lines(pixels, boxes) == ["Sharp edge", "Soft ones"]
    blank = np.full_like(pixels, 255)
    assert character_error_rate(["Sharp edge"], reader.read_lines(blank, boxes[:1])) == 1
    monkeypatch.setattr(reader, "engine", lambda *_, **__: SimpleNamespace(boxes=None))
    assert reader.find_lines(blank) == []


def test_without_a_reader_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legibility, "find_spec", lambda name: None)
    assert "pip install 'groundglass[ocr]'" in str(why_unavailable())
