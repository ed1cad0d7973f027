"""Noise of a known strength is found, and texture, edges and limits are not taken for it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.measures.fidelity import luma
from agent.measures.noise import block_noise, noise_sigma
from tests.measures.pictures import drawing, scene


def sigma(picture: np.ndarray) -> float:
    return noise_sigma(block_noise(picture))


@given(st.floats(1, 20), st.integers(0, 2**16))
def test_the_strength_of_pure_noise_is_found(strength: float, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, strength, (256, 256))
    found = sigma(128 + noise)
    assert 0.85 * strength < found < strength, "the lowest tenth lies a little below"


@pytest.mark.parametrize("strength", [3.0, 8.0])
def test_noise_on_a_picture_is_found(strength: float) -> None:
    y = luma(scene(fall=2))
    noise = np.random.default_rng(1).normal(0, strength, y.shape)
    assert sigma(y) < 1
    assert sigma(y + noise) == pytest.approx(strength, rel=0.2)


def test_edges_and_slopes_are_no_noise() -> None:
    ramp = np.add.outer(np.arange(256.0), np.arange(256.0)) / 2
    assert sigma(ramp) == 0
    assert noise_sigma(block_noise(luma(drawing()) * 0.8 + 20)) == 0


def test_where_luma_is_limited_nothing_is_told() -> None:
    white = np.minimum(253 + np.random.default_rng(0).normal(0, 5, (256, 256)), 255)
    assert not len(block_noise(white))
    assert math.isnan(sigma(white))


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (10_000, 1), (17, 400), (40, 40)])
def test_a_small_picture_tells_nothing(shape: tuple[int, int]) -> None:
    assert math.isnan(sigma(np.full(shape, 100.0)))
