"""Representational similarity analysis: RDMs, Spearman correlation, intervals and p-values.

Kriegeskorte, Mur and Bandettini, "Representational similarity analysis", Frontiers in Systems
Neuroscience 2:4, 2008. rsatoolbox compares RDMs by the same Spearman correlation, and the tests
check this module against it. It has no cosine dissimilarity and no permutation test, and its
bootstrap cannot be seeded by argument, so these are implemented here with numpy and scipy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, rankdata

Values = NDArray[np.float64]

#: Minimum number of stimuli: fewer give too few rankings to mean anything.
MIN_STIMULI = 4


class Correlation(NamedTuple):
    """A Spearman correlation of two RDMs."""

    value: float
    """ρ in [−1, 1]; NaN if one of the two does not vary."""
    low: float
    high: float
    """Ends of the interval with ρ of 95 % of the resamples of the stimuli."""
    p: float
    """Share of permutations of the stimuli with at least this |ρ|, in (0, 1]."""


def cosine_rdm(vectors: NDArray[np.floating]) -> Values:
    """Return the representational dissimilarity matrix: 1 − cosine of every two vectors.

    A zero vector has no direction: its dissimilarity is 0 to another zero vector, and 1, as if
    perpendicular, to any other.

    Args:
        vectors: `(n, d)`, one flattened representation per stimulus; finite.

    Returns:
        `(n, n)` in [0, 2], no unit, symmetric, with zero diagonal.

    Raises:
        ValueError: for another rank, or values that are not finite.
    """
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise ValueError(f"expected finite vectors of shape (n, d), got shape {vectors.shape}")
    gram = np.asarray(vectors @ vectors.T, np.float64)
    length = np.sqrt(np.diag(gram))
    empty = length == 0
    unit = np.where(empty, 1, length)
    rdm: Values = np.clip(1 - gram / np.outer(unit, unit), 0, 2)
    rdm = (rdm + rdm.T) / 2
    rdm[np.ix_(empty, empty)] = 0
    np.fill_diagonal(rdm, 0)
    return rdm


def condensed(rdm: Values) -> Values:
    """Return the entries above the diagonal of `(n, n)`, row by row: `(n (n − 1) / 2,)`."""
    return rdm[np.triu_indices(len(rdm), 1)]


def spearman(a: Values, b: Values) -> float:
    """Return Spearman's ρ of two arrays of the same shape, with mean ranks for ties; in [−1, 1].

    NaN if one of them does not vary.

    Raises:
        ValueError: if the shapes differ.
    """
    if a.shape != b.shape:
        raise ValueError(f"expected two arrays of one shape, got {a.shape} and {b.shape}")
    return float(_standardised(rankdata(a)) @ _standardised(rankdata(b)))


def rsa(
    first: Values,
    second: Values,
    *,
    permutations: int = 5000,
    resamples: int = 1000,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Correlation]:
    """Return the Spearman correlations of several RDMs with one, with intervals and p-values.

    The p-value is that of Mantel's test (Cancer Research 27, 1967), two-sided: the stimuli of
    `second` are relabelled at random, p = (1 + #{|ρ*| ≥ |ρ|}) / (1 + permutations). The interval is
    a percentile bootstrap over stimuli: n are drawn with replacement, leaving out pairs of a
    stimulus with itself, whose dissimilarity is 0 by definition.

    Args:
        first: `(k, n, n)`, such as one RDM per layer.
        second: `(n, n)`, for the same stimuli in the same order; n at least 4.
        seed: the same seed gives the same numbers.
        progress: called with the number of resamples done and their total.

    Raises:
        ValueError: for other shapes.
    """
    n = second.shape[0]
    if first.ndim != 3 or second.shape != (n, n) or first.shape[1:] != (n, n) or n < MIN_STIMULI:
        raise ValueError(
            f"expected RDMs of shapes (k, n, n) and (n, n) with n of at least {MIN_STIMULI}, "
            f"got {first.shape} and {second.shape}"
        )
    generator = np.random.default_rng(seed)
    values = np.array([spearman(condensed(rdm), condensed(second)) for rdm in first])
    p = _permuted(first, second, values, permutations, generator)
    samples = np.array(list(_resampled(first, second, resamples, generator, progress)))
    spread = [_interval(samples[:, i]) for i in range(len(first))]
    return [
        Correlation(float(value), low, high, float(chance))
        for value, (low, high), chance in zip(values, spread, p, strict=True)
    ]


def adjusted(p: Values) -> Values:
    """Adjust p-values by the false discovery rate of Benjamini and Hochberg.

    NaN stays NaN and does not count.
    """
    result = np.full(len(p), np.nan)
    finite = np.isfinite(p)
    if finite.any():
        result[finite] = false_discovery_control(p[finite])
    return result


def _permuted(
    first: Values, second: Values, values: Values, permutations: int, generator: np.random.Generator
) -> Values:
    """Return p-values `(k,)`, NaN where ρ is; relabelling keeps ranks, so they are reused."""
    ranked = np.stack([_standardised(rankdata(condensed(rdm))) for rdm in first])
    n = len(second)
    above = np.triu_indices(n, 1)
    ranks = np.zeros((n, n))
    ranks[above] = _standardised(rankdata(second[above]))
    ranks += ranks.T
    as_great = np.zeros(len(first))
    for _ in range(permutations):
        order = generator.permutation(n)
        chance = ranked @ ranks[order[:, None], order][above]
        as_great += np.abs(chance) >= np.abs(values) - 1e-12
    p = (1 + as_great) / (1 + permutations)
    return np.where(np.isfinite(values), p, np.nan)


def _resampled(
    first: Values,
    second: Values,
    resamples: int,
    generator: np.random.Generator,
    progress: Callable[[int, int], None],
) -> Iterator[list[float]]:
    n = len(second)
    above = np.triu_indices(n, 1)
    for done in range(resamples):
        sample = generator.integers(n, size=n)
        rows, columns = sample[above[0]], sample[above[1]]
        distinct = rows != columns
        pairs = rows[distinct], columns[distinct]
        other = _standardised(rankdata(second[pairs]))
        yield [float(_standardised(rankdata(rdm[pairs])) @ other) for rdm in first]
        progress(done + 1, resamples)


def _interval(samples: Values) -> tuple[float, float]:
    finite = samples[np.isfinite(samples)]
    if not finite.size:
        return float("nan"), float("nan")
    low, high = np.quantile(finite, (0.025, 0.975))
    return float(low), float(high)


def _standardised(ranks: Values) -> Values:
    """Scale ranks to mean 0 and length 1; all NaN if they do not vary."""
    centred = ranks - ranks.mean() if ranks.size else ranks
    length = float(np.sqrt(centred @ centred))
    return centred / length if length > 0 else np.full_like(centred, np.nan)
