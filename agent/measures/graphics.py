"""What tells a drawing, a diagram or a page from a photograph.

Graphics have few colours, flat areas and hard edges between them (Athitsos, Swain and Frankel 1997,
Distinguishing photographs and graphics on the World Wide Web). All shares are in [0, 1], of RGB
uint8 pixels `(H, W, 3)`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

#: Commonest colours that are counted together, of 16 values a channel.
COLOURS = 4
#: Neighbours that differ by no more than this in any channel are alike.
ALIKE = 4
#: Neighbours that differ by at least this in a channel are on two sides of a hard edge.
HARD = 40


def common_colours(pixels: Pixels) -> float:
    """Share of the pixels that have one of the four commonest colours, of 4 bits a channel.

    The prevalent-colour metric of Athitsos et al., for four colours instead of one. In (0, 1].
    """
    red, green, blue = (pixels[..., channel].astype(np.uint16) >> 4 for channel in range(3))
    counts = np.bincount(((red << 8) | (green << 4) | blue).ravel(), minlength=1 << 12)
    common = int(np.sort(counts)[-COLOURS:].sum())
    return common / int(counts.sum())


def hard_edges(pixels: Pixels) -> float:
    """Of the neighbours in a row that are not alike, the share that differs by 40 levels or more.

    The farthest-neighbour metric of Athitsos et al., with differences of up to 4 levels left out,
    since noise and compression make these anywhere. 0 where all neighbours are alike.
    """
    steps = _steps(pixels)
    unlike = int((steps > ALIKE).sum())
    return float((steps >= HARD).sum()) / unlike if unlike else 0.0


def flat_areas(pixels: Pixels) -> float:
    """Share of the pixels that are alike to those on their right and below them.

    Raises:
        ValueError: for a picture of one row or one column.
    """
    if min(pixels.shape[:2]) < 2:
        raise ValueError(f"expected at least 2 × 2 pixels, got {pixels.shape}")
    across, down = _steps(pixels), _steps(pixels.swapaxes(0, 1)).T
    return float(((across[:-1] <= ALIKE) & (down[:, :-1] <= ALIKE)).mean())


def _steps(pixels: Pixels) -> NDArray[np.int16]:
    """Largest difference over the channels between neighbours in a row, `(H, W − 1)`."""
    steps: NDArray[np.int16] = np.abs(np.diff(pixels.astype(np.int16), axis=1)).max(axis=2)
    return steps
