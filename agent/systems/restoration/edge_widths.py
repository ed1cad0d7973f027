"""Edge widths before and after restoration, by direction if a joint median would hide a smear.

A camera that moves sideways smears what changes from left to right and leaves the rest sharp; the
median over all edges then lies near that of the sharp ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.measures import regions
from agent.measures.regions import spread
from agent.measures.sharpness import ACROSS, DOWN
from agent.systems.restoration.comparison import Comparison

#: Minimum number of edges for a meaningful median.
MIN_EDGES = 30
#: Two directions differ if one median is, beyond doubt, at least this many times the other.
_APART = 1.1
_AXES = {"across": ACROSS, "down": DOWN}

Values = NDArray[np.float64]
Groups = list[Values]
"""By region of the picture, `(N, 2)`: a value before and one after restoration of each edge."""
Interval = tuple[float, float]


def edge_widths(pair: Comparison) -> dict[str, Groups]:
    """Return edge widths in pixels by direction: `across` (left to right) and `down`.

    If the medians of both agree in either version, the only key is `""`. A direction with too few
    measurable edges is left out.
    """
    widths, enough = _widths(pair), widths_by_direction(pair)
    if len(enough) == 1 or (len(enough) == 2 and _are_apart(widths, pair)):
        return enough
    whole = by_region(widths, pair)
    return {"": whole} if _number(whole) >= MIN_EDGES else {}


def widths_by_direction(pair: Comparison) -> dict[str, Groups]:
    """Return widths for `across` and `down`, even if they agree; only those with enough edges."""
    single = {key: by_region(_widths(pair), pair, axis) for key, axis in _AXES.items()}
    return {key: groups for key, groups in single.items() if _number(groups) >= MIN_EDGES}


def width_ratio(pair: Comparison) -> tuple[float, Interval | None] | None:
    """Return the median width of all edges relative to before; None for too few edges."""
    groups = by_region(_widths(pair), pair)
    return ratio_of(groups) if _number(groups) >= MIN_EDGES else None


def ratio_of(groups: Groups) -> tuple[float, Interval | None]:
    """Return the median after relative to that before, with its 95 % interval over regions."""
    return _median_ratio(groups), spread(groups, _median_ratio)


def median_after(groups: Groups) -> tuple[float, Interval | None]:
    """Return the median after, with its 95 % interval over regions."""

    def median(parts: Sequence[Values]) -> float:
        return medians(parts)[1]

    return median(groups), spread(groups, median)


def medians(groups: Sequence[Values]) -> tuple[float, float]:
    before, after = np.median(np.concatenate(groups), axis=0)
    return float(before), float(after)


def by_region(values: Values, pair: Comparison, axis: int | None = None) -> Groups:
    """Group the finite rows of `values`, `(N, 2)`, by the region of their edge.

    Args:
        values: one row per edge in `pair.edges`.
        axis: restrict to edges across which the picture changes along this axis.
    """
    usable, edges = np.isfinite(values).all(1), pair.edges
    if axis is not None:
        usable &= edges[:, 2] == axis
    return regions.by_region(edges[usable], values[usable], pair.regions)


def _are_apart(widths: Values, pair: Comparison) -> bool:
    """Check whether the directions differ in either version by their whole interval."""
    axes = pair.edges[:, 2].astype(np.float64)
    for version in widths.T:
        groups = by_region(np.stack([axes, version], 1), pair)
        low, high = spread(groups, _across_to_down) or (1.0, 1.0)
        if low >= _APART or high <= 1 / _APART:
            return True
    return False


def _across_to_down(groups: Sequence[Values]) -> float:
    axis, width = np.concatenate(groups).T
    across, down = width[axis == ACROSS], width[axis == DOWN]
    return float(np.median(across) / np.median(down)) if len(across) and len(down) else math.nan


def _median_ratio(groups: Sequence[Values]) -> float:
    before, after = medians(groups)
    return after / before if before > 0 else math.nan


def _widths(pair: Comparison) -> Values:
    return np.stack([pair.shapes_before.width, pair.shapes_after.width], 1)


def _number(groups: Groups) -> int:
    return sum(map(len, groups))
