"""Contact sheet of pictures as the network sees them in training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from agent.errors import InputError
from agent.imaging.sheet import Panel, Pixels, sheet, zoomed
from agent.lab.training.degradations import (
    blurred,
    defocus_kernel,
    enlarged,
    gaussian_kernel,
    noisy,
    random_degradation,
    shake_kernel,
)
from agent.measures.sharpness import most_detailed

#: Side of the part of a picture to show in pixels, a multiple of 2, 3 and 4; zoomed by `_ZOOM`.
SIDE = 96
_ZOOM = 2
_COLUMNS = 5

Degradation = Callable[[Pixels, np.random.Generator], Pixels]
#: Each degradation by itself, then draws from the mixture.
DEGRADATIONS: dict[str, Degradation] = {
    "sharp": lambda sharp, _: sharp,
    "enlarged 2x": lambda sharp, _: enlarged(sharp, 2),
    "enlarged 3x": lambda sharp, _: enlarged(sharp, 3),
    "enlarged 4x": lambda sharp, _: enlarged(sharp, 4),
    "area, 3x, bilinear": lambda sharp, _: enlarged(sharp, 3, "area", "bilinear"),
    "JPEG 70, enlarged 3x": lambda sharp, _: enlarged(sharp, 3, quality=70),
    "WebP 70, enlarged 3x": lambda sharp, _: enlarged(sharp, 3, quality=70, codec="webp"),
    "camera shake, 8 px": lambda sharp, rng: blurred(sharp, shake_kernel(rng, 8)),
    "camera shake, 16 px": lambda sharp, rng: blurred(sharp, shake_kernel(rng, 16)),
    "defocus, radius 2.5 px": lambda sharp, _: blurred(sharp, defocus_kernel(2.5)),
    "Gaussian, sigma 1.5 px": lambda sharp, _: blurred(sharp, gaussian_kernel(1.5)),
    "noise, 2 grey levels": lambda sharp, rng: noisy(sharp, 2, rng),
    **{f"drawn, {i + 1}": random_degradation for i in range(3)},
}


def samples(pictures: Sequence[Path], seed: int = 0) -> Pixels:
    """Show the most detailed part of each picture with all `DEGRADATIONS`, as an RGB sheet.

    Raises:
        InputError: if a picture cannot be read or has a side below `SIDE` pixels.
    """
    return sheet([row for i, path in enumerate(pictures) for row in _rows(path, [seed, i])])


def _rows(path: Path, seed: list[int]) -> list[list[Panel]]:
    try:
        pixels = np.asarray(Image.open(path).convert("RGB"))
    except (OSError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: cannot be read as a picture ({error})") from error
    if min(pixels.shape[:2]) < SIDE:
        raise InputError(
            f"{path}: is {pixels.shape[1]} × {pixels.shape[0]} pixels; expected at least {SIDE} a "
            "side, give a larger picture"
        )
    top, left = most_detailed(pixels, SIDE, SIDE)
    sharp = np.ascontiguousarray(pixels[top : top + SIDE, left : left + SIDE])
    rng = np.random.default_rng(seed)
    panels = [(name, zoomed(degrade(sharp, rng), _ZOOM)) for name, degrade in DEGRADATIONS.items()]
    return [panels[i : i + _COLUMNS] for i in range(0, len(panels), _COLUMNS)]
