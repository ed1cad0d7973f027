"""Whether a picture was within the network's reach: signs that its result is worth nothing.

Every threshold is a constant of this module; figures come from `agent.measures`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from agent.measures.sharpness import ACROSS, DOWN, REACH
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.criteria import SHARP

#: A smaller side leaves the network nothing to go by, in pixels.
LEAST_SIDE = 16
#: Standard deviation of luma, in grey levels, below which a picture is flat.
LEAST_DETAIL = 0.5
#: Median 10–90 % width of strong edges, in pixels, from which there is more blur than the network
#: was trained on.
BLURRED = 15.0
#: Standard deviation of luma, in grey levels, from which a picture without any strong edge is taken
#: for one that lost its edges; one with sides of less than 96 pixels may have none.
CONTRAST = 20.0
#: Mean luma of a square of `SQUARE` pixels may change by this much, in grey levels: removing blur
#: moves brightness by a few pixels and does not make or destroy it.
MOST_CHANGE, SQUARE = 24.0, 32
#: Fewer strong edges than this make no median.
LEAST_EDGES = 30
#: Side of the middle of the picture that is looked at, in pixels.
LOOKED_AT = 2048


def doubts(pair: Comparison) -> Iterator[str]:
    """Why a restoration is no success; nothing where there is no sign.

    Of larger pictures, the middle of 2048 × 2048 pixels is looked at.
    """
    middle = pair.middle(LOOKED_AT)
    old, new = middle.luma_before, middle.luma_after
    if min(old.shape) < LEAST_SIDE:
        yield f"too small: less than {LEAST_SIDE} pixels a side"
        return
    detail = float(old.std())
    if detail < LEAST_DETAIL:
        yield "flat, all of one colour: there was nothing to restore"
        return
    width = _width(middle)
    if width is not None and width <= SHARP:
        yield (
            f"already sharp: its strong edges are {width:.2f} px wide at the median, and up to "
            f"{SHARP:g} px leaves nothing to restore"
        )
    if width is not None and width >= BLURRED:
        yield (
            f"extreme blur: its strong edges are {width:.1f} px wide at the median; the network "
            f"removes blur of less than {BLURRED:g} px"
        )
    if min(old.shape) >= 4 * REACH and detail >= CONTRAST and not _edges(middle):
        yield "extreme blur, or a picture without edges: there is contrast and no strong edge"
    change = float(np.abs(_squares(new) - _squares(old)).max())
    if change > MOST_CHANGE:
        yield (
            f"huge change: the brightness of a square of {SQUARE} px changed by {change:.0f} grey "
            f"levels, and more than {MOST_CHANGE:g} is invention, not restoration"
        )


def _width(pair: Comparison) -> float | None:
    """Median width of strong edges in the more blurred direction; None for too few edges."""
    widths = pair.shapes_before.width
    is_finite = np.isfinite(widths)
    directions = [is_finite & (pair.edges[:, 2] == axis) for axis in (DOWN, ACROSS)]
    enough = [
        np.median(widths[one]) for one in (is_finite, *directions) if one.sum() >= LEAST_EDGES
    ]
    return float(max(enough)) if enough else None


def _edges(pair: Comparison) -> int:
    """How many strong edges can be measured."""
    return int(np.isfinite(pair.shapes_before.width).sum())


def _squares(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of squares that do not overlap; of a smaller picture, the mean of all."""
    down, right = (max(1, side // SQUARE) for side in values.shape)
    tall, wide = (min(SQUARE, side) for side in values.shape)
    whole = values[: down * tall, : right * wide]
    return np.asarray(whole.reshape(down, tall, right, wide).mean(axis=(1, 3)))
