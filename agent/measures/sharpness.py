"""Steepness and overshoot of edges, and gradient energies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.measures.fidelity import Array, luma

Luma = NDArray[np.floating]
Values = NDArray[np.float64]
Indices = NDArray[np.intp]

#: Axes along which a picture changes at an edge: top to bottom, and left to right.
DOWN, ACROSS = 0, 1
#: Reach of a profile on both sides of an edge, in pixels.
REACH = 24
#: Minimum luma step of a strong edge, in grey levels of 255.
MIN_STEP = 40.0
#: Minimum gradient of a strong edge, in grey levels per pixel.
_MIN_SLOPE = 4.0
#: Minimum ratio of the gradients across and along a straight edge.
_STRAIGHT = 4.0
_MOST_EDGES = 20_000
#: Maximum shift of an edge between two versions of a picture, in pixels.
_SHIFT = 2


def gradient(picture: Luma) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the Sobel gradient downwards and rightwards, in grey levels per pixel.

    The kernels are divided by 8, so a ramp of one grey level per pixel has gradient 1. Borders are
    repeated.
    """
    p = np.pad(picture.astype(np.float32), 1, mode="edge")
    smooth_x = p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]
    smooth_y = p[:-2] + 2 * p[1:-1] + p[2:]
    eighth = np.float32(1 / 8)
    down, right = smooth_x[2:] - smooth_x[:-2], smooth_y[:, 2:] - smooth_y[:, :-2]
    return down * eighth, right * eighth


def gradient_energy(picture: Luma) -> float:
    """Return the mean squared Sobel gradient, (grey levels per pixel)²; 0 for a flat picture.

    This is the focus measure of Tenenbaum (1970) without its threshold.
    """
    down, right = gradient(picture)
    return float(np.mean(down.astype(np.float64) ** 2 + right.astype(np.float64) ** 2))


def laplacian_energy(picture: Luma) -> float:
    """Return the mean squared Laplacian, (grey levels per pixel²)²; 0 for an even ramp.

    The Laplacian is the sum of the four neighbours minus four times the pixel, with repeated
    borders. It grows with the square of spatial frequency, so this is the energy of the finest
    detail (the focus measure of Subbarao, Choi and Nikzad 1993).
    """
    p = np.pad(picture.astype(np.float32), 1, mode="edge")
    around = p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:]
    return float(np.mean((around - 4 * p[1:-1, 1:-1]).astype(np.float64) ** 2))


