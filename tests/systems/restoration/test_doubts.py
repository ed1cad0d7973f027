from __future__ import annotations

import numpy as np
import pytest

from agent.imaging.picture import Picture
from agent.lab.training.degradations import blurred, gaussian_kernel
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.doubts import doubts


def stripes(sigma: float = 0.0, height: int = 64, width: int = 160) -> np.ndarray:
    """Vertical bars of 40 px, blurred by a Gaussian."""
    line = np.where(np.arange(width) // 40 % 2, 220, 40).astype(np.uint8)
    pixels = np.repeat(np.repeat(line[None, :, None], height, 0), 3, 2)
    return blurred(pixels, gaussian_kernel(sigma)) if sigma else pixels


def ramp() -> np.ndarray:
    line = np.linspace(0, 255, 160).astype(np.uint8)
    return np.repeat(np.repeat(line[None, :, None], 160, 0), 3, 2)


def said(before: np.ndarray, after: np.ndarray) -> str:
    return "; ".join(doubts(Comparison(Picture("a", before), Picture("a", after))))


def test_moderate_blur_that_was_removed_is_no_doubt() -> None:
    assert said(stripes(1.5), stripes()) == ""


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (stripes(), "already sharp: its strong edges are 0.80 px wide"),
        (stripes(6.0), "extreme blur: its strong edges are"),
        (ramp(), "extreme blur, or a picture without edges"),
        (np.full((40, 40, 3), 90, np.uint8), "flat"),
        (stripes()[:15], "too small"),
    ],
)
def test_what_is_out_of_reach_is_called_so(before: np.ndarray, wanted: str) -> None:
    assert said(before, before).startswith(wanted)


def test_an_invented_picture_is_told_from_a_restored_one() -> None:
    before = stripes(1.5)
    after = before.copy()
    after[:, 40:80] = 130
    assert "huge change: the brightness of a square of 32 px changed by" in said(before, after)


def test_sixteen_bits_are_judged_alike() -> None:
    pixels = stripes().astype(np.uint16) * 257
    assert "0.80 px" in said(pixels, pixels)
