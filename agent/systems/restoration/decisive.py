"""The measurements that decide whether an explanation holds on a picture, with their spread."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.measures.fidelity import psnr
from agent.measures.regions import regions, spread
from agent.measures.sharpness import EdgeShapes, Indices, near_edges
from agent.measures.structure import BLOCK, block_means

Luma = NDArray[np.floating]

#: Fewer edges than this make no median worth stating.
MIN_EDGES = 30
#: PSNR of equal pictures is infinite; more than this is no better.
MOST_DB = 99.0


class Decisive(NamedTuple):
    """A value with its 95 % interval over parts of the picture."""

    key: str
    quantity: str
    value: float
    unit: str
    method: str
    interval: tuple[float, float] | None


def width_ratio(
    before: EdgeShapes, after: EdgeShapes, edges: Indices, shape: tuple[int, int]
) -> tuple[float, tuple[float, float] | None] | None:
    """Median edge width after, relative to before, with its interval; None for too few edges."""
    pairs = _by_region(np.stack([before.width, after.width], 1), edges, shape)
    if sum(map(len, pairs)) < MIN_EDGES:
        return None
    return _median_ratio(pairs), spread(pairs, _median_ratio)


def decisive(
    x: Luma, y: Luma, edges: Indices, old: EdgeShapes, new: EdgeShapes
) -> Iterator[Decisive]:
    """What can be decided on luma `x` before and `y` after; edges were found in `x`."""
    shape = (x.shape[0], x.shape[1])
    if ratio := width_ratio(old, new, edges, shape):
        yield Decisive(
            "edge-width-ratio", "edge width after restoration, relative to before", ratio[0], "×",
            "ratio of the medians", ratio[1],
        )  # fmt: skip
    shots = _by_region(np.stack([old.overshoot, new.overshoot], 1), edges, shape)
    if sum(map(len, shots)) >= MIN_EDGES:
        yield Decisive(
            "overshoot-change", "change of the median overshoot at strong edges",
            _median_gain(shots), "percentage points", "after less before",
            spread(shots, _median_gain),
        )  # fmt: skip
    squared, near = (y.astype(np.float64) - x) ** 2, near_edges(x)
    sums = [
        np.array([squared[r][near[r]].sum(), squared[r].sum(), near[r].sum(), near[r].size])
        for r in regions(*shape)
    ]
    if squared.any() and near.any():
        yield Decisive(
            "change-concentration", "squared change near strong edges, relative to their area",
            _concentration(sums), "×", "share of the change / share of the picture, within 3 px",
            spread(sums, _concentration),
        )  # fmt: skip
    if min(shape) >= BLOCK:
        errors = (block_means(x) - block_means(y)) ** 2
        parts = [errors[r].ravel() for r in regions(*errors.shape) if errors[r].size]
        yield Decisive(
            "low-frequency-agreement", "agreement of the broad structure before and after",
            _decibels(parts), "dB", f"PSNR of luma means over {BLOCK} × {BLOCK} px, at most 99",
            spread(parts, _decibels),
        )  # fmt: skip


def _by_region(
    values: NDArray[np.float64], edges: Indices, shape: tuple[int, int]
) -> list[NDArray[np.float64]]:
    """Rows of `values`, `(N, 2)`, that are finite, grouped by the region that their edge is in."""
    finite = np.isfinite(values).all(1)
    groups = []
    for rows, columns in regions(*shape):
        inside = (edges[:, 0] >= rows.start) & (edges[:, 0] < rows.stop)
        inside &= (edges[:, 1] >= columns.start) & (edges[:, 1] < columns.stop)
        if (inside & finite).any():
            groups.append(values[inside & finite])
    return groups


def _median_ratio(groups: Sequence[NDArray[np.float64]]) -> float:
    before, after = np.median(np.concatenate(groups), axis=0)
    return float(after / before) if before > 0 else math.nan


def _median_gain(groups: Sequence[NDArray[np.float64]]) -> float:
    before, after = np.median(np.concatenate(groups), axis=0)
    return float(after - before)


def _concentration(sums: Sequence[NDArray[np.float64]]) -> float:
    near, total, area, size = np.sum(sums, axis=0)
    return float((near / total) / (area / size)) if total and area else math.nan


def _decibels(errors: Sequence[NDArray[np.float64]]) -> float:
    roots = np.sqrt(np.concatenate(errors))
    return min(MOST_DB, psnr(roots, np.zeros_like(roots)))
