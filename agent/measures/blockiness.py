"""How far a picture falls into the squares that JPEG compresses it in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.measures.regions import regions

Values = NDArray[np.float64]
Luma = NDArray[np.floating]

#: Side of the squares of JPEG, in pixels.
SQUARE = 8
#: A step of this many grey levels is an edge of what is shown; it counts no more than this.
_MOST = 16.0
#: Grey levels added to both sides of the ratio, so that an even picture has no squares.
_EVEN = 0.05


def slope_sums(picture: Luma) -> list[Values]:
    """What `blockiness` is computed from, by region of a picture.

    Returns:
        For each of 4 × 4 regions `(2, 8, 2)`: by axis and place on a grid of 8 pixels, the sum of
        the differences of slopes there, and how many they are.

    Raises:
        ValueError: for a picture smaller than 8 pixels a region, 32 a side.
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
    """How much stronger luma breaks at the borders of 8 × 8 squares than inside them.

    Between the pixels b and c of a row a, b, c, d the difference of slopes is
    |(c − b) − ((b − a) + (d − c)) / 2| (Minami and Zakhor 1995, there squared), limited to 16 grey
    levels. Its mean at the place where it is largest, of the eight on a grid of 8 pixels, is
    divided by the largest of its means 2, 4 and 6 pixels from there, as Wang, Sheikh and Bovik
    (2002) set borders against what lies inside. So a pattern that recurs every 2 or 4 pixels, as
    enlarging leaves it, is none. The grid may begin anywhere: a picture can have been cropped.
    Squares break rows and columns alike, so the smaller of the two ratios counts.

    Args:
        parts: of `slope_sums`, all of a picture or a resample of them.

    Returns:
        A ratio, about 1 without squares; 1 for an even picture.
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
    """Sum and number of the differences of slopes along rows, `(8, 2)`, by where they lie.

    Args:
        start: column of the picture in which the region begins.
    """
    steps = np.diff(region.astype(np.float64), axis=1)
    slopes = np.abs(steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2)
    columns = np.minimum(slopes, _MOST).sum(axis=0)
    places = (start + 1 + np.arange(len(columns))) % SQUARE
    sums = np.bincount(places, columns, SQUARE)
    return np.stack([sums, np.bincount(places, minlength=SQUARE) * len(region)], axis=1)
