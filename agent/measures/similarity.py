"""Whether two representations keep the same geometry: RDMs, Spearman RSA, and how sure that is.

Kriegeskorte, Mur and Bandettini, "Representational similarity analysis", Frontiers in Systems
Neuroscience 2:4, 2008. rsatoolbox compares RDMs by the same Spearman correlation, and the tests
hold this module to it. It has no cosine dissimilarity and no permutation test, and its bootstrap
draws from a generator that cannot be seeded by argument; so these are here, on numpy and scipy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, rankdata

Values = NDArray[np.float64]

#: Two dissimilarities can rank in too few ways to mean anything.
MIN_STIMULI = 4


class Correlation(NamedTuple):
    """A Spearman correlation of two RDMs."""

    value: float
    """ρ in [−1, 1]; NaN where one of the two does not vary."""
    low: float
    high: float
    """The interval that holds ρ in 95 of 100 resamples of the stimuli."""
    p: float
    """Share of permutations of the stimuli with |ρ| at least as great, in (0, 1]."""


def cosine_rdm(vectors: NDArray[np.floating]) -> Values:
    """Representational dissimilarity matrix: 1 − cos of the angle between every two vectors.

    A vector of zeros has no direction: its dissimilarity is 0 to another such vector and 1, as of
    perpendicular ones, to any other.

    Args:
        vectors: `(n, d)`, one flattened representation a stimulus; finite.

    Returns:
        `(n, n)` in [0, 2], no unit, symmetric, its diagonal 0.

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
    """The entries above the diagonal of `(n, n)`, row by row: `(n (n − 1) / 2,)`."""
    return rdm[np.triu_indices(len(rdm), 1)]


def spearman(a: Values, b: Values) -> float:
    """Spearman's ρ of two arrays of one shape, ties given their mean rank; in [−1, 1].

    NaN where one of them does not vary.

    Raises:
        ValueError: when the shapes differ.
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
    """Spearman correlation of each of several RDMs with one, with interval and p-value.

    The p-value is that of Mantel's test (Cancer Research 27, 1967): the stimuli of `second` are
    relabelled at random, two-sided, p = (1 + #{|ρ*| ≥ |ρ|}) / (1 + permutations). The interval is
    the percentile bootstrap over stimuli: n are drawn with replacement, and pairs of a stimulus
    with itself are left out, since their dissimilarity of 0 is known beforehand.

    Args:
        first: `(k, n, n)`, such as one RDM a layer.
        second: `(n, n)`, over the same stimuli in the same order; n at least 4.
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
    """p-values corrected for their number, by the false discovery rate of Benjamini and Hochberg.

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
    """Ranks survive a relabelling, so they are taken once; `(k,)`, NaN where ρ is."""
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
    """Mean 0 and length 1; all NaN where the ranks do not vary."""
    centred = ranks - ranks.mean() if ranks.size else ranks
    length = float(np.sqrt(centred @ centred))
    return centred / length if length > 0 else np.full_like(centred, np.nan)
