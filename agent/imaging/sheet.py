"""Contact sheets of pictures with captions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]
Panel = tuple[str, Pixels]
"""A caption, and a picture `(H, W, 3)` in RGB."""

_GAP, _CAPTION = 8, 24
_PAPER, _INK = (224, 224, 224), (20, 20, 20)


def zoomed(pixels: Pixels, times: int) -> Pixels:
    """Repeat every pixel as a square of `times` × `times`."""
    return pixels.repeat(times, 0).repeat(times, 1)


def side_by_side(panels: Sequence[Panel]) -> Pixels:
    """Arrange pictures of the same size, `(H, W, 3)` RGB, in a row with captions above."""
    height, width = panels[0][1].shape[:2]
    font = ImageFont.load_default(14)
    column = max(width, *(int(font.getlength(caption)) + 1 for caption, _ in panels))
    size = (len(panels) * (column + _GAP) + _GAP, height + _CAPTION + 2 * _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    for i, (caption, panel) in enumerate(panels):
        left = _GAP + i * (column + _GAP)
        draw.text((left, _GAP), caption, _INK, font)
        sheet.paste(Image.fromarray(panel), (left, _GAP + _CAPTION))
    return np.asarray(sheet)


def sheet(rows: Sequence[Sequence[Panel]]) -> Pixels:
    """Stack rows of `side_by_side`; the pictures of each row have the same size."""
    strips = [side_by_side(row) for row in rows]
    width = max(strip.shape[1] for strip in strips)
    paper = np.full((sum(map(len, strips)), width, 3), _PAPER, np.uint8)
    top = 0
    for strip in strips:
        paper[top : top + len(strip), : strip.shape[1]] = strip
        top += len(strip)
    return paper
