"""Effect sizes of a restoration with intervals, by which explanations are judged."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.imaging.picture import Picture, white_level
from agent.imaging.resampling import enlarged, reduced
from agent.measures.fidelity import luma, psnr
from agent.measures.regions import regions, spread
from agent.measures.structure import BLOCK, block_means
from agent.systems.evidence import Measurement
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.criteria import DIRECTIONS, suffixed
from agent.systems.restoration.edge_widths import (
    MIN_EDGES,
    Groups,
    Interval,
    by_region,
    medians,
    ratio_of,
)

#: Maximum PSNR, which is infinite for equal pictures.
MOST_DB = 99.0


def effect_sizes(pair: Comparison, widths: Mapping[str, Groups]) -> Iterator[Measurement]:
    """Yield the measurements that test claims, with 95 % intervals over parts of the picture.

    Args:
        widths: edge widths of the pair, from `edge_widths`.
    """
    for direction, groups in widths.items():
        ratio, interval = ratio_of(groups)
        yield Measurement(
            suffixed("edge-width-ratio", direction),
            f"edge width{DIRECTIONS[direction]} after restoration, relative to before", ratio, "×",
            "ratio of the medians", interval=interval,
        )  # fmt: skip
    yield from _overshoot(pair)
    yield from _concentration_of_change(pair)
    yield from _agreement_of_structure(pair)
    yield from _change_elsewhere(pair)


def overshoots(pair: Comparison) -> Groups:
    """Return the overshoot at the edges of a pair, by region; empty for too few edges."""
    shapes = (pair.shapes_before, pair.shapes_after)
    shots = by_region(np.stack([shape.overshoot for shape in shapes], 1), pair)
    return shots if sum(map(len, shots)) >= MIN_EDGES else []


def at_former_size(
    original: Picture, after: Picture, factor: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the luma of a result, reduced to its former size by bicubic, and of the picture.

    Args:
        after: the result, with sides `factor` times those of `original`.
    """
    source = enlarged(original, 1).pixels  # replaces colours under full transparency
    small = reduced(after.pixels, factor)
    return luma(small, white_level(small)), luma(source, white_level(source))


def agreement_with_picture(
    small: NDArray[np.float32], original: NDArray[np.float32]
) -> tuple[float, Interval | None]:
    """Return the PSNR between both, in dB, at most 99, with its interval over regions."""
    errors = (small.astype(np.float64) - original) ** 2
    parts = [errors[r].ravel() for r in regions(*errors.shape) if errors[r].size]
    return _decibels(parts), spread(parts, _decibels)


def _overshoot(pair: Comparison) -> Iterator[Measurement]:
    if shots := overshoots(pair):
        yield Measurement(
            "overshoot-change", "change of the median overshoot at strong edges",
            _median_gain(shots), "percentage points", "after minus before",
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


def _change_elsewhere(pair: Comparison) -> Iterator[Measurement]:
    """Yield the mean change of luma away from edges, and of colour anywhere."""
    away, change = ~pair.near_edges, np.abs(pair.luma_after - pair.luma_before)
    if parts := _sums(change, pair, away):
        yield Measurement(
            "flat-change", "mean change of a pixel away from strong edges", _mean(parts),
            "grey levels (0–255)", "mean absolute difference of luma, more than 3 px from edges",
            interval=spread(parts, _mean),
        )  # fmt: skip
    parts = _sums(np.abs(pair.chroma_after - pair.chroma_before).mean(-1), pair)
    yield Measurement(
        "colour-change", "mean change of colour", _mean(parts), "grey levels (0–255)",
        "mean absolute difference of Cb and Cr (BT.601)", interval=spread(parts, _mean),
    )  # fmt: skip


def _sums(
    values: NDArray[np.floating], pair: Comparison, where: NDArray[np.bool_] | None = None
) -> list[NDArray[np.float64]]:
    """Return sum and count of the values in each region that has any."""
    place = np.ones(values.shape, np.bool_) if where is None else where
    return [
        np.array([values[r][place[r]].sum(dtype=np.float64), place[r].sum()])
        for r in pair.regions
        if place[r].any()
    ]


def _mean(sums: Sequence[NDArray[np.float64]]) -> float:
    total, number = np.sum(sums, axis=0)
    return round(float(total / number), 2)  # to a hundredth of a grey level


def _median_gain(groups: Sequence[NDArray[np.float64]]) -> float:
    before, after = medians(groups)
    return after - before


def _concentration(sums: Sequence[NDArray[np.float64]]) -> float:
    near, total, area, size = np.sum(sums, axis=0)
    return float((near / total) / (area / size)) if total and area else math.nan


def _decibels(errors: Sequence[NDArray[np.float64]]) -> float:
    roots = np.sqrt(np.concatenate(errors))
    return min(MOST_DB, psnr(roots, np.zeros_like(roots)))
