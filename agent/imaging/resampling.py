"""Resampling of pictures, and colours under their transparent parts."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from agent.imaging.picture import Picture, Pixels, white_level

_BICUBIC = Image.Resampling.BICUBIC


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resample `(H, W)` or `(H, W, 3)` with Pillow's bicubic filter (a = −0.5, Keys 1981).

    The filter widens when reducing, to avoid aliasing. The type is kept; values are rounded and
    clipped to its range.
    """
    if pixels.dtype == np.uint8:
        return np.asarray(Image.fromarray(pixels).resize((width, height), _BICUBIC))
    planes = pixels[..., None] if pixels.ndim == 2 else pixels
    results = [
        np.asarray(
            Image.fromarray(planes[..., i].astype(np.float32)).resize((width, height), _BICUBIC)
        )
        for i in range(planes.shape[2])
    ]
    whole = np.clip(np.floor(np.dstack(results) + 0.5), 0, white_level(pixels))
    return cast(Pixels, whole.astype(pixels.dtype).reshape((height, width, *pixels.shape[2:])))


def enlarged(picture: Picture, factor: int) -> Picture:
    """Enlarge both sides by `factor` ≥ 1, including alpha.

    Colours under full transparency are arbitrary and would bleed into visible edges, so they are
    first filled from their surroundings, even for a factor of 1.
    """
    if factor < 1:
        raise ValueError(f"factor must be at least 1, got {factor}")
    if picture.alpha is not None:
        picture = replace(picture, pixels=_filled(picture.pixels, picture.alpha))
    if factor == 1:
        return picture
    width, height = picture.width * factor, picture.height * factor
    alpha = None if picture.alpha is None else resized(picture.alpha, width, height)
    return replace(picture, pixels=resized(picture.pixels, width, height), alpha=alpha)


def reduced(pixels: Pixels, factor: int) -> Pixels:
    """Reduce both sides by `factor`, which must divide them."""
    height, width = pixels.shape[:2]
    if factor < 1 or height % factor or width % factor:
        raise ValueError(f"sides must be multiples of {factor}, got {height}×{width}")
    return resized(pixels, width // factor, height // factor)


def on_white(picture: Picture) -> NDArray[np.uint8]:
    """Render the picture on white: `(H, W, 3)`, RGB, 8 bits."""
    white = white_level(picture.pixels)
    values = picture.pixels.astype(np.float32) / white
    if picture.alpha is not None:
        opacity = (picture.alpha.astype(np.float32) / white)[..., None]
        values = values * opacity + (1 - opacity)
    return np.floor(values * 255 + 0.5).astype(np.uint8)


def central_square(pixels: Pixels, side: int) -> Pixels:
    """Crop the middle of `(H, W, 3)` to `(side, side, 3)`, the usual preprocessing of encoders.

    The short side is first resized to `side` by bicubic interpolation, the long one in proportion.
    """
    height, width = pixels.shape[:2]
    tall, wide = (max(side, round(s * side / min(height, width))) for s in (height, width))
    small = resized(pixels, wide, tall)
    top, left = (tall - side) // 2, (wide - side) // 2
    return small[top : top + side, left : left + side]


def _filled(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Fill invisible pixels with colours from their surroundings, by a pyramid of means."""
    if alpha.all() or not alpha.any():
        return pixels
    visible = (alpha > 0)[..., None]
    spread = _spread(pixels.astype(np.float32), visible.astype(np.float32))
    return cast(Pixels, np.where(visible, pixels, np.floor(spread + 0.5)).astype(pixels.dtype))


def _spread(colour: NDArray[np.float32], mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fill `(H, W, C)` where `mask` `(H, W, 1)` is 0 from its means at half the size."""
    if mask.all():
        return colour
    height, width = mask.shape[:2]
    edges = ((0, height % 2), (0, width % 2), (0, 0))
    weight = np.pad(mask, edges)
    shape = (weight.shape[0] // 2, 2, weight.shape[1] // 2, 2, -1)
    total = weight.reshape(shape).sum(axis=(1, 3))
    mean = (np.pad(colour, edges) * weight).reshape(shape).sum(axis=(1, 3)) / np.maximum(total, 1)
    coarse = _spread(mean, np.minimum(total, 1))
    return np.where(mask > 0, colour, coarse.repeat(2, 0).repeat(2, 1)[:height, :width])
