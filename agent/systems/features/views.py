"""Views of a picture (shifted, tilted, closer) as homographies, and maps warped by them.

Coordinates are those of `grid_sample` without aligned corners: x to the right and y down, −1 and 1
at the outer sides of the map. A homography maps positions of the view to positions of the base.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from agent.systems.features.feature_maps import Encode, Look, look

#: Minimum and maximum side of a view's square, as a share of the base's.
SIDES = (0.65, 0.95)
#: Maximum shift of a corner from its square, as a share of the base's side.
JITTER = 0.04


@dataclass(frozen=True)
class Scene:
    """A picture and views of it. Features are float32."""

    whole: Look
    """Features of the picture."""
    homographies: Tensor
    """`(V, 3, 3)`."""
    views: Tensor
    """`(V, C, h, w)`: the encoder's features of each view."""


def scene(encode: Encode, fine: Tensor, factor: int, homographies: Tensor) -> Scene:
    """Encode a picture and views of it.

    Both are made by averaging u × u pixels, so that the identity view equals the whole.

    Args:
        fine: `(1, 3, uH, uW)`, RGB in [0, 1]; see `look`.
        factor: u.
        homographies: `(V, 3, 3)`.
    """
    fine_views = warp(fine.expand(len(homographies), -1, -1, -1), homographies)
    views = encode(functional.avg_pool2d(fine_views, factor))
    return Scene(look(encode, fine, factor), homographies, views)


def view_errors(fine: Tensor, targets: Tensor, homographies: Tensor) -> Tensor:
    """Return multi-view consistency errors: mean squared differences of a fine map under views.

    Each view of the map is reduced by averaging, whichever method made the map.

    Args:
        fine: `(1, C, uh, uw)`, normalised features.
        targets: `(V, C, h, w)`, normalised features of the views themselves.
        homographies: `(V, 3, 3)`.

    Returns:
        `(V,)`, shares of the features' variance, 0 for full agreement.
    """
    fine_views = warp(fine.expand(len(targets), -1, -1, -1), homographies)
    factor = fine.shape[-1] // targets.shape[-1]
    return (functional.avg_pool2d(fine_views, factor) - targets).square().mean((1, 2, 3))


def random_homography(rng: np.random.Generator) -> Tensor:
    """Return a random view `(3, 3)` inside the base: a square with its corners shifted."""
    half = rng.uniform(*SIDES)
    centre = rng.uniform(half - 1, 1 - half, 2)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)
    moved = corners * half + centre + rng.uniform(-2 * JITTER, 2 * JITTER, (4, 2))
    return homography(corners, np.clip(moved, -1, 1))


def homography(source: np.ndarray, target: np.ndarray) -> Tensor:
    """Return the `(3, 3)` float32 matrix that maps four points `(4, 2)`, x and y, to four others.

    Direct linear transform (Hartley and Zisserman 2004, section 4.1) with the last entry 1.
    """
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), target.reshape(-1))
    return torch.from_numpy(np.append(solved, 1).reshape(3, 3)).float()


def warp(maps: Tensor, views: Tensor, size: tuple[int, int] | None = None) -> Tensor:
    """Warp each map to its view, with bilinear interpolation.

    Args:
        maps: `(B, C, H, W)`.
        views: `(B, 3, 3)`.
        size: rows and columns of the result; those of the map if None.

    Returns:
        `(B, C, *size)`; outside the map its border is repeated.
    """
    height, width = size or maps.shape[-2:]
    y = (torch.arange(height, device=maps.device) + 0.5) / height * 2 - 1
    x = (torch.arange(width, device=maps.device) + 0.5) / width * 2 - 1
    grid = torch.stack(
        [x.expand(height, -1), y[:, None].expand(-1, width), torch.ones(height, width).to(x)], -1
    )
    turned = torch.einsum("bij,hwj->bhwi", views, grid)
    places = turned[..., :2] / turned[..., 2:]
    return functional.grid_sample(
        maps, places, mode="bilinear", padding_mode="border", align_corners=False
    )
