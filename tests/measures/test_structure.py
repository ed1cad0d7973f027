from __future__ import annotations

import math

import numpy as np
import pytest

from agent.measures.structure import block_means, change_within, inside, low_frequency_agreement


def test_block_means_by_hand() -> None:
    picture = np.arange(2 * 5, dtype=np.float64).reshape(2, 5)
    assert block_means(picture, 2).tolist() == [[3.0, 5.0]]  # (0+1+5+6)/4, (2+3+7+8)/4
    with pytest.raises(ValueError, match="at least 24"):
        block_means(picture)


def test_low_frequency_agreement_by_hand() -> None:
    flat = np.full((48, 48), 100.0)
    # All means differ by 5: 10 log10(255² / 25).
    assert low_frequency_agreement(flat, flat + 5) == pytest.approx(34.15, abs=0.01)
    assert low_frequency_agreement(flat, flat) == math.inf
    stripes = flat + np.where(np.arange(48) % 2, 50, -50)
    assert low_frequency_agreement(flat, stripes) == math.inf  # detail alone
    with pytest.raises(ValueError):
        low_frequency_agreement(flat, flat[:24])


def test_change_within_a_place_by_hand() -> None:
    before, after = np.zeros((2, 5)), np.zeros((2, 5))
    after[0, 0], after[1, 4] = 3, 1
    place = inside((2, 5), [(0, 0, 1, 1)])
    assert change_within(before, after, place) == (0.9, 0.1)  # 9 of 9 + 1, one of ten pixels
    assert change_within(before, before, place) is None
    with pytest.raises(ValueError):
        change_within(before, after, place[:1])


def test_places_are_widened_and_cut_at_the_border() -> None:
    assert inside((4, 6), [(2, 1, 3, 2)]).sum() == 1
    assert inside((4, 6), [(2, 1, 3, 2)], 1).sum() == 9
    assert inside((4, 6), [(0, 0, 1, 1)], 2).sum() == 9
    assert inside((4, 6), [(100, 100, 120, 120)]).sum() == inside((4, 6), []).sum() == 0
