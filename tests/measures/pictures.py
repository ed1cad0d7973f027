"""Pictures made by code: one with the statistics of a photograph, and drawings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.uint8]


def scene(side: int = 256, fall: float = 1.4) -> Pixels:
    """Colours whose amplitude falls with spatial frequency, as in photographs (Field 1987).

    Returns:
        `(side, side, 3)`; the greater `fall`, the less detail it has.
    """
    rng = np.random.default_rng(0)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    frequency[0, 0] = 1
    light, *tints = (
        np.fft.ifft2(np.fft.fft2(rng.normal(size=(side, side))) / frequency**fall).real
        for _ in range(4)
    )
    channels = [128 + 45 * light / light.std() + 15 * tint / tint.std() for tint in tints]
    return np.clip(np.stack(channels, axis=2), 8, 247).round().astype(np.uint8)


def drawing(side: int = 256) -> Pixels:
    """Outlined shapes in flat colours, drawn large and reduced as drawing programs do it."""
    image = Image.new("RGB", (4 * side, 4 * side), "white")
    draw = ImageDraw.Draw(image)
    unit = side / 64
    for x, y, size, colour in (
        (20, 30, 120, "#e6b33c"), (110, 90, 110, "#3c78e6"), (60, 150, 90, "#d23c5a"),
    ):  # fmt: skip
        box = [v * unit for v in (x, y, x + size, y + size)]
        draw.ellipse(box, fill=colour, outline="black", width=round(3 * unit))
    for x in range(10, 250, 40):
        draw.line([x * unit, 240 * unit, (x + 30) * unit, 200 * unit], "black", round(3 * unit))
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))


def shaded(side: int = 256) -> Pixels:
    """The drawing under light from one side: sharp, and neither flat nor a photograph."""
    light = np.linspace(0.35, 1, side)[None, :, None]
    return (drawing(side) * light).astype(np.uint8)
