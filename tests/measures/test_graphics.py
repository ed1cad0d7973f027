"""Few colours, hard edges and flat areas: much of them in drawings, little in photographs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agent.measures.graphics import common_colours, flat_areas, hard_edges
from tests.measures.pictures import drawing, scene

MEASURES = (common_colours, hard_edges, flat_areas)


def test_a_drawing_and_a_photograph_are_far_apart() -> None:
    assert common_colours(drawing()) > 0.6 and common_colours(scene()) < 0.3
    assert hard_edges(drawing()) > 0.1 > hard_edges(scene())
    assert flat_areas(drawing()) > 0.6 > flat_areas(scene())


def test_the_shares_are_what_they_say() -> None:
    halves = np.zeros((8, 8, 3), np.uint8)
    halves[:, 4:] = (200, 0, 0)
    assert common_colours(halves) == 1 and hard_edges(halves) == 1
    assert flat_areas(halves) == pytest.approx(6 / 7), "one column in seven borders on the other"
    many = np.arange(64, dtype=np.uint8).reshape(8, 8, 1) * np.uint8(4) * np.ones(3, np.uint8)
    assert common_colours(many) == pytest.approx(4 * 4 / 64), "of 16 values a channel"


def test_little_differences_are_none() -> None:
    nearly = np.full((16, 16, 3), 100, np.uint8)
    nearly[::2] += 4
    assert flat_areas(nearly) == 1 and hard_edges(nearly.swapaxes(0, 1)) == 0


@given(arrays(np.uint8, st.tuples(st.integers(2, 9), st.integers(2, 9), st.just(3))))
def test_all_are_shares(pixels: np.ndarray) -> None:
    assert all(0 <= measure(pixels) <= 1 for measure in MEASURES)


def test_flat_areas_need_neighbours() -> None:
    with pytest.raises(ValueError, match="at least 2 × 2 pixels"):
        flat_areas(np.zeros((1, 9, 3), np.uint8))
