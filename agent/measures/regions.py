"""How much a figure of a picture would vary if other parts of it had been looked at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Part = TypeVar("Part")
Values = NDArray[np.float64]

#: Regions along each side of a picture.
GRID = 4
_RESAMPLES = 400
#: From fewer parts no interval is worth stating.
_LEAST_PARTS = 4


def regions(height: int, width: int, grid: int = GRID) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of `grid` × `grid` nearly equal regions that cover a picture once."""
    rows = [height * i // grid for i in range(grid + 1)]
    columns = [width * i // grid for i in range(grid + 1)]
    for i in range(grid):
        for j in range(grid):
            yield slice(rows[i], rows[i + 1]), slice(columns[j], columns[j + 1])


def by_region(
    points: NDArray[np.integer[Any]], values: Values, parts: Iterable[tuple[slice, slice]]
) -> list[Values]:
    """Values of points of a picture, grouped by the region that each point is in.

    Args:
        points: `(N, 2)` or wider; row and column in pixels come first.
        values: `(N,)` or `(N, M)`, one row for each point.
        parts: of `regions`; one without a point gives no group.
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
    """95 % percentile bootstrap interval of a statistic over the parts of a picture (Efron 1979).

    Parts, not pixels, are drawn with replacement, as many as there are and 400 times: neighbours
    resemble each other, so pixels are no independent repetitions.

    Args:
        statistic: of a list of parts; resamples for which it is not finite are left out.

    Returns:
        Low and high end; None for fewer than four parts, or too few finite resamples.
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
