"""Figures with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def mean(values: Sequence[float], seed: int = 0) -> Figure:
    """Return the mean of (n,) values with a percentile bootstrap interval (Efron, 1979)."""
    import numpy as np

    data = np.asarray(values, np.float64)
    picks = np.random.default_rng(seed).integers(len(data), size=(RESAMPLES, len(data)))
    return _figure(float(data.mean()), data[picks].mean(axis=1))


def auroc(positives: Sequence[float], negatives: Sequence[float], seed: int = 0) -> Figure:
    """Return the chance that a positive scores above a negative, with ties counting half.

    Both are resampled for the interval. There must be at least one of each.
    """
    import numpy as np

    yes, no = np.asarray(positives, np.float64), np.sort(np.asarray(negatives, np.float64))
    below, upto = no.searchsorted(yes), no.searchsorted(yes, side="right")
    generator = np.random.default_rng(seed)
    resampled = []
    for _ in range(RESAMPLES):
        weight = np.bincount(generator.integers(len(no), size=len(no)), minlength=len(no))
        rank = np.concatenate([[0], np.cumsum(weight)]) / len(no)
        pick = generator.integers(len(yes), size=len(yes))
        resampled.append(((rank[below] + rank[upto]) / 2)[pick].mean())
    value = float((below + upto).mean() / 2 / len(no))
    return _figure(value, np.array(resampled))


def _figure(value: float, resampled: NDArray[np.float64]) -> Figure:
    import numpy as np

    low, high = np.quantile(resampled, (0.025, 0.975))
    return Figure(round(value, 4), round(float(low), 4), round(float(high), 4))
