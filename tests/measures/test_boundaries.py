from __future__ import annotations

import numpy as np
import pytest

from agent.measures.boundaries import (
    boundary,
    boundary_correlation,
    boundary_distance,
    boundary_distances,
    chance_distance,
    strength,
)


def marked(*cells: tuple[int, int], shape: tuple[int, int] = (5, 8)) -> np.ndarray:
    strengths = np.zeros(shape)
    for cell in cells:
        strengths[cell] = 1
    return strengths


def test_strength_is_the_length_of_the_gradients_of_all_channels() -> None:
    ramp = np.tile(np.arange(6.0), (5, 1))
    assert strength(ramp[None])[2, 2] == pytest.approx(1)
    both = strength(np.stack([3 * ramp, 4 * ramp]))
    assert both[2, 2] == pytest.approx(5)
    assert strength(np.stack([ramp, ramp[:, ::-1]]))[2, 2] == pytest.approx(2**0.5)
    assert strength(np.ones((3, 4, 4))).max() == 0


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 4), (1, 1, 4, 4)])
def test_strength_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(C, H, W\)"):
        strength(np.zeros(shape))


def test_a_boundary_is_the_strongest_tenth() -> None:
    strengths = np.arange(40.0).reshape(5, 8)
    assert np.argwhere(boundary(strengths)).tolist() == [[4, 4], [4, 5], [4, 6], [4, 7]]
    assert boundary(np.ones((5, 8))).sum() == 4
    assert boundary(marked((1, 1))).sum() == 1  # where nothing changes is no boundary
    assert boundary(np.zeros((5, 8))).sum() == 0
    assert boundary(np.ones((2, 2))).sum() == 1


def test_distance_is_to_the_nearest_boundary_of_the_picture() -> None:
    picture = marked((0, 0), (4, 7))
    assert boundary_distance(picture, picture) == 0
    assert boundary_distance(marked((3, 4)), picture) == pytest.approx(10**0.5)
    assert boundary_distance(marked((0, 3), (4, 6)), picture) == pytest.approx((3 + 1) / 2)
    # It goes one way: what of the picture the features leave out does not count.
    assert boundary_distance(marked((0, 0)), picture) == 0


def test_distances_are_known_at_the_boundary_of_the_features_alone() -> None:
    found = boundary_distances(marked((0, 3), (4, 6)), marked((0, 0), (4, 7)))
    assert found[0, 3] == 3 and found[4, 6] == 1
    assert np.isfinite(found).sum() == 2
    assert not np.isfinite(boundary_distances(marked((0, 3)), np.zeros((5, 8)))).any()


def test_chance_is_the_distance_of_every_cell() -> None:
    picture = marked((0, 0), shape=(1, 4))
    assert chance_distance(picture) == pytest.approx((0 + 1 + 2 + 3) / 4)


def test_how_strong_gradients_are_does_not_matter() -> None:
    features = np.random.default_rng(0).random((5, 8))
    picture = np.random.default_rng(1).random((5, 8))
    assert boundary_distance(features, picture) == boundary_distance(9 * features, picture / 7)
    plain = boundary_correlation(features, picture)
    assert boundary_correlation(9 * features, picture / 7) == pytest.approx(plain)


def test_correlation_has_a_sign() -> None:
    features = np.random.default_rng(0).random((5, 8))
    assert boundary_correlation(features, 2 * features + 1) == pytest.approx(1)
    assert boundary_correlation(features, -features) == pytest.approx(-1)


def test_without_boundaries_there_is_nothing_to_measure() -> None:
    flat, some = np.zeros((5, 8)), marked((1, 1))
    assert boundary_distance(flat, some) is None
    assert boundary_distance(some, flat) is None
    assert chance_distance(flat) is None
    assert boundary_correlation(flat, some) is None


def test_maps_of_two_shapes_are_refused() -> None:
    for measure in (boundary_distance, boundary_correlation):
        with pytest.raises(ValueError, match="one shape"):
            measure(np.zeros((2, 2)), np.zeros((2, 3)))
