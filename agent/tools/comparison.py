"""A picture that shows a picture before and after, cut out where there is most detail."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.measures.fidelity import luma
from agent.measures.sharpness import gradient

#: Largest cut-out, in pixels of the enlarged picture; each is shown as `_ZOOM` × `_ZOOM`.
_WIDTH, _HEIGHT = 240, 160
_ZOOM = 2
_GAP, _CAPTION = 8, 24
_PAPER, _INK = (224, 224, 224), (20, 20, 20)


def comparison(original: Picture, before: Picture, after: Picture, factor: int) -> Picture:
    """Side by side with captions: original pixels, enlarged, restored; 8-bit RGB.

    With a factor of 1 the first two are one. Transparent parts are laid on white.
    """
    height, width = (min(side, most) // factor for side, most in (
        (before.height, _HEIGHT), (before.width, _WIDTH)
    ))  # fmt: skip
    top, left = most_detailed(on_white(original), height, width)
    cut = np.s_[top * factor : (top + height) * factor, left * factor : (left + width) * factor]
    panels = [("restored by MIMO-UNet+", on_white(after)[cut])]
    if factor > 1:
        pixels = on_white(original)[top : top + height, left : left + width]
        panels.insert(0, (f"enlarged {factor}x, bicubic", on_white(before)[cut]))
        panels.insert(0, ("original pixels", pixels.repeat(factor, 0).repeat(factor, 1)))
    else:
        panels.insert(0, ("before", on_white(before)[cut]))
    shown = [(caption, panel.repeat(_ZOOM, 0).repeat(_ZOOM, 1)) for caption, panel in panels]
    return Picture("comparison.png", side_by_side(shown))


def most_detailed(pixels: NDArray[np.uint8], height: int, width: int) -> tuple[int, int]:
    """Top left corner of the window of that size with the greatest gradient energy."""
    down, right = gradient(luma(pixels))
    sums = np.pad((down**2 + right**2).astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    energy = (
        sums[height:, width:]
        - sums[:-height, width:]
        - sums[height:, :-width]
        + sums[:-height, :-width]
    )
    top, left = np.unravel_index(int(energy.argmax()), energy.shape)
    return int(top), int(left)


def side_by_side(panels: list[tuple[str, NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    """Pictures of one size, `(H, W, 3)` RGB, in a row with a caption above each."""
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
