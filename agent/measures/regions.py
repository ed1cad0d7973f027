"""Variation of a figure over parts of a picture, by bootstrap."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Part = TypeVar("Part")
Values = NDArray[np.float64]

#: Number of regions along each side of a picture.
GRID = 4
_RESAMPLES = 400
#: Minimum number of parts for a meaningful interval.
_LEAST_PARTS = 4


def regions(height: int, width: int, grid: int = GRID) -> Iterator[tuple[slice, slice]]:
    """Yield rows and columns of `grid` × `grid` nearly equal regions that tile a picture."""
    rows = [height * i // grid for i in range(grid + 1)]
    columns = [width * i // grid for i in range(grid + 1)]
    for i in range(grid):
        for j in range(grid):
            yield slice(rows[i], rows[i + 1]), slice(columns[j], columns[j + 1])


def by_region(
    points: NDArray[np.integer[Any]], values: Values, parts: Iterable[tuple[slice, slice]]
) -> list[Values]:
    """Group values at points of a picture by the region of the point.

    Args:
        points: `(N, 2)` or wider; row and column in pixels come first.
        values: `(N,)` or `(N, M)`, one row per point.
        parts: regions from `regions`; those without points give no group.
    """
    groups = []
    for rows, columns in parts:
        inside = (points[:, 0] >= rows.start) & (points[:, 0] < rows.stop)
        inside &= (points[:, 1] >= columns.start) & (points[:, 1] < columns.stop)
        if inside.any():
            groups.append(values[inside])
    return groups


def spread(
    parts: Sequence[Part], statistic: Callable[[Sequence[Part]], float], seed: int = 0
) -> tuple[float, float] | None:
    """Return the 95 % percentile bootstrap interval of a statistic over parts (Efron 1979).

    Parts, not pixels, are drawn with replacement, as many as there are, 400 times: neighbouring
    pixels are correlated, so they are no independent samples.

    Args:
        statistic: statistic of a list of parts; resamples in which it is not finite are left out.

    Returns:
        Lower and upper end; None for fewer than four parts or too few finite resamples.
    """
    if len(parts) < _LEAST_PARTS:
        return None
    picks = np.random.default_rng(seed).integers(len(parts), size=(_RESAMPLES, len(parts)))
    values = [statistic([parts[i] for i in pick]) for pick in picks]
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < _RESAMPLES / 2:
        return None
    low, high = np.quantile(finite, (0.025, 0.975))
    return float(low), float(high)
