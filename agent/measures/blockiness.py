"""Blockiness: how visible the 8 × 8 blocks of JPEG compression are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.measures.regions import regions

Values = NDArray[np.float64]
Luma = NDArray[np.floating]

#: Side of JPEG's blocks, in pixels.
SQUARE = 8
#: Maximum that a step counts, in grey levels: larger ones are edges of the content.
_MOST = 16.0
#: Grey levels added to both sides of the ratio, so that a uniform picture has no blocks.
_EVEN = 0.05


def slope_sums(picture: Luma) -> list[Values]:
    """Return the sums from which `blockiness` is computed, by region of a picture.

    Returns:
        For each of 4 × 4 regions `(2, 8, 2)`: by axis and phase on a grid of 8 pixels, the sum of
        the differences of slopes, and their number.

    Raises:
        ValueError: for a picture with sides below 32 pixels, 8 per region.
    """
    if min(picture.shape) < 4 * SQUARE:
        raise ValueError(f"expected sides of at least {4 * SQUARE} pixels, got {picture.shape}")
    parts = []
    for rows, columns in regions(*picture.shape):
        region = picture[rows, columns]
        down = _by_place(region.T, rows.start)
        parts.append(np.stack([down, _by_place(region, columns.start)]))
    return parts


def blockiness(parts: Sequence[Values]) -> float:
    """Return the strength of luma discontinuities at borders of 8 × 8 blocks, relative to inside.

    Between the pixels b and c of a row a, b, c, d the difference of slopes is
    |(c − b) − ((b − a) + (d − c)) / 2| (Minami and Zakhor 1995, there squared), clipped to 16 grey
    levels. Its largest mean over the eight phases of a grid of 8 pixels is divided by the largest
    of its means 2, 4 and 6 pixels from there, much as Wang, Sheikh and Bovik (2002) compare
    borders with the inside. So a pattern that repeats every 2 or 4 pixels, as enlarging leaves,
    does not count. The grid may start anywhere, since a picture may have been cropped. Blocks
    affect rows and columns alike, so the smaller of the two ratios counts.

    Args:
        parts: parts from `slope_sums`, all of a picture or a resample.

    Returns:
        A ratio, about 1 without blocks; 1 for a uniform picture.
    """
    sums: Values = np.sum(parts, axis=0)
    means = sums[..., 0] / np.maximum(sums[..., 1], 1) + _EVEN
    ratios = []
    for by_place in means:
        border = int(by_place.argmax())
        inside = by_place[(border + np.array([2, 4, 6])) % SQUARE].max()
        ratios.append(float(by_place[border] / inside))
    return min(ratios)


def _by_place(region: Luma, start: int) -> Values:
    """Return sum and count of the differences of slopes along rows, `(8, 2)`, by phase.

    Args:
        start: column of the picture where the region begins.
    """
    steps = np.diff(region.astype(np.float64), axis=1)
    slopes = np.abs(steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2)
    columns = np.minimum(slopes, _MOST).sum(axis=0)
    places = (start + 1 + np.arange(len(columns))) % SQUARE
    sums = np.bincount(places, columns, SQUARE)
    return np.stack([sums, np.bincount(places, minlength=SQUARE) * len(region)], axis=1)
