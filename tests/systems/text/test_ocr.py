from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from agent.systems.text import ocr as line_reader
from agent.systems.text.ocr import LineReader, why_unavailable


@pytest.mark.slow
@pytest.mark.skipif(why_unavailable() is not None, reason="rapidocr is not installed")
def test_lines_are_found_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Image.new("RGB", (140, 120), "white")
    draw = ImageDraw.Draw(page)
    for top, text in ((12, "Sharp edge"), (70, "Soft ones")):
        draw.text((8, top), text, "black", ImageFont.load_default(24))
    pixels = np.asarray(page)
    reader = LineReader()
    boxes = reader.find_lines(pixels)
    readings = reader.read_lines(pixels, boxes)
    assert [reading.text for reading in readings] == ["Sharp edge", "Soft ones"]
    assert [word.text for word in readings[0].words] == ["Sharp", "edge"]
    for reading in readings:
        assert 0.8 < reading.confidence <= 1
        assert all(0 < word.confidence <= 1 for word in reading.words)
    blank = np.full_like(pixels, 255)
    assert reader.read_lines(blank, boxes[:1]) == [("", 0.0, (), 0.0)]
    tilted = np.asarray(page.rotate(12, fillcolor="white", expand=True))
    turned = reader.read_lines(tilted, reader.find_lines(tilted))
    assert [reading.text for reading in turned] == ["Sharp edge", "Soft ones"]
    outside = np.array([[500, 500], [520, 500], [520, 510], [500, 510]], np.float32)
    assert reader.read_lines(pixels, [outside]) == [("", 0.0, (), 0.0)]
    strip = reader.find_lines(np.full((3, 400, 3), 255, np.uint8))  # ends, and in good time
    assert strip == []
    monkeypatch.setattr(reader, "engine", lambda *_, **__: SimpleNamespace(boxes=None))
    assert reader.find_lines(blank) == []


def test_without_a_reader_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_reader, "find_spec", lambda name: None)
    assert "pip install 'groundglass[ocr]'" in str(why_unavailable())
