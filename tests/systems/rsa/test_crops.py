from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.systems.rsa.crops import crops, windows


@settings(max_examples=25)
@given(st.integers(96, 500), st.integers(96, 500))
def test_windows_lie_inside_side_by_side(height: int, width: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    seen = np.zeros((height, width), int)
    places = windows(pixels)
    for y, x, side in places:
        assert y >= 0
        assert x >= 0
        assert y + side <= height
        assert x + side <= width
        seen[y : y + side, x : x + side] += 1
    assert seen.max() == 1
    assert 9 <= len(places) <= 40


def test_empty_windows_are_left_out() -> None:
    pixels = np.full((240, 240, 3), 255, np.uint8)
    pixels[:80, :80] = np.random.default_rng(0).integers(0, 256, (80, 80, 3))
    places = windows(pixels)
    assert {(y // 40, x // 40) for y, x, _ in places} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_crops_are_the_windows_at_the_size_asked_for() -> None:
    pixels = np.zeros((96, 96, 3), np.uint8)
    pixels[32:64, 32:64] = 200
    (crop,) = crops(pixels, [(32, 32, 32)], 64)
    assert crop.shape == (64, 64, 3)
    assert (crop == 200).all()


def test_a_small_picture_has_few_windows() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 70, 3), np.uint8)
    assert len(windows(pixels)) == 2
    assert windows(pixels)[0][2] == pytest.approx(32)
