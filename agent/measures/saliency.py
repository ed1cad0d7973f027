"""The saliency map of Itti, Koch and Niebur: where a picture draws the eye.

"A model of saliency-based visual attention for rapid scene analysis", IEEE TPAMI 20(11), 1998.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import convolve, maximum_filter, minimum_filter

Map = NDArray[np.float32]

#: Weights of intensity, colour and orientation: one third each in section 2.3 of the paper.
EQUAL = (1 / 3, 1 / 3, 1 / 3)
#: Weights of Opiełka et al. (2024), whose fourth, motion, is zero for a still picture.
OF_THE_STUDY = (0.3, 0.3, 0.2)
#: Minimum side, for a usable scale 4.
MIN_SIDE = 32

_SCALES = 9
_CENTRES, _DELTAS = (2, 3, 4), (3, 4)
_ANGLES = (0.0, 45.0, 90.0, 135.0)
_WAVELENGTH, _SIGMA = 5.0, 2.0  # pixels of a scale; the filters are 9 × 9
#: Range below which a map counts as flat, up to rounding.
_FLAT = 1e-5


def saliency_map(pixels: NDArray[np.floating], weights: tuple[float, float, float] = EQUAL) -> Map:
    """Return the saliency at every pixel.

    S = w₁ N(Ī) + w₂ N(C̄) + w₃ N(Ō) (eq. 8). Each conspicuity map sums, at scale 4 of nine, the
    differences between centre scales c = 2, 3, 4 and surround scales c + 3, c + 4 of its feature
    (eqs. 1–7), each weighted by N(·), which favours a few strong peaks over many similar ones.
    Scales are Gaussian pyramids (4-tap binomial, mirrored borders), whose pixels are centred on
    those that they average, so that scales are not shifted against each other. Orientation is the
    modulus of a complex Gabor filter at 0°, 45°, 90° and 135° on the intensity of each scale. The
    paper's pictures are 640 × 480; on much smaller ones the coarsest surrounds are a pixel or two.

    Taken literally, the paper's eq. 2 and 3 add centre and surround of a colour opponency, so that
    a uniform red field would stand out; this uses their difference, as for intensity.

    Args:
        pixels: `(H, W, 3)`, RGB in [0, 1], both sides at least 32.
        weights: weights of intensity, colour and orientation.

    Returns:
        `(H, W)` in [0, 1], no unit, with maximum 1; all 0 if nothing stands out.

    Raises:
        ValueError: for another shape or a smaller picture.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or min(pixels.shape[:2]) < MIN_SIDE:
        raise ValueError(
            f"expected pixels of shape (H, W, 3) with sides of at least {MIN_SIDE}, "
            f"got {pixels.shape}"
        )
    height, width = pixels.shape[:2]
    intensity, red_green, blue_yellow = features(pixels.astype(np.float32))
    scales = pyramid(intensity)
    conspicuity = (
        _summed(_contrasts(scales)),
        _summed([*_contrasts(pyramid(red_green)), *_contrasts(pyramid(blue_yellow))]),
        _summed(_summed(_contrasts([_oriented(s, angle) for s in scales])) for angle in _ANGLES),
    )
    parts = (w * peaked(part) for w, part in zip(weights, conspicuity, strict=True))
    total = _resized(np.asarray(sum(parts), np.float32), height, width)
    most = float(total.max())
    return total / np.float32(most) if most > _FLAT else np.zeros_like(total)


def features(pixels: NDArray[np.float32]) -> tuple[Map, Map, Map]:
    """Return intensity, red–green and blue–yellow opponency of RGB in [0, 1], each `(H, W)`.

    I = (r + g + b) / 3. Where I is above a tenth of its maximum, r, g and b are divided by I, and
    R = r − (g + b)/2, G = g − (r + b)/2, B = b − (r + g)/2, Y = (r + g)/2 − |r − g|/2 − b, each at
    least 0; elsewhere they are 0 (section 2.1). The opponencies are R − G and B − Y.
    """
    intensity = pixels.mean(axis=2)
    bright = intensity > intensity.max() / 10
    r, g, b = np.where(bright, np.moveaxis(pixels, 2, 0) / np.where(bright, intensity, 1), 0)
    red, green, blue = r - (g + b) / 2, g - (r + b) / 2, b - (r + g) / 2
    yellow = (r + g) / 2 - np.abs(r - g) / 2 - b
    red, green, blue, yellow = (np.maximum(x, 0) for x in (red, green, blue, yellow))
    return intensity, red - green, blue - yellow


def pyramid(image: Map) -> list[Map]:
    """Return nine scales of `(H, W)`, each smoothed by (1, 3, 3, 1)/8 and halved from the last."""
    scales = [image]
    while len(scales) < _SCALES:
        scales.append(_halved(_halved(scales[-1]).T).T)
    return scales


def _halved(image: Map) -> Map:
    """Halve the number of rows; row k is centred between rows 2k and 2k + 1."""
    rows = np.pad(image, ((1, 1 + len(image) % 2), (0, 0)), mode="symmetric")
    outer, inner = rows[:-3:2] + rows[3::2], rows[1:-2:2] + rows[2:-1:2]
    return np.asarray((outer + 3 * inner) / np.float32(8), np.float32)


def peaked(feature: Map) -> Map:
    """Apply the operator N(·): scale to [0, 1], then multiply by (1 − m̄)².

    m̄ is the mean of all local maxima (3 × 3, above their surroundings) except the greatest. A flat
    map gives 0.
    """
    low, high = float(feature.min()), float(feature.max())
    if high - low < _FLAT:
        return np.zeros_like(feature)
    scaled = (feature - np.float32(low)) / np.float32(high - low)
    top, bottom = maximum_filter(scaled, 3), minimum_filter(scaled, 3)
    maxima = np.sort(scaled[(scaled == top) & (scaled > bottom)])[:-1]
    others = float(maxima.mean()) if maxima.size else 0.0
    return np.asarray(scaled * np.float32((1 - others) ** 2), np.float32)


def _contrasts(scales: list[Map]) -> Iterator[Map]:
    """Yield |centre − surround| for the six pairs of scales, at the centre's size (eq. 1)."""
    for centre in _CENTRES:
        for delta in _DELTAS:
            here = scales[centre]
            yield np.abs(here - _resized(scales[centre + delta], *here.shape))


def _summed(maps: Iterable[Map]) -> Map:
    """Return the across-scale sum of N(·), at the size of scale 4 or of smaller maps."""
    weighted = [peaked(m) for m in maps]
    shape = min(m.shape for m in weighted)
    return np.asarray(sum(_resized(m, *shape) for m in weighted), np.float32)


def _oriented(scale: Map, angle: float) -> Map:
    """Return the modulus of the response to a zero-mean complex Gabor filter."""
    y, x = np.mgrid[-4:5, -4:5]
    along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    window = np.exp(-(x**2 + y**2) / (2 * _SIGMA**2))
    wave = window * np.exp(2j * np.pi * along / _WAVELENGTH)
    wave -= window * wave.sum() / window.sum()
    real, imaginary = (
        convolve(scale, part.astype(np.float32), mode="mirror") for part in (wave.real, wave.imag)
    )
    return np.asarray(np.hypot(real, imaginary), np.float32)


def _resized(image: Map, height: int, width: int) -> Map:
    if image.shape == (height, width):
        return image
    resampled = Image.fromarray(np.ascontiguousarray(image, np.float32)).resize(
        (width, height), Image.Resampling.BILINEAR
    )
    return np.asarray(resampled)
