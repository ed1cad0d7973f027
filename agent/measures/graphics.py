"""Features that tell drawings, diagrams and pages from photographs.

Graphics have few colours, flat areas and hard edges between them (Athitsos, Swain and Frankel 1997,
Distinguishing photographs and graphics on the World Wide Web). All functions take RGB uint8 pixels
`(H, W, 3)` and return shares in [0, 1].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

#: Number of most common colours counted together, of 16 values per channel.
COLOURS = 4
#: Maximum difference in any channel of neighbours that count as alike.
ALIKE = 4
#: Minimum difference in a channel of neighbours on either side of a hard edge.
HARD = 40


def common_colours(pixels: Pixels) -> float:
    """Return the share of pixels with one of the four most common colours, at 4 bits per channel.

    This is the prevalent-colour metric of Athitsos et al. for four colours, not one. In (0, 1].
    """
    red, green, blue = (pixels[..., channel].astype(np.uint16) >> 4 for channel in range(3))
    counts = np.bincount(((red << 8) | (green << 4) | blue).ravel(), minlength=1 << 12)
    common = int(np.sort(counts)[-COLOURS:].sum())
    return common / int(counts.sum())


def hard_edges(pixels: Pixels) -> float:
    """Return the share of unlike neighbours in rows that differ by 40 levels or more.

    This is the farthest-neighbour metric of Athitsos et al. without differences of up to 4 levels,
    which noise and compression cause anywhere. 0 if all neighbours are alike.
    """
    steps = _steps(pixels)
    unlike = int((steps > ALIKE).sum())
    return float((steps >= HARD).sum()) / unlike if unlike else 0.0


def flat_areas(pixels: Pixels) -> float:
    """Return the share of pixels that are like those to their right and below.

    Raises:
        ValueError: for a picture of one row or one column.
    """
    if min(pixels.shape[:2]) < 2:
        raise ValueError(f"expected at least 2 × 2 pixels, got {pixels.shape}")
    across, down = _steps(pixels), _steps(pixels.swapaxes(0, 1)).T
    return float(((across[:-1] <= ALIKE) & (down[:, :-1] <= ALIKE)).mean())


def _steps(pixels: Pixels) -> NDArray[np.int16]:
    """Return the largest difference over channels between neighbours in rows, `(H, W − 1)`."""
    steps: NDArray[np.int16] = np.abs(np.diff(pixels.astype(np.int16), axis=1)).max(axis=2)
    return steps
