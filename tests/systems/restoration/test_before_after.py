from __future__ import annotations

import numpy as np
import pytest

from agent.imaging.picture import Picture
from agent.imaging.resampling import enlarged
from agent.systems.restoration.before_after import before_after
from agent.systems.restoration.comparison import Comparison


@pytest.mark.parametrize("factor", [1, 2, 3, 8])
@pytest.mark.parametrize("size", [(16, 16), (100, 23), (17, 400)])
def test_panels_lie_side_by_side(size: tuple[int, int], factor: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    original = Picture("a.png", pixels)
    before = enlarged(original, factor)
    after = Picture("a.png", 255 - before.pixels)
    sheet = before_after(original, Comparison(before, after), "after").pixels
    height, width = (
        min(s * factor, m) // factor * factor for s, m in zip(size, (160, 240), strict=True)
    )
    panels = 3 if factor > 1 else 2
    assert sheet.shape[0] == 2 * height + 24 + 16
    column = (sheet.shape[1] - 8) // panels
    shown = [sheet[32:-8, 8 + i * column :][:, : 2 * width] for i in range(panels)]
    assert (shown[-1] == 255 - shown[-2]).all()  # the same cut-out of both
    if factor > 1:
        blocks = shown[0].reshape(height // factor, 2 * factor, width // factor, 2 * factor, 3)
        assert (np.ptp(blocks, axis=(1, 3)) == 0).all()  # original pixels as squares


def test_sixteen_bits_and_transparency_are_shown_on_white() -> None:
    pixels, alpha = np.zeros((20, 20, 3), np.uint16), np.zeros((20, 20), np.uint16)
    picture = Picture("a.png", pixels, alpha)
    sheet = before_after(picture, Comparison(picture, picture), "after").pixels
    assert sheet.dtype == np.uint8
    assert (sheet[32:72, 8:48] == 255).all()
