from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.imaging.tiling import padded, tiles


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 6))
def test_padding_reaches_the_multiple_and_crops_back(height: int, width: int, by: int) -> None:
    pixels = np.arange(height * width * 3, dtype=np.uint16).reshape(height, width, 3)
    result = padded(pixels, by)
    assert result.shape[0] % by == result.shape[1] % by == 0
    assert result.shape[0] - height < by and result.shape[1] - width < by
    assert (result[:height, :width] == pixels).all()


def test_padding_mirrors_and_repeats_where_there_is_too_little_to_mirror() -> None:
    row = np.array([1, 2, 3, 4, 5], np.uint8)
    pixels = np.repeat(row[None, :, None], 3, axis=2)
    assert padded(pixels, 4)[0, :, 0].tolist() == [1, 2, 3, 4, 5, 4, 3, 2]
    assert padded(pixels[:, :2], 4)[0, :, 0].tolist() == [1, 2, 2, 2]


@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(1, 12), st.integers(0, 6), st.integers(1, 4)
)
def test_tiles_cover_a_picture_exactly_once(h: int, w: int, core: int, halo: int, by: int) -> None:
    h, w, core, halo = h * by, w * by, core * by, halo * by
    covered = np.zeros((h, w), int)
    positions = np.arange(h * w).reshape(h, w)
    for window, kept, inner in tiles(h, w, core, halo, by):
        covered[kept] += 1
        assert (positions[window][inner] == positions[kept]).all()
        for outside, inside, side in zip(window, kept, (h, w), strict=True):
            assert outside.start % by == 0 and outside.stop % by == 0
            assert outside.start == max(0, inside.start - halo)
            assert outside.stop == min(side, inside.stop + halo)
            assert 0 < inside.stop - inside.start <= core
    assert (covered == 1).all()


def test_a_small_picture_is_one_tile() -> None:
    (tile,) = tiles(16, 24, 24, 8, 4)
    assert tile.window == tile.core == tile.inner == (slice(0, 16), slice(0, 24))


@pytest.mark.parametrize("faulty", [(18, 16, 8, 4), (16, 18, 8, 4), (16, 16, 6, 4), (16, 16, 8, 2)])
def test_offsets_out_of_phase_are_refused(faulty: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="must be a positive multiple of 4"):
        list(tiles(*faulty, 4))
    with pytest.raises(ValueError, match="core"):
        list(tiles(16, 16, 0, 4, 4))
