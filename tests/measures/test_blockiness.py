"""Blocks of JPEG: there after compression wherever the grid lies, and nowhere else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from agent.measures.blockiness import blockiness, slope_sums
from agent.measures.fidelity import luma
from tests.measures.pictures import drawing, scene

Pixels = NDArray[np.uint8]


def compressed(pixels: Pixels, quality: int) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def blocks(pixels: Pixels) -> float:
    return blockiness(slope_sums(luma(pixels)))


def test_compression_shows_and_more_of_it_more() -> None:
    clean = scene()
    assert blocks(clean) < 1.1
    assert 1.3 < blocks(compressed(clean, 60)) < blocks(compressed(clean, 20))


@given(st.integers(0, 7), st.integers(0, 7))
def test_the_grid_may_begin_anywhere(top: int, left: int) -> None:
    whole = compressed(scene(), 20)
    assert blocks(whole[top:, left:]) == pytest.approx(blocks(whole), rel=0.15)


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize("filter", [Image.Resampling.NEAREST, Image.Resampling.BICUBIC])
def test_a_picture_that_was_enlarged_has_none(factor: int, filter: Image.Resampling) -> None:
    small = Image.fromarray(scene(96))
    large = small.resize((96 * factor, 96 * factor), filter)
    assert blocks(np.asarray(large)) < 1.15


def test_blocks_in_one_direction_are_something_else() -> None:
    lines = np.repeat(np.arange(0, 256, 8), 8)[None, :, None] * np.ones((256, 1, 3))
    assert blocks(lines.astype(np.uint8)) == 1


def test_an_even_picture_has_none() -> None:
    assert blocks(np.full((64, 80, 3), 200, np.uint8)) == 1


def test_a_drawing_has_none_but_compressed() -> None:
    assert blocks(drawing()) < 1.3 < blocks(compressed(drawing(), 10))


def test_a_picture_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 32 pixels, got \(31, 400\)"):
        slope_sums(np.zeros((31, 400)))
