"""The saliency map against values worked out by hand, and against what is known to stand out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.measures.saliency import features, peaked, pyramid, saliency_map


def field(side: int = 129, grey: float = 0.5) -> np.ndarray:
    return np.full((side, side, 3), grey, np.float32)


def bars(odd: int) -> np.ndarray:
    """5 × 5 upright bars, of which one lies on its side, on the size of picture of the paper."""
    picture = field(640, 0.0)
    for i in range(25):
        y, x = 64 + i // 5 * 128, 64 + i % 5 * 128
        tall, wide = (6, 24) if i == odd else (24, 6)
        picture[y - tall : y + tall, x - wide : x + wide] = 0.8
    return picture


def peak(saliency: np.ndarray) -> tuple[int, int]:
    y, x = np.unravel_index(int(saliency.argmax()), saliency.shape)
    return int(y), int(x)


def test_colours_are_opponent_as_in_the_paper() -> None:
    picture = np.array([[[0.6, 0, 0], [0.3, 0.3, 0], [0, 0, 0.9], [0.2, 0.2, 0.2]]], np.float32)
    intensity, red_green, blue_yellow = features(picture)
    np.testing.assert_allclose(intensity, [[0.2, 0.2, 0.3, 0.2]], atol=1e-6)
    # red: r = 3, so R = 3 and Y = 3/2 − 3/2 = 0; yellow: r = g = 1.5, R = G = 0.75, Y = 1.5.
    np.testing.assert_allclose(red_green, [[3, 0, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(blue_yellow, [[0, -1.5, 3, 0]], atol=1e-6)


def test_hue_of_what_is_nearly_black_does_not_count() -> None:
    picture = np.array([[[0.02, 0, 0], [1, 1, 1]]], np.float32)
    assert features(picture)[1][0, 0] == 0


def test_a_scale_is_the_smoothed_former_halved() -> None:
    point = np.zeros((8, 9), np.float32)
    point[4, 4] = 64
    scales = pyramid(point)
    assert [s.shape for s in scales] == [
        (8, 9), (4, 5), (2, 3), (1, 2), (1, 1), (1, 1), (1, 1), (1, 1), (1, 1),
    ]  # fmt: skip
    # row 4 lies in the middle pair of half-row 2 (3/8) and at the end of half-row 1 (1/8)
    np.testing.assert_allclose(scales[1][1:3, 1:3], [[1, 3], [3, 9]])
    assert scales[1].sum() == 16


def test_peaks_that_are_many_are_held_down() -> None:
    one = np.zeros((9, 9), np.float32)
    one[4, 4] = 8
    np.testing.assert_allclose(peaked(one)[4, 4], 1)
    two = one.copy()
    two[0, 0] = 4  # local maxima 1 and 0.5: (1 − 0.5)² of the scaled values
    np.testing.assert_allclose(peaked(two)[4, 4], 0.25)
    np.testing.assert_allclose(peaked(two)[0, 0], 0.125)
    two[0, 0] = 8
    assert peaked(two).max() == 0


@pytest.mark.parametrize("grey", [0.0, 0.3, 1.0])
def test_nothing_stands_out_of_a_flat_picture(grey: float) -> None:
    assert saliency_map(field(64, grey)).max() == 0


def test_an_even_red_field_does_not_stand_out() -> None:
    red = field()
    red[:] = (0.8, 0.1, 0.1)
    assert saliency_map(red).max() == 0


@pytest.mark.parametrize("odd", [0, 12, 23])
def test_the_bar_that_lies_on_its_side_pops_out(odd: int) -> None:
    y, x = peak(saliency_map(bars(odd), (0, 0, 1)))
    assert abs(y - (64 + odd // 5 * 128)) <= 40
    assert abs(x - (64 + odd % 5 * 128)) <= 40


def test_the_red_disc_among_green_ones_pops_out_by_colour() -> None:
    picture = field(200, 0.4)
    y, x = np.mgrid[:200, :200]
    for i in range(25):
        disc = (y - 20 - i // 5 * 40) ** 2 + (x - 20 - i % 5 * 40) ** 2 < 64
        picture[disc] = (0.8, 0.3, 0.1) if i == 7 else (0.3, 0.8, 0.1)
    top, left = peak(saliency_map(picture, (0, 1, 0)))
    assert abs(top - 60) <= 16
    assert abs(left - 100) <= 16


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.integers(32, 90), st.integers(32, 90))
def test_any_picture_gives_a_map_of_its_size(seed: int, height: int, width: int) -> None:
    pixels = np.random.default_rng(seed).random((height, width, 3), np.float32)
    saliency = saliency_map(pixels)
    assert saliency.shape == (height, width)
    assert saliency.min() >= 0
    assert saliency.max() == pytest.approx(1)


def test_a_mirrored_picture_has_the_mirrored_map() -> None:
    picture = field(256)
    picture[60:80, 40:70] = (0.9, 0.2, 0.2)
    picture[180:200, 150:230] = 0.9
    there = saliency_map(picture)
    np.testing.assert_allclose(saliency_map(picture[:, ::-1])[:, ::-1], there, atol=1e-4)


@pytest.mark.parametrize("shape", [(64, 64), (64, 64, 1), (31, 64, 3)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="sides of at least 32"):
        saliency_map(np.zeros(shape, np.float32))
