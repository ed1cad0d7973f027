"""Windows of a picture as stimuli, the same in all its versions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.imaging.resampling import central_square
from agent.measures.fidelity import luma

Pixels = NDArray[np.uint8]
#: Top left corner and side of a square window, in pixels.
Window = tuple[int, int, int]

#: Approximate number of windows.
WANTED = 36
#: Minimum side: a smaller window shows an encoder too little.
MIN_WINDOW = 32
#: Minimum standard deviation of luma, in grey levels, of a window with content.
MIN_DETAIL = 2.0


def windows(pixels: Pixels) -> list[Window]:
    """Return adjacent square windows of `(H, W, 3)` in reading order, without empty ones.

    Their side is chosen so that about `WANTED` cover the picture; the remainder is split evenly
    between the borders.
    """
    height, width = pixels.shape[:2]
    side = max(MIN_WINDOW, int((height * width / WANTED) ** 0.5))
    rows, columns = height // side, width // side
    top, left = (height - rows * side) // 2, (width - columns * side) // 2
    grey = luma(pixels)
    corners = [(top + r * side, left + c * side) for r in range(rows) for c in range(columns)]
    return [
        (y, x, side) for y, x in corners if grey[y : y + side, x : x + side].std() >= MIN_DETAIL
    ]


def crops(pixels: Pixels, places: Sequence[Window], size: int) -> Pixels:
    """Resample the windows of a picture to `(len(places), size, size, 3)`."""
    cut = (pixels[y : y + side, x : x + side] for y, x, side in places)
    return np.stack([np.asarray(central_square(crop, size), np.uint8) for crop in cut])
