"""Signs that a picture was beyond the network's reach, so that its result is of no use.

Every threshold is a constant of this module; figures come from `agent.measures`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from agent.measures.sharpness import ACROSS, DOWN, REACH
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.criteria import SHARP

#: Minimum side, in pixels: smaller pictures give the network nothing to go by.
LEAST_SIDE = 16
#: Standard deviation of luma, in grey levels, below which a picture is flat.
LEAST_DETAIL = 0.5
#: Median 10–90 % width of strong edges, in pixels, above which there is more blur than the network
#: was trained on.
BLURRED = 15.0
#: Standard deviation of luma, in grey levels, above which a picture without a strong edge counts as
#: one that lost its edges; one with sides below 96 pixels may have none.
CONTRAST = 20.0
#: Maximum change of the mean luma of a square of `SQUARE` pixels, in grey levels: removing blur
#: moves brightness by a few pixels but neither creates nor destroys it.
MOST_CHANGE, SQUARE = 24.0, 32
#: Minimum number of strong edges for a median.
LEAST_EDGES = 30
#: Side of the middle of the picture that is checked, in pixels.
LOOKED_AT = 2048


def doubts(pair: Comparison) -> Iterator[str]:
    """Yield the signs that a restoration failed.

    Of larger pictures, only the middle 2048 × 2048 pixels are checked.
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
    """Return the median width of edges in the more blurred direction; None for too few edges."""
    widths = pair.shapes_before.width
    is_finite = np.isfinite(widths)
    directions = [is_finite & (pair.edges[:, 2] == axis) for axis in (DOWN, ACROSS)]
    enough = [
        np.median(widths[one]) for one in (is_finite, *directions) if one.sum() >= LEAST_EDGES
    ]
    return float(max(enough)) if enough else None


def _edges(pair: Comparison) -> int:
    """Count the strong edges that can be measured."""
    return int(np.isfinite(pair.shapes_before.width).sum())


def _squares(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the means of non-overlapping squares; of a smaller picture, the mean of all."""
    down, right = (max(1, side // SQUARE) for side in values.shape)
    tall, wide = (min(SQUARE, side) for side in values.shape)
    whole = values[: down * tall, : right * wide]
    return np.asarray(whole.reshape(down, tall, right, wide).mean(axis=(1, 3)))
