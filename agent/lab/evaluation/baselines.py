"""Cheap filters as baselines for restoration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from agent.lab.training.degradations import Array, convolved

Pixels = NDArray[np.uint8]


def unsharp(pixels: Pixels, radius: float = 2.0, percent: int = 150, threshold: int = 3) -> Pixels:
    """Apply Pillow's unsharp mask with its defaults to `(H, W, 3)` RGB uint8."""
    mask = ImageFilter.UnsharpMask(radius, percent, threshold)
    return np.asarray(Image.fromarray(pixels).filter(mask))


def richardson_lucy(pixels: Pixels, kernel: Array, iterations: int = 10) -> Pixels:
    """Deconvolve each channel with a known point spread (Richardson 1972; Lucy 1974).

    `x ← x · Kᵀ(y / Kx)`, starting with `y`, for few iterations, since later ones amplify noise.
    Borders are mirrored.

    Args:
        pixels: `(H, W, 3)` RGB uint8.
        kernel: `(k, k)`, k odd, summing to 1; in practice no user knows the blur.
    """
    observed = np.maximum(pixels.astype(np.float32), 1e-3)
    estimate = observed
    for _ in range(iterations):
        ratio = observed / np.maximum(convolved(estimate, kernel), 1e-3)
        estimate = estimate * convolved(ratio, kernel[::-1, ::-1])
    return np.clip(np.floor(estimate + 0.5), 0, 255).astype(np.uint8)
