"""How noisy a picture is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Luma = NDArray[np.floating]

#: Side of the blocks, in pixels.
_BLOCK = 16
#: Luma that is nearer to black or white than this, in grey levels, may be limited, noise with it.
_LIMITED = 4
#: Share of the pixels of a block that must not be.
_UNLIMITED = 0.95
#: The share of blocks, the least restless, in which noise is looked for: others show something.
_CALM = 0.1
#: From fewer blocks nothing is told.
_LEAST = 32


def block_noise(picture: Luma) -> Values:
    """Standard deviation of the noise in each block of 16 × 16 pixels, in grey levels, `(N,)`.

    √(π/2) / 6 times the mean absolute value of the picture filtered by
    [[1, −2, 1], [−2, 4, −2], [1, −2, 1]], which takes even slopes out (Immerkær 1996, Fast noise
    variance estimation). Blocks in which more than 5 % of the pixels are within 4 grey levels of
    black or white are left out. Empty for a picture that holds no whole block.

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
    """Standard deviation of the noise of a picture, in grey levels, 0 or more.

    The value that a tenth of the blocks stay below: of the blocks that show least. For pure noise
    that is about a tenth less than its standard deviation.

    Args:
        blocks: of `block_noise`, all or some.

    Returns:
        NaN for fewer than 32 blocks.
    """
    return float(np.quantile(blocks, _CALM)) if len(blocks) >= _LEAST else math.nan


def _block_means(values: Values) -> Values:
    rows, columns = (side // _BLOCK for side in values.shape)
    whole = values[: rows * _BLOCK, : columns * _BLOCK]
    means: Values = whole.reshape(rows, _BLOCK, columns, _BLOCK).mean(axis=(1, 3))
    return means.ravel()
