"""Figures of what restoration changed: where in the picture, and across its edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from agent.systems.figures import BLUE, ORANGE, WIDEST

#: Minimum change, in grey levels, for full colour in the map; less is not visible.
_LEAST_REACH = 4.0
_PAPER, _INK, _GRID = (255, 255, 255), (40, 40, 40), (215, 215, 215)
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720, 400, 70, 40, 60
#: Range of the scaled brightness shown; values beyond 0 and 1 are overshoot.
_LOW, _HIGH = -0.25, 1.25


def change_map(
    before: NDArray[np.floating], after: NDArray[np.floating]
) -> tuple[NDArray[np.uint8], float]:
    """Draw the change of luma: white for none, orange for brighter, blue for darker.

    Returns:
        `(H, W, 3)`, at most 1600 pixels wide, and the change in grey levels that has full colour:
        the 99.5th percentile of the absolute change, at least 4.
    """
    change = np.asarray(after, np.float32) - before
    reach = max(_LEAST_REACH, float(np.percentile(np.abs(change), 99.5)))
    share = np.clip(change / reach, -1, 1)[..., None]
    colour = np.where(share > 0, np.array(ORANGE, np.float32), np.array(BLUE, np.float32))
    image = Image.fromarray((255 + (colour - 255) * np.abs(share)).astype(np.uint8))
    if image.width > WIDEST:
        image = image.resize((WIDEST, max(1, round(image.height * WIDEST / image.width))))
    return np.asarray(image), round(reach, 1)


def profile_plot(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Plot two brightness profiles across an edge, `(2 n + 1,)`, from −n to n pixels.

    The dashed blue line is before, the thick orange one after; 0 and 1 are the levels on either
    side.
    """
    sheet = Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    n = len(before) // 2
    right, bottom = _WIDTH - 20, _HEIGHT - _BOTTOM

    def place(x: float, value: float) -> tuple[float, float]:
        value = min(max(value, _LOW), _HIGH)
        across = _LEFT + (x + n) / (2 * n) * (right - _LEFT)
        return across, bottom - (value - _LOW) / (_HIGH - _LOW) * (bottom - _TOP)

    for level in (0.0, 0.5, 1.0):
        draw.line((*place(-n, level), *place(n, level)), _GRID)
        draw.text((_LEFT - 10, place(-n, level)[1]), f"{level:g}", _INK, font, "rm")
    for x in range(-n, n + 1, 4):
        draw.line((*place(x, _LOW), *place(x, _HIGH)), _GRID)
        draw.text((place(x, _LOW)[0], bottom + 8), f"{x}", _INK, font, "mt")
    draw.text(((_LEFT + right) / 2, _HEIGHT - 12), "pixels across the edge", _INK, font, "mb")
    offsets = range(-n, n + 1)
    dashed = [place(x, float(v)) for x, v in zip(offsets, before, strict=True)]
    draw.line([place(x, float(v)) for x, v in zip(offsets, after, strict=True)], ORANGE, 5, "curve")
    for start, end in pairwise(dashed):
        for a in (0.0, 0.5):
            piece = [tuple(s + t * (e - s) for s, e in zip(start, end, strict=True))
                     for t in (a, a + 0.3)]  # fmt: skip
            draw.line([*piece[0], *piece[1]], BLUE, 3)
    draw.line((_LEFT, 20, _LEFT + 40, 20), ORANGE, 5)
    draw.text((_LEFT + 48, 20), "restored", _INK, font, "lm")
    for x in (0, 16, 32):
        draw.line((_LEFT + 160 + x, 20, _LEFT + 170 + x, 20), BLUE, 3)
    draw.text((_LEFT + 210, 20), "before", _INK, font, "lm")
    return np.asarray(sheet)
