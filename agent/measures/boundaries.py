"""Agreement of the boundaries in a feature map with those of the picture, on the same grid."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from agent.measures.sharpness import gradient

Map = NDArray[np.floating]
Strength = NDArray[np.float64]

#: Share of the cells of a grid that count as boundary, those with the strongest gradients.
SHARE = 0.1


def strength(channels: Map) -> Strength:
    """Return the root of the summed squared Sobel gradients of all channels, at each cell.

    Args:
        channels: `(C, H, W)`; for a picture its luma, or its three colours.

    Returns:
        `(H, W)`, at least 0, in units of the map per cell.

    Raises:
        ValueError: for another shape.
    """
    if channels.ndim != 3 or 0 in channels.shape:
        raise ValueError(f"expected a map of shape (C, H, W), got {channels.shape}")
    total = np.zeros(channels.shape[1:])
    for channel in channels:
        down, right = gradient(channel)
        total += down.astype(np.float64) ** 2 + right.astype(np.float64) ** 2
    return np.sqrt(total)


def boundary(strengths: Strength, share: float = SHARE) -> NDArray[np.bool_]:
    """Mark the `share` of cells with the greatest strengths, at least one; `(H, W)`.

    Ties go to the first in reading order; cells without any change are never marked.
    """
    flat = strengths.ravel()
    order = np.argsort(-flat, kind="stable")[: max(1, round(share * flat.size))]
    mask = np.zeros(flat.size, bool)
    mask[order] = flat[order] > 0
    return mask.reshape(strengths.shape)


def boundary_distances(
    features: Strength, picture: Strength, share: float = SHARE
) -> NDArray[np.float64]:
    """Return the distance of each boundary cell of the features to the picture's nearest.

    `boundary` marks both, so two maps of a picture are compared at the same number of cells,
    however strong their gradients are.

    Args:
        features: `(H, W)`, from `strength`.
        picture: strengths of the picture, same shape.

    Returns:
        `(H, W)` in cells, at least 0; NaN away from the features' boundary, and everywhere if the
        picture has none.

    Raises:
        ValueError: if the shapes differ.
    """
    _same_shape(features, picture)
    return _distances(boundary(features, share), boundary(picture, share))


def boundary_distance(features: Strength, picture: Strength, share: float = SHARE) -> float | None:
    """Return the mean of `boundary_distances`, lower is better; None if either has no boundary."""
    return _mean(boundary_distances(features, picture, share))


def chance_distance(picture: Strength, share: float = SHARE) -> float | None:
    """Return the expected `boundary_distance` of random boundaries: the mean over all cells.

    None if the picture has no boundary.
    """
    return _mean(_distances(np.ones(picture.shape, bool), boundary(picture, share)))


def boundary_correlation(features: Strength, picture: Strength) -> float | None:
    """Return the Pearson correlation of both strengths over all cells, in [−1, 1].

    Higher is better. None if one of them is constant.

    Raises:
        ValueError: if the shapes differ.
    """
    _same_shape(features, picture)
    if np.ptp(features) == 0 or np.ptp(picture) == 0:
        return None
    return float(np.corrcoef(features.ravel(), picture.ravel())[0, 1])


def _distances(here: NDArray[np.bool_], there: NDArray[np.bool_]) -> NDArray[np.float64]:
    distances = np.full(here.shape, np.nan)
    targets = np.argwhere(there).astype(np.float64)
    if len(targets):
        for row, column in np.argwhere(here):
            squared = ((targets - (row, column)) ** 2).sum(1)
            distances[row, column] = math.sqrt(float(squared.min()))
    return distances


def _mean(distances: NDArray[np.float64]) -> float | None:
    finite = distances[np.isfinite(distances)]
    return float(finite.mean()) if finite.size else None


def _same_shape(a: Strength, b: Strength) -> None:
    if a.shape != b.shape or a.size == 0:
        raise ValueError(f"expected two maps of one shape, got {a.shape} and {b.shape}")
