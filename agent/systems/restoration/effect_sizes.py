"""How large the effects of a restoration are, with intervals: what decides on an explanation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.measures.fidelity import psnr
from agent.measures.regions import regions, spread
from agent.measures.structure import BLOCK, block_means
from agent.systems.evidence import Measurement
from agent.systems.restoration.comparison import Comparison

#: Fewer edges than this make no median worth stating.
MIN_EDGES = 30
#: PSNR of equal pictures is infinite; more than this is no better.
MOST_DB = 99.0


def effect_sizes(pair: Comparison) -> Iterator[Measurement]:
    """What a claim can be tested by, each with its 95 % interval over parts of the picture."""
    if ratio := width_ratio(pair):
        yield Measurement(
            "edge-width-ratio", "edge width after restoration, relative to before", ratio[0], "×",
            "ratio of the medians", interval=ratio[1],
        )  # fmt: skip
    yield from _overshoot(pair)
    yield from _concentration_of_change(pair)
    yield from _agreement_of_structure(pair)


def width_ratio(pair: Comparison) -> tuple[float, tuple[float, float] | None] | None:
    """Median edge width after, relative to before, with its interval; None for too few edges."""
    widths = _by_region(np.stack([pair.shapes_before.width, pair.shapes_after.width], 1), pair)
    if sum(map(len, widths)) < MIN_EDGES:
        return None
    return _median_ratio(widths), spread(widths, _median_ratio)


def _overshoot(pair: Comparison) -> Iterator[Measurement]:
    shapes = (pair.shapes_before, pair.shapes_after)
    shots = _by_region(np.stack([shape.overshoot for shape in shapes], 1), pair)
    if sum(map(len, shots)) >= MIN_EDGES:
        yield Measurement(
            "overshoot-change", "change of the median overshoot at strong edges",
            _median_gain(shots), "percentage points", "after less before",
            interval=spread(shots, _median_gain),
        )  # fmt: skip


def _concentration_of_change(pair: Comparison) -> Iterator[Measurement]:
    near, squared = pair.near_edges, (pair.luma_after.astype(np.float64) - pair.luma_before) ** 2
    sums = [
        np.array([squared[r][near[r]].sum(), squared[r].sum(), near[r].sum(), near[r].size])
        for r in pair.regions
    ]
    if squared.any() and near.any():
        yield Measurement(
            "change-concentration", "squared change near strong edges, relative to their area",
            _concentration(sums), "×", "share of the change / share of the picture, within 3 px",
            interval=spread(sums, _concentration),
        )  # fmt: skip


def _agreement_of_structure(pair: Comparison) -> Iterator[Measurement]:
    if min(pair.shape) >= BLOCK:
        errors = (block_means(pair.luma_before) - block_means(pair.luma_after)) ** 2
        parts = [errors[r].ravel() for r in regions(*errors.shape) if errors[r].size]
        yield Measurement(
            "low-frequency-agreement", "agreement of the broad structure before and after",
            _decibels(parts), "dB", f"PSNR of luma means over {BLOCK} × {BLOCK} px, at most 99",
            interval=spread(parts, _decibels),
        )  # fmt: skip


def _by_region(values: NDArray[np.float64], pair: Comparison) -> list[NDArray[np.float64]]:
    """Rows of `values`, `(N, 2)`, that are finite, grouped by the region that their edge is in."""
    finite, edges = np.isfinite(values).all(1), pair.edges
    groups = []
    for rows, columns in pair.regions:
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
