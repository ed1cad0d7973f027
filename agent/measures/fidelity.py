"""Similarity of two pictures: PSNR, SSIM and mean change."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.floating]
#: Side of SSIM's window, in pixels, and number of rows computed at once.
SSIM_WINDOW, _BAND = 11, 256
_BT601 = np.array([0.299, 0.587, 0.114], np.float32)
#: Ranges of B' − Y' and R' − Y': twice one minus the weight of the colour in luma.
_CHROMA_RANGE = np.array([2 * (1 - 0.114), 2 * (1 - 0.299)], np.float32)


def luma(pixels: Array, white: float = 255) -> NDArray[np.float32]:
    """Return luma Y' = 0.299 R' + 0.587 G' + 0.114 B' (ITU-R BT.601, full range, gamma-coded).

    Args:
        pixels: `(H, W, 3)` in [0, white].

    Returns:
        `(H, W)` in [0, 255], grey levels, not rounded.

    Raises:
        ValueError: for another shape.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"expected pixels of shape (H, W, 3), got {pixels.shape}")
    return pixels.astype(np.float32) @ (_BT601 * np.float32(255 / white))


def chroma(pixels: Array, white: float = 255) -> NDArray[np.float32]:
    """Return Cb and Cr of gamma-coded values (ITU-R BT.601), full range, 0 for grey.

    Args:
        pixels: `(H, W, 3)` in [0, white].

    Returns:
        `(H, W, 2)` in [−127.5, 127.5], grey levels, not rounded.

    Raises:
        ValueError: for another shape.
    """
    y = luma(pixels, white)
    red_blue = pixels[..., [2, 0]].astype(np.float32) * np.float32(255 / white)
    return (red_blue - y[..., None]) / _CHROMA_RANGE


def studio_luma(pixels: Array) -> NDArray[np.float32]:
    """Return BT.601 luma of 8-bit RGB in studio range, 16 + 219/255 · Y', `(H, W)` in [16, 235].

    This is the Y of the super-resolution literature: with a peak of 255 its PSNR is 1.32 dB above
    that of full-range luma, so only figures on it are comparable with published ones.
    """
    return np.float32(16) + luma(pixels) * np.float32(219 / 255)


def psnr(a: Array, b: Array, peak: float = 255) -> float:
    """Return the peak signal-to-noise ratio, 10 log10(peak² / mean((a − b)²)), in dB.

    In [0, ∞] for values in [0, peak]; infinite for equal arrays.

    Raises:
        ValueError: if the shapes differ or are empty.
    """
    _same_shape(a, b)
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return math.inf if error == 0 else 10 * math.log10(peak**2 / error)


def mean_change(a: Array, b: Array) -> float:
    """Return the mean of |a − b|, in the unit of the values.

    Raises:
        ValueError: if the shapes differ or are empty.
    """
    _same_shape(a, b)
    return float(np.mean(np.abs(a.astype(np.float64) - b)))


def ssim(a: Array, b: Array, peak: float = 255) -> float:
    """Return the structural similarity of two luma pictures (Wang et al. 2004, eq. 13).

    It is the mean, over all positions where the whole window fits, of
    (2 μa μb + C1)(2 σab + C2) / ((μa² + μb² + C1)(σa² + σb² + C2)), with a Gaussian window of
    11 × 11 and σ = 1.5, C1 = (0.01 peak)², C2 = (0.03 peak)², without prior downsampling.

    Args:
        a: `(H, W)`, both sides at least 11, like `b`.

    Returns:
        In [−1, 1]; 1 only for equal pictures.

    Raises:
        ValueError: if the shapes differ or are not of pictures of that size.
    """
    _same_shape(a, b)
    if a.ndim != 2 or min(a.shape) < SSIM_WINDOW:
        raise ValueError(f"expected shape (H, W) with sides of at least 11, got {a.shape}")
    total, places = 0.0, 0
    for top in range(0, a.shape[0] - SSIM_WINDOW + 1, _BAND):  # in bands, to save memory
        band = np.s_[top : top + _BAND + SSIM_WINDOW - 1]
        values = _similarity(a[band].astype(np.float64), b[band].astype(np.float64), peak)
        total, places = total + float(values.sum()), places + values.size
    return total / places


def _similarity(x: NDArray[np.float64], y: NDArray[np.float64], peak: float) -> NDArray[np.float64]:
    """Return the SSIM at each position where the whole window fits."""
    mean_x, mean_y = _windowed(x), _windowed(y)
    variance_x = _windowed(x * x) - mean_x**2
    variance_y = _windowed(y * y) - mean_y**2
    covariance = _windowed(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    above = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    values: NDArray[np.float64] = above / (
        (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    )
    return values


def _windowed(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weighted means over the Gaussian window, `(H − 10, W − 10)`."""
    offsets = np.arange(-5, 6)
    weights = np.exp(-(offsets**2) / (2 * 1.5**2))
    weights /= weights.sum()
    height, width = picture.shape
    rows = sum(w * picture[i : height - 10 + i] for i, w in enumerate(weights))
    assert isinstance(rows, np.ndarray)
    columns = sum(w * rows[:, i : width - 10 + i] for i, w in enumerate(weights))
    assert isinstance(columns, np.ndarray)
    return columns


def _same_shape(a: Array, b: Array) -> None:
    if a.shape != b.shape or a.size == 0:
        raise ValueError(f"expected two arrays of one shape, got {a.shape} and {b.shape}")