def find_edges(picture: Luma) -> Indices:
    """Find strong straight edges: maxima of the gradient along rows or columns.

    A point counts if its gradient is at least 4 grey levels per pixel, is nearly along one axis (4
    times as steep as along the other), is a maximum along that axis, and lies at least 24 pixels
    from the border on it. Of more than 20,000, every k-th is kept.

    Returns:
        `(N, 4)`: row, column, axis along which the picture changes, `DOWN` or `ACROSS`, and 1 if it
        becomes brighter along that axis or −1 if darker.
    """
    gradients = gradient(picture)
    per_axis = [_edges_along(axis, gradients[axis], gradients[1 - axis]) for axis in (DOWN, ACROSS)]
    edges = np.concatenate(per_axis)
    return edges[:: -(-len(edges) // _MOST_EDGES) or 1]


def _edges_along(axis: int, along: NDArray[np.float32], other: NDArray[np.float32]) -> Indices:
    steep = np.abs(along)
    strong = (steep >= _MIN_SLOPE) & (steep >= _STRAIGHT * np.abs(other))
    strong &= (steep >= np.roll(steep, 1, axis)) & (steep > np.roll(steep, -1, axis))
    rows, columns = np.nonzero(strong)
    place, side = (rows, columns)[axis], along.shape[axis]
    inside = (place >= REACH) & (place < side - REACH)
    rows, columns = rows[inside], columns[inside]
    sign = np.where(along[rows, columns] > 0, 1, -1)
    return np.stack([rows, columns, np.full_like(rows, axis), sign], axis=1)


class EdgeShapes(NamedTuple):
    """Measurements at N edges, `(N,)` each; NaN if an edge cannot be measured."""

    width: Values
    """10–90 % width across the edge, pixels."""
    overshoot: Values
    """Overshoot of luma beyond its level past the edge, on both sides together, in % of the step; 0
    if there is none."""


def edge_shapes(picture: Luma, edges: Indices) -> EdgeShapes:
    """Measure edges, which may have been found in another version of the picture.

    From the steepest point within 2 pixels of the edge, the profile is followed to both sides as
    long as it rises (or falls). The step is the difference between the two ends; edges with a step
    below 40 grey levels are left out. The width is the distance between the points at 10 % and 90 %
    of the step, linearly interpolated (the rise distance of ISO 12233). The overshoot compares the
    ends with the levels 4 to 6 pixels beyond them; it is measured only if those are level (within
    10 % of the step), thus not on thin strokes.

    Args:
        picture: `(H, W)` luma in [0, 255], of the size in which the edges were found.
    """
    profiles = _profiles(picture, edges)
    centres = _steepest(profiles)
    high, low = _followed(profiles, centres, 1), _followed(profiles, centres, -1)
    every = np.arange(len(profiles))
    top, bottom = profiles[every, high], profiles[every, low]
    step = top - bottom
    strong = step >= MIN_STEP
    start, end = (_crossing(profiles, low, high, bottom + share * step) for share in (0.1, 0.9))
    return EdgeShapes(
        np.where(strong, end - start, np.nan),
        np.where(strong, _overshoot(profiles, low, high), np.nan),
    )


def mean_profiles(
    reference: Luma, others: Sequence[Luma], edges: Indices, reach: int = 8
) -> list[Values] | None:
    """Return the median luma profile across the edges of a picture and of other versions.

    Each profile is scaled so that 0 and 1 are the levels on either side of its edge in `reference`;
    the median at each distance is over all edges with a step of at least 40 grey levels.

    Returns:
        For `reference` and each of `others`, `(2 · reach + 1,)` from −reach to +reach pixels; None
        if no edge is strong enough.
    """
    first = _profiles(reference, edges)
    centres = _steepest(first)
    every = np.arange(len(first))
    bottom = first[every, _followed(first, centres, -1)]
    step = first[every, _followed(first, centres, 1)] - bottom
    strong = step >= MIN_STEP
    if not strong.any():
        return None
    middle = np.s_[REACH - reach : REACH + reach + 1]
    every_version = [first, *(_profiles(other, edges) for other in others)]
    return [
        np.median((p[strong, middle] - bottom[strong, None]) / step[strong, None], axis=0)
        for p in every_version
    ]


def _profiles(picture: Luma, edges: Indices) -> Values:
    """Return the luma profiles across all edges, oriented to rise, `(N, 2 · REACH + 1)`."""
    rows, columns, axis, sign = (part[:, None] for part in edges.T)
    offsets = np.arange(-REACH, REACH + 1) * sign
    places = rows + offsets * (axis == 0), columns + offsets * (axis == 1)
    return np.asarray(picture[places], np.float64)


def _steepest(profiles: Values) -> Indices:
    """Return the index of the lower end of the steepest rise near the middle of each profile."""
    first = REACH - _SHIFT
    rises = np.diff(profiles[:, first : REACH + _SHIFT + 1], axis=1)
    return np.asarray(first + np.argmax(rises, axis=1))


def _followed(profiles: Values, centres: Indices, direction: int) -> Indices:
    """Return the index where each profile, from its centre, stops rising (1) or falling (−1)."""
    every = np.arange(len(profiles))
    ends = centres + (direction > 0)
    going = profiles[every, centres + 1] > profiles[every, centres]
    last = profiles.shape[1] - 1 if direction > 0 else 0
    while going.any():
        onward = np.clip(ends + direction, 0, profiles.shape[1] - 1)
        gain = (profiles[every, onward] - profiles[every, ends]) * direction
        going &= (gain > 0) & (ends != last)
        ends = np.where(going, onward, ends)
    return ends


def _crossing(profiles: Values, low: Indices, high: Indices, level: Values) -> Values:
    """Return where each profile, rising from `low` to `high`, crosses `level`; interpolated."""
    index = np.arange(profiles.shape[1])
    below = (index >= low[:, None]) & (index < high[:, None]) & (profiles <= level[:, None])
    left = np.where(below, index, 0).max(axis=1)
    every = np.arange(len(profiles))
    start, rise = profiles[every, left], profiles[every, left + 1] - profiles[every, left]
    crossing: Values = left + (level - start) / np.where(rise > 0, rise, 1)
    return crossing


def _overshoot(profiles: Values, low: Indices, high: Indices) -> Values:
    every, beyond = np.arange(len(profiles))[:, None], np.arange(4, 7)
    after, before = high[:, None] + beyond, low[:, None] - beyond
    last = profiles.shape[1] - 1
    inside = (after[:, -1] <= last) & (before[:, -1] >= 0)
    upper = profiles[every, np.minimum(after, last)]
    lower = profiles[every, np.maximum(before, 0)]
    step = upper.mean(axis=1) - lower.mean(axis=1)
    level = np.maximum(np.ptp(upper, axis=1), np.ptp(lower, axis=1)) <= 0.1 * step
    usable = inside & level & (step >= MIN_STEP / 2)
    shot = np.maximum(profiles[every[:, 0], high] - profiles[every[:, 0], low] - step, 0)
    return np.where(usable, 100 * shot / np.where(usable, step, 1), np.nan)


def near_edges(picture: Luma, reach: int = 3) -> NDArray[np.bool_]:
    """Return a mask `(H, W)` of pixels within `reach` of a strong edge along rows and columns.

    A strong edge here is a point with a gradient of at least 10 grey levels per pixel.
    """
    near: NDArray[np.bool_] = np.hypot(*gradient(picture)) >= 10
    for axis in (0, 1):
        edges = [(reach, reach) if i == axis else (0, 0) for i in range(2)]
        wide = np.pad(near, edges)
        views = np.lib.stride_tricks.sliding_window_view(wide, 2 * reach + 1, axis=axis)
        near = np.any(views, axis=-1)
    return near


def most_detailed(pixels: Array, height: int, width: int) -> tuple[int, int]:
    """Return the top left corner of the window with the greatest gradient energy."""
    down, right = gradient(luma(pixels))
    sums = np.pad((down**2 + right**2).astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    energy = (
        sums[height:, width:]
        - sums[:-height, width:]
        - sums[height:, :-width]
        + sums[:-height, :-width]
    )
    top, left = np.unravel_index(int(energy.argmax()), energy.shape)
    return int(top), int(left)
