from __future__ import annotations

import math

import numpy as np
import pytest

from agent.measures.sharpness import (
    REACH,
    edge_shapes,
    find_edges,
    gradient,
    gradient_energy,
    laplacian_energy,
    mean_profiles,
    most_detailed,
    near_edges,
)
from agent.measures.structure import change_within

X = np.arange(96.0)


def rows(line: np.ndarray, height: int = 60) -> np.ndarray:
    return np.repeat(line[None], height, axis=0)


def blurred_step(sigma: float, low: float = 50, high: float = 200) -> np.ndarray:
    """A step at 47.5 under a Gaussian of `sigma` pixels, in whole grey levels as files have it."""
    share = np.array([0.5 * (1 + math.erf((x - 47.5) / (sigma * math.sqrt(2)))) for x in X])
    return rows(np.round(low + (high - low) * share))


def measured(picture: np.ndarray, found_in: np.ndarray | None = None) -> tuple[float, float, int]:
    shapes = edge_shapes(picture, find_edges(picture if found_in is None else found_in))
    usable = np.isfinite(shapes.width)
    with np.errstate(all="ignore"):
        overshoot = (
            np.nanmedian(shapes.overshoot) if np.isfinite(shapes.overshoot).any() else np.nan
        )
    return float(np.median(shapes.width[usable])), float(overshoot), int(usable.sum())


def test_gradient_of_a_ramp_is_its_slope() -> None:
    down, right = gradient(np.add.outer(3 * np.arange(8.0), 2 * np.arange(9.0)))
    assert (down[1:-1] == 3).all() and (right[:, 1:-1] == 2).all()
    assert gradient_energy(np.full((5, 5), 7.0)) == 0


def test_gradient_energy_by_hand() -> None:
    # A step of 8 between two columns: gradient 4 in both, 0 elsewhere, in each of 4 columns.
    step = np.array([[0.0, 0, 8, 8]] * 5)
    assert gradient_energy(step) == pytest.approx((0 + 16 + 16 + 0) / 4)


@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.5, 4.0])
def test_width_of_a_gaussian_edge_is_that_of_the_error_function(sigma: float) -> None:
    width, overshoot, edges = measured(blurred_step(sigma))
    # 10 % and 90 % of the normal distribution lie 2 × 1.28155 sigma apart.
    assert width == pytest.approx(2.5631 * sigma, abs=0.25)  # linear between pixels
    assert overshoot == pytest.approx(0, abs=2)
    assert edges == 60


def test_width_of_linear_edges_is_exact() -> None:
    step = rows(np.where(X < 48, 20.0, 220.0))
    assert measured(step)[0] == pytest.approx(0.8)  # one pixel, linear between its two ends
    ramp = rows(np.clip((X - 40) * 20, 0, 200))  # ten pixels
    assert measured(ramp)[0] == pytest.approx(8)


def test_width_does_not_depend_on_direction_or_sign() -> None:
    picture = blurred_step(2)
    wanted = measured(picture)[0]
    for turned in (picture[:, ::-1], picture.T, picture.T[::-1], 255 - picture):
        assert measured(turned)[0] == pytest.approx(wanted)


def test_one_set_of_edges_measures_two_versions() -> None:
    soft, sharp = blurred_step(3), np.roll(blurred_step(1), 1, axis=1)
    assert measured(sharp, found_in=soft)[0] == pytest.approx(2.5631, abs=0.2)


def test_overshoot_by_hand() -> None:
    line = np.where(X < 48, 50.0, 150.0)
    line[48], line[47] = 170, 40  # 20 above and 10 below a step of 100
    assert measured(rows(line))[1] == pytest.approx(30)


def test_thin_strokes_have_a_width_but_no_overshoot() -> None:
    line = np.full(96, 255.0)
    line[46:50] = 0
    width, overshoot, _ = measured(rows(line))
    assert width == pytest.approx(0.8)
    assert math.isnan(overshoot)


def test_what_is_no_strong_straight_edge_does_not_count() -> None:
    faint = rows(np.where(X < 48, 100.0, 130.0))
    assert not np.isfinite(edge_shapes(faint, find_edges(faint)).width).any()
    diagonal = np.where(np.add.outer(X, X) < 96, 0.0, 255.0)
    assert len(find_edges(diagonal)) == 0
    at_the_border = rows(np.where(X < REACH - 2, 0.0, 255.0))
    assert len(find_edges(at_the_border)) == 0
    for shape in ((5, 5), (1, 1), (2 * REACH, 2 * REACH)):
        assert len(find_edges(np.random.default_rng(0).uniform(0, 255, shape))) == 0


def test_edges_are_thinned_out_to_a_bearable_number() -> None:
    stripes = np.where(np.arange(400) // 8 % 2, 255.0, 0.0)
    assert 10_000 < len(find_edges(rows(stripes, 700))) <= 20_000


def test_noise_gives_numbers_or_nan_and_never_fails() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        picture = rng.uniform(0, 255, (70, 80))
        shapes = edge_shapes(picture, find_edges(picture))
        assert (shapes.width[np.isfinite(shapes.width)] > 0).all()
        edge_shapes(np.zeros((70, 80)), find_edges(picture))


def test_share_of_change_near_edges_by_hand() -> None:
    before = rows(np.where(X < 48, 0.0, 255.0))
    after = before.copy()
    after[:, 49] -= 3  # near the edge: 9 a row
    after[:, 80] += 1  # far from it: 1 a row
    shares = change_within(before, after, near_edges(before))
    assert shares is not None
    # Gradients at columns 47 and 48, and three columns to each side: 44 to 51.
    assert shares == pytest.approx((0.9, 8 / 96))
    assert change_within(before, before, near_edges(before)) is None
    with pytest.raises(ValueError, match="one shape"):
        change_within(before, after[1:], near_edges(before))


def test_laplacian_energy_by_hand() -> None:
    point = np.zeros((5, 5))
    point[2, 2] = 1
    assert laplacian_energy(point) == pytest.approx((16 + 4) / 25)  # -4 once, 1 at four neighbours
    assert laplacian_energy(np.full((4, 6), 9.0)) == 0
    ramp = np.tile(np.arange(8.0), (4, 1))
    assert laplacian_energy(ramp[:, 1:-1]) == pytest.approx(2 / 6)  # at the repeated borders alone


def test_mean_profiles_by_hand() -> None:
    row = np.concatenate([np.full(40, 50.0), [100.0], np.full(40, 150.0)])
    picture = np.tile(row, (3, 1))
    edges = np.array([[1, 40, 1, 1]])
    soft = np.tile(np.convolve(np.pad(row, 1, mode="edge"), np.full(3, 1 / 3), "valid"), (3, 1))
    profiles = mean_profiles(picture, [soft], edges, reach=2)
    assert profiles is not None
    assert profiles[0].tolist() == [0, 0, 0.5, 1, 1]
    np.testing.assert_allclose(profiles[1], [0, 1 / 6, 0.5, 5 / 6, 1], atol=1e-12)
    assert mean_profiles(np.full_like(picture, 9), [], edges) is None
    assert mean_profiles(picture, [], edges[:0]) is None


def test_the_window_with_the_most_detail_is_found() -> None:
    pixels = np.full((50, 60, 3), 128, np.uint8)
    pixels[31:37, 12:20] = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    top, left = most_detailed(pixels, 10, 12)
    assert top <= 30 and top + 10 >= 38 and left <= 11 and left + 12 >= 21
    assert most_detailed(pixels, 50, 60) == (0, 0)
