"""Enlarging and restoring a picture: how every restorer treats alpha and grey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from agent.imaging.picture import Picture, Pixels, white_level
from agent.imaging.resampling import enlarged, resized
from agent.measures.fidelity import luma


def enlarge_and_restore(
    picture: Picture, factor: int, restored: Callable[[Pixels], Pixels], scale: int = 1
) -> tuple[Picture, Picture]:
    """Return the picture enlarged by bicubic interpolation, and the same restored.

    Alpha is enlarged too but not restored; colours under full transparency are filled from their
    surroundings. The result of a grey picture is grey: the luma of the restored one.

    Args:
        factor: factor by which both sides grow, in [1, 8].
        restored: restores `(H, W, 3)`, RGB, uint8 or uint16, keeping its type and, up to `scale`,
            its shape.
        scale: factor by which `restored` itself enlarges. If above 1, it gets the picture as it is,
            and its result is resized to the factor by bicubic interpolation.
    """
    before = enlarged(picture, factor)
    pixels = restored(before.pixels if scale == 1 else enlarged(picture, 1).pixels)
    if pixels.shape != before.pixels.shape:
        pixels = resized(pixels, before.width, before.height)
    if picture.grey:
        white = white_level(pixels)
        value = np.floor(luma(pixels, white) * (white / 255) + 0.5).astype(pixels.dtype)
        pixels = np.repeat(value[..., None], 3, axis=2)
    return before, replace(before, pixels=pixels)
