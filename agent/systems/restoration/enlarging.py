"""Enlarging a picture and restoring it: what every restorer does with alpha and with grey."""

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
    """The picture enlarged by the bicubic filter, and that restored.

    Alpha is enlarged likewise and not restored; colours under full transparency are filled from
    their surroundings. Of a picture that is grey alone, so is the result: its luma.

    Args:
        factor: both sides grow by this, in [1, 8].
        restored: gives `(H, W, 3)`, RGB, uint8 or uint16, restored in its type and, but for
            `scale`, in its shape.
        scale: by which `restored` enlarges both sides itself. More than 1, it is given the picture
            as it is, and what it gives is brought to the factor by the bicubic filter.
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
