"""RDMs and RSA against values worked out by hand, and against rsatoolbox where it has them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.measures.similarity import adjusted, condensed, cosine_rdm, rsa, spearman


def rdm(values: list[float]) -> np.ndarray:
    n = round((1 + (1 + 8 * len(values)) ** 0.5) / 2)
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n, 1)] = values
    return matrix + matrix.T


def noise(seed: int, n: int = 12, width: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, width))


def test_dissimilarity_is_one_minus_the_cosine() -> None:
    vectors = np.array([[1, 0], [0, 2], [3, 3], [-5, 0]], np.float32)
    half = 1 - 1 / np.sqrt(2)
    expected = rdm([1, half, 2, half, 1, 1 + 1 / np.sqrt(2)])
    np.testing.assert_allclose(cosine_rdm(vectors), expected, atol=1e-6)


def test_a_vector_of_zeros_is_like_itself_and_unlike_all_others() -> None:
    matrix = cosine_rdm(np.array([[0.0, 0], [0, 0], [1, 1]]))
    np.testing.assert_array_equal(matrix, rdm([0, 1, 1]))


@pytest.mark.parametrize("bad", [np.zeros(3), np.array([[1.0, np.nan]]), np.array([[np.inf, 1]])])
def test_what_is_no_finite_matrix_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="finite vectors"):
        cosine_rdm(bad)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_an_rdm_is_symmetric_in_range_and_blind_to_scale(seed: int, scale: float) -> None:
    vectors = noise(seed)
    matrix = cosine_rdm(vectors)
    assert (matrix == matrix.T).all()
    assert (np.diag(matrix) == 0).all()
    assert matrix.min() >= 0
    assert matrix.max() <= 2
    np.testing.assert_allclose(cosine_rdm(vectors * scale), matrix, atol=1e-9)


def test_spearman_by_hand() -> None:
    # 1 − 6 Σd² / (n (n² − 1)) = 1 − 6 · 6 / (6 · 35)
    a, b = np.array([1.0, 2, 3, 4, 5, 6]), np.array([20.0, 10, 40, 30, 60, 50])
    assert spearman(a, b) == pytest.approx(1 - 36 / 210)
    assert spearman(a, -(a**3)) == pytest.approx(-1)


def test_tied_values_share_their_mean_rank() -> None:
    # ranks 1.5 1.5 3 4 against 1 2 3 4: covariance 4.5, variances 4.5 and 5
    value = spearman(np.array([7.0, 7, 8, 9]), np.array([1.0, 2, 3, 4]))
    assert value == pytest.approx(4.5 / np.sqrt(4.5 * 5))


def test_what_does_not_vary_correlates_with_nothing() -> None:
    flat, other = np.ones((6, 6)) - np.eye(6), cosine_rdm(noise(0, 6))
    (found,) = rsa(flat[None], other, permutations=20, resamples=20)
    assert all(np.isnan(x) for x in found)


def test_an_rdm_agrees_with_itself_as_no_permutation_does() -> None:
    matrix = cosine_rdm(noise(1))
    (found,) = rsa(matrix[None], matrix, permutations=199, resamples=50)
    assert found.value == pytest.approx(1)
    assert found.low == pytest.approx(1)
    assert found.p == pytest.approx(1 / 200)


def test_the_p_value_is_the_share_of_relabellings_that_agree_as_well() -> None:
    a, b = rdm([1, 2, 3, 4, 5, 6]), rdm([2, 1, 4, 3, 6, 5])
    seen = abs(spearman(condensed(a), condensed(b)))
    orders = [np.array(o) for o in permutations(range(4))]
    chances = [abs(spearman(condensed(a), condensed(b[np.ix_(o, o)]))) for o in orders]
    exact = np.mean(np.array(chances) >= seen - 1e-12)
    (found,) = rsa(a[None], b, permutations=20_000, resamples=1)
    assert found.p == pytest.approx(exact, abs=0.01)


def test_unrelated_geometries_are_seldom_called_related() -> None:
    layers = np.stack([cosine_rdm(noise(seed)) for seed in range(2, 202)])
    found = rsa(layers, cosine_rdm(noise(1)), permutations=200, resamples=1)
    assert np.mean([f.p < 0.05 for f in found]) < 0.12


def test_the_interval_holds_the_value_and_narrows_with_stimuli() -> None:
    def width(n: int) -> float:
        vectors = noise(3, n)
        (found,) = rsa(cosine_rdm(vectors + noise(4, n))[None], cosine_rdm(vectors), resamples=200)
        assert found.low < found.value < found.high
        return found.high - found.low

    assert width(60) < width(12)


def test_the_same_seed_gives_the_same_numbers() -> None:
    layers, target = cosine_rdm(noise(5))[None], cosine_rdm(noise(6))
    few = {"permutations": 50, "resamples": 50}
    assert rsa(layers, target, seed=3, **few) == rsa(layers, target, seed=3, **few)
    assert rsa(layers, target, seed=3, **few) != rsa(layers, target, seed=4, **few)


@pytest.mark.slow
def test_correlations_are_those_of_rsatoolbox() -> None:
    toolbox = pytest.importorskip("rsatoolbox.rdm")
    layers = np.stack([cosine_rdm(noise(seed)) for seed in (7, 8, 9)])
    target = cosine_rdm(noise(10).round())  # with ties
    theirs = toolbox.compare(toolbox.RDMs(layers), toolbox.RDMs(target[None]), method="spearman")
    ours = [f.value for f in rsa(layers, target, permutations=1, resamples=1)]
    np.testing.assert_allclose(ours, theirs[:, 0], atol=1e-9)


def test_p_values_are_corrected_for_their_number() -> None:
    # Benjamini and Hochberg: min over later ranks of p · m / rank, m = 4
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.5])
    np.testing.assert_allclose(adjusted(p), [0.04, np.nan, 0.16 / 3, 0.16 / 3, 0.5])


@pytest.mark.parametrize(
    ("first", "second"), [((4, 4), (4, 4)), ((1, 4, 4), (5, 5)), ((1, 3, 3), (3, 3))]
)
def test_rdms_of_other_shapes_are_refused(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected RDMs"):
        rsa(np.zeros(first), np.zeros(second))
