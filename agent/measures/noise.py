"""Estimation of the noise in a picture."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Luma = NDArray[np.floating]

#: Side of the blocks, in pixels.
_BLOCK = 16
#: Luma nearer than this to black or white, in grey levels, may be clipped, and its noise with it.
_LIMITED = 4
#: Minimum share of unclipped pixels in a block.
_UNLIMITED = 0.95
#: Share of blocks, those with least structure, in which noise is measured.
_CALM = 0.1
#: Minimum number of blocks for an estimate.
_LEAST = 32


def block_noise(picture: Luma) -> Values:
    """Return the standard deviation of the noise in each 16 × 16 block, in grey levels, `(N,)`.

    It is √(π/2) / 6 times the mean absolute value of the picture filtered by
    [[1, −2, 1], [−2, 4, −2], [1, −2, 1]], which removes even slopes (Immerkær 1996, Fast noise
    variance estimation). Blocks in which more than 5 % of the pixels are within 4 grey levels of
    black or white are left out. Empty for a picture without a whole block.

    Args:
        picture: `(H, W)` luma in [0, 255].
    """
    if min(picture.shape) < _BLOCK + 2:
        return np.empty(0)
    y = picture.astype(np.float64)
    rows = y[:-2] - 2 * y[1:-1] + y[2:]
    filtered = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
    inner = y[1:-1, 1:-1]
    unlimited = (inner > _LIMITED) & (inner < 255 - _LIMITED)
    usable = _block_means(unlimited.astype(np.float64)) >= _UNLIMITED
    sigma: Values = math.sqrt(math.pi / 2) / 6 * _block_means(filtered)[usable]
    return sigma


def noise_sigma(blocks: Values) -> float:
    """Return the standard deviation of the noise in a picture, in grey levels, ≥ 0.

    It is the tenth percentile over blocks, those with least structure. For pure noise it is about a
    tenth below the true standard deviation.

    Args:
        blocks: values from `block_noise`, all or some.

    Returns:
        NaN for fewer than 32 blocks.
    """
    return float(np.quantile(blocks, _CALM)) if len(blocks) >= _LEAST else math.nan


def _block_means(values: Values) -> Values:
    rows, columns = (side // _BLOCK for side in values.shape)
    whole = values[: rows * _BLOCK, : columns * _BLOCK]
    means: Values = whole.reshape(rows, _BLOCK, columns, _BLOCK).mean(axis=(1, 3))
    return means.ravel()
