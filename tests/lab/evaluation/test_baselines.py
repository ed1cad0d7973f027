from __future__ import annotations

import numpy as np
import pytest

from agent.lab.evaluation.baselines import richardson_lucy, unsharp
from agent.lab.training.degradations import blurred, gaussian_kernel


def test_deconvolution_leaves_what_no_kernel_touched() -> None:
    pixels = np.random.default_rng(0).integers(1, 256, (20, 24, 3), np.uint8)
    assert np.array_equal(richardson_lucy(pixels, np.ones((1, 1), np.float32)), pixels)


def test_deconvolution_brings_a_blurred_edge_nearer_to_itself() -> None:
    sharp = np.full((40, 40, 3), 40, np.uint8)
    sharp[:, 20:] = 200
    kernel = gaussian_kernel(1.5)
    soft = blurred(sharp, kernel)
    errors = [
        float(np.abs(p.astype(float) - sharp).mean()) for p in (soft, richardson_lucy(soft, kernel))
    ]
    assert errors[1] < 0.9 * errors[0]


def test_deconvolution_turns_the_kernel_round() -> None:
    """A kernel that shifts by one is undone by the shift back, not by another shift."""
    shift = np.zeros((3, 3), np.float32)
    shift[1, 2] = 1
    sharp = np.random.default_rng(1).integers(50, 200, (16, 16, 3), np.uint8)
    restored = richardson_lucy(blurred(sharp, shift), shift, iterations=1)
    inner = np.abs(restored.astype(int) - sharp)[3:-3, 3:-3]
    before = np.abs(blurred(sharp, shift).astype(int) - sharp)[3:-3, 3:-3]
    assert inner.mean() < before.mean()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_flat_picture_stays_flat(level: int) -> None:
    flat = np.full((12, 12, 3), level, np.uint8)
    assert np.array_equal(unsharp(flat), flat)
    assert np.abs(richardson_lucy(flat, gaussian_kernel(1.0)).astype(int) - level).max() <= 1
