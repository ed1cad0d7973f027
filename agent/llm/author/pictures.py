"""Conversion of attached pictures for models that accept pictures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

#: Longest side in pixels; services downscale larger pictures anyway.
LONGEST_SIDE = 1024


def for_model(path: Path) -> bytes:
    """Convert a picture to a PNG of at most `LONGEST_SIDE` pixels a side, without metadata.

    Raises:
        InputError: if it cannot be read.
    """
    import numpy as np
    from PIL import Image

    from agent.imaging.picture import white_level
    from agent.imaging.reading import read

    pixels = read(path).pixels
    values = pixels.astype(np.float32) / white_level(pixels)
    image = Image.fromarray(np.floor(values * 255 + 0.5).astype(np.uint8))
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
