from __future__ import annotations

import math

import numpy as np
import pytest

from agent.measures.regions import by_region, regions, spread


@pytest.mark.parametrize("shape", [(8, 8), (13, 31), (2, 3)])
def test_regions_cover_a_picture_once(shape: tuple[int, int]) -> None:
    seen = np.zeros(shape, int)
    for rows, columns in regions(*shape):
        seen[rows, columns] += 1
    assert (seen == 1).all()


def mean(parts: list[float]) -> float:
    return float(np.mean(parts))


def test_the_interval_holds_the_value_and_grows_with_the_spread() -> None:
    narrow, wide = spread([4.9, 5.0, 5.1, 5.0] * 4, mean), spread([1.0, 5.0, 9.0, 5.0] * 4, mean)
    assert narrow is not None and wide is not None
    assert wide[0] < narrow[0] < 5 < narrow[1] < wide[1]
    # The standard error of the mean of 16 values of variance 8 is 0.707.
    assert wide[1] - wide[0] == pytest.approx(2 * 1.96 * 0.707, rel=0.1)
    assert spread([7.0] * 4, mean) == (7, 7)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = list(np.random.default_rng(0).normal(size=9))
    assert spread(values, mean) == spread(values, mean)
    assert spread(values, mean) != spread(values, mean, seed=1)


def test_too_little_gives_no_interval() -> None:
    assert spread([1.0, 2.0, 3.0], mean) is None
    assert spread([1.0] * 8, lambda parts: math.nan) is None


def test_values_are_grouped_by_the_region_of_their_point_and_empty_regions_give_none() -> None:
    points = np.array([[0, 0, 1], [9, 9, 0], [0, 1, 1]])
    groups = by_region(points, np.array([1.0, 2.0, 3.0]), regions(10, 10, grid=2))
    assert [group.tolist() for group in groups] == [[1.0, 3.0], [2.0]]
