"""Degradations that pictures undergo on their way to a user, as plain functions of 8-bit arrays.

Every function takes and returns an RGB array `(H, W, 3)` of uint8 in [0, 255]; randomness comes
only from the generator passed in, so a sample is fixed by its seed. The restorer works on pictures
that were enlarged first, so `enlarged` keeps the size of its input.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]
RESAMPLING = {
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "bilinear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
}


def resized(picture: Array, width: int, height: int, method: str) -> Array:
    """Resample with Pillow's anti-aliased filter `method`, one of `RESAMPLING`."""
    image = Image.fromarray(picture).resize((width, height), RESAMPLING[method])
    return np.asarray(image)


def jpeg(picture: Array, quality: int) -> Array:
    """Encode as JPEG with 4:2:0 chroma at `quality` in [1, 95] and decode."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def webp(picture: Array, quality: int) -> Array:
    """Encode as lossy WebP at `quality` in [0, 100] and decode."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "WEBP", quality=quality, method=2)
    return np.asarray(Image.open(buffer).convert("RGB"))


CODECS = {"jpeg": jpeg, "webp": webp}


def enlarged(
    picture: Array,
    factor: int,
    down: str = "bicubic",
    up: str = "bicubic",
    quality: int = 0,
    codec: str = "jpeg",
) -> Array:
    """Reduce by `factor`, compress with `codec` if `quality` > 0, and enlarge, as on a web page.

    Args:
        codec: one of `CODECS`.

    Raises:
        ValueError: if a side is no multiple of `factor`, so that the grids would not align.
    """
    height, width = picture.shape[:2]
    if height % factor or width % factor:
        raise ValueError(f"sides must be multiples of {factor}, got {height}×{width}")
    small = resized(picture, width // factor, height // factor, down)
    if quality:
        small = CODECS[codec](small, quality)
    return resized(small, width, height, up)


def blurred(picture: Array, kernel: Array) -> Array:
    """Convolve and round to 8 bits; see `convolved`."""
    return _to_uint8(convolved(picture, kernel))


def convolved(picture: Array, kernel: Array) -> Array:
    """Convolve each channel with `kernel` `(k, k)`, k odd, summing to 1; float32, borders mirrored.

    It multiplies in the Fourier domain, the cheapest exact method for large kernels such as camera
    shake.
    """
    radius = kernel.shape[0] // 2
    padded = np.pad(picture, ((radius, radius), (radius, radius), (0, 0)), mode="symmetric")
    height, width = padded.shape[:2]
    spread = np.zeros((height, width), np.float32)
    spread[: kernel.shape[0], : kernel.shape[1]] = kernel
    spread = np.roll(spread, (-radius, -radius), axis=(0, 1))
    spectrum = np.fft.rfft2(padded.astype(np.float32), axes=(0, 1))
    spectrum *= np.fft.rfft2(spread)[..., None]
    result = np.fft.irfft2(spectrum, s=(height, width), axes=(0, 1))
    inner = result[radius : height - radius, radius : width - radius]
    return np.asarray(inner, np.float32)


def gaussian_kernel(sigma: float) -> Array:
    """Return an isotropic Gaussian of standard deviation `sigma` pixels, truncated at 3 sigma."""
    radius = max(1, int(np.ceil(3 * sigma)))
    offsets = np.arange(-radius, radius + 1)
    line = np.exp(-(offsets**2) / (2 * sigma**2))
    kernel = np.outer(line, line)
    return np.asarray(kernel / kernel.sum(), np.float32)


def defocus_kernel(radius: float) -> Array:
    """Return an anti-aliased disc of `radius` pixels, the point spread of a defocused lens."""
    reach = int(np.ceil(radius)) + 1
    fine = (np.arange(-reach * 4 - 2, reach * 4 + 2) + 0.5) / 4  # four samples per pixel
    inside = (fine[:, None] ** 2 + fine[None, :] ** 2) <= radius**2
    side = 2 * reach + 1
    kernel = inside.reshape(side, 4, side, 4).mean(axis=(1, 3))
    return np.asarray(kernel / kernel.sum(), np.float32)


def shake_kernel(rng: np.random.Generator, length: float, size: int = 25) -> Array:
    """Return a kernel of camera shake: the trace of a hand with inertia and random jolts.

    Args:
        length: path length of the trace in pixels.
        size: side of the kernel, odd; longer traces are shrunk to fit.
    """
    steps = 64
    angle = rng.uniform(0, 2 * np.pi)
    turns = rng.normal(0, rng.uniform(0.02, 0.35), steps)
    angles = angle + np.cumsum(turns)
    path = np.cumsum(np.stack([np.cos(angles), np.sin(angles)]) * (length / steps), axis=1)
    dwell = rng.uniform(0.5, 1.5, steps)  # the hand does not move at constant speed
    # Centred on its centroid, since a shift of the whole picture is not blur and cannot be learned.
    path -= np.average(path, axis=1, weights=dwell)[:, None]
    reach = size // 2 - 1
    path *= min(1.0, reach / max(1e-6, float(np.abs(path).max())))
    kernel = np.zeros((size, size), np.float64)
    x, y = path + size // 2
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = x - left, y - top
    for dy, dx, share in ((0, 0, (1 - fy) * (1 - fx)), (0, 1, (1 - fy) * fx),
                          (1, 0, fy * (1 - fx)), (1, 1, fy * fx)):  # fmt: skip
        np.add.at(kernel, (top + dy, left + dx), share * dwell)
    return np.asarray(kernel / kernel.sum(), np.float32)


def noisy(picture: Array, sigma: float, rng: np.random.Generator) -> Array:
    """Add white Gaussian noise of standard deviation `sigma` grey levels."""
    noise = rng.standard_normal(picture.shape, dtype=np.float32) * sigma
    return _to_uint8(picture + noise)


def random_degradation(picture: Array, rng: np.random.Generator) -> Array:
    """Apply a random degradation from the training mixture; sides must be multiples of 12.

    36 % are reduced, compressed and enlarged. 58 % are blurred, two thirds of these by camera
    shake, which is slowest to learn. 6 % are unchanged, since sharp pictures must stay as they are.
    """
    kind = rng.random()
    if kind < 0.36:
        return _like_a_web_picture(picture, rng)
    if kind < 0.94:
        return _like_a_blurred_photograph(picture, rng)
    return picture


def _like_a_web_picture(picture: Array, rng: np.random.Generator) -> Array:
    factor = int(rng.choice([3, 3, 3, 3, 2, 4]))
    down = str(rng.choice(["bicubic", "bicubic", "lanczos", "area", "bilinear"]))
    up = str(rng.choice(["bicubic", "bicubic", "bicubic", "lanczos", "bilinear"]))
    quality = int(rng.integers(60, 96)) if rng.random() < 0.35 else 0
    return enlarged(picture, factor, down, up, quality, str(rng.choice(list(CODECS))))


def _like_a_blurred_photograph(picture: Array, rng: np.random.Generator) -> Array:
    kernels: list[Callable[[], Array]] = [
        lambda: shake_kernel(rng, rng.uniform(3, 18)),
        lambda: gaussian_kernel(rng.uniform(0.7, 2.5)),
        lambda: defocus_kernel(rng.uniform(1.0, 3.5)),
    ]
    result = blurred(picture, kernels[rng.choice(3, p=[0.66, 0.17, 0.17])]())
    return noisy(result, rng.uniform(0, 2), rng) if rng.random() < 0.2 else result


def _to_uint8(values: Array) -> Array:
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)
