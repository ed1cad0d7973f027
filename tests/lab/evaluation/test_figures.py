"""Figures against plain counting, and intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.lab.evaluation.figures import auroc, mean

scores = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=12)


@pytest.mark.slow
@settings(max_examples=25)
@given(scores, scores)
def test_auroc_counts_pairs(yes: list[float], no: list[float]) -> None:
    pairs = [1.0 if y > n else 0.5 if y == n else 0.0 for y in yes for n in no]
    found = auroc(yes, no)
    assert found.value == pytest.approx(np.mean(pairs), abs=1e-4)
    assert 0 <= found.low <= found.high <= 1


def test_perfect_and_useless_scores() -> None:
    assert auroc([2, 3], [0, 1]).value == 1
    assert auroc([1, 1], [1, 1]).value == 0.5


def test_a_mean_with_the_interval_of_its_standard_error() -> None:
    found = mean([1.0] * 300 + [0.0] * 700)
    assert found.value == 0.3
    assert found.low == pytest.approx(0.3 - 1.96 * 0.0145, abs=0.005)
    assert found.high == pytest.approx(0.3 + 1.96 * 0.0145, abs=0.005)
    assert mean([1.0] * 300 + [0.0] * 700) == found
