from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from agent.systems.features.views import homography, random_homography, scene, view_errors, warp

pytestmark = pytest.mark.usefixtures("one_thread")

CORNERS = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)


def applied(matrix: Tensor, points: np.ndarray) -> np.ndarray:
    turned = np.c_[points, np.ones(len(points))] @ matrix.numpy().T
    return turned[:, :2] / turned[:, 2:]


def test_a_homography_takes_corners_where_they_belong() -> None:
    target = np.array([(-0.7, -0.6), (0.5, -0.8), (0.9, 0.6), (-0.6, 0.7)])
    assert applied(homography(CORNERS, target), CORNERS) == pytest.approx(target, abs=1e-5)


def test_views_lie_within_the_picture_and_differ() -> None:
    views = [random_homography(np.random.default_rng(seed)) for seed in range(50)]
    for view in views:
        corners = applied(view, CORNERS)
        assert np.abs(corners).max() <= 1 + 1e-5
        assert 0.5 < corners[1, 0] - corners[0, 0] < 2
    assert len({tuple(view.flatten().tolist()) for view in views}) == 50


def test_the_view_that_changes_nothing_shows_the_map() -> None:
    maps = torch.rand(2, 3, 5, 7)
    assert torch.allclose(warp(maps, torch.eye(3).repeat(2, 1, 1)), maps, atol=1e-5)


def test_a_view_moved_by_one_cell_shows_the_next() -> None:
    maps = torch.arange(8.0).expand(1, 1, 3, 8)
    moved = homography(CORNERS, CORNERS + np.array([2 / 8, 0]))
    assert warp(maps, moved[None])[0, 0, 0].tolist() == pytest.approx([1, 2, 3, 4, 5, 6, 7, 7])


def encode(pictures: Tensor) -> Tensor:
    return torch.nn.functional.avg_pool2d(pictures, 4)


def test_views_and_the_whole_are_made_alike() -> None:
    fine = torch.rand(1, 3, 32, 32)
    made = scene(encode, fine, 2, torch.eye(3)[None])
    assert torch.allclose(made.views, made.whole.coarse, atol=1e-5)


def test_fine_features_that_are_right_agree_with_every_view() -> None:
    """The encoder says colours, so the picture's own colours are its perfect fine map."""
    smooth = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    rng = np.random.default_rng(0)
    homographies = torch.stack([random_homography(rng) for _ in range(4)])
    made = scene(encode, smooth, 2, homographies)
    fine = torch.nn.functional.avg_pool2d(smooth, 4)
    right = view_errors(fine, made.views, homographies)
    assert right.shape == (4,) and right.max() < 1e-4
    wrong = view_errors(fine + 0.1, made.views, homographies)
    assert wrong.tolist() == pytest.approx([0.01] * 4, abs=1e-3)
