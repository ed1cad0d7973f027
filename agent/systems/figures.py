"""Figures that tools make for a report: artefacts and shared colours.

The colours are those of Okabe and Ito (2008), which people with any colour vision can tell apart;
where a colour has a meaning, the style of the line has it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from agent.imaging.picture import Picture
from agent.imaging.writing import write_png
from agent.systems.spec import Figure, Job
from agent.types import Artefact

BLUE, ORANGE, RED = (0, 114, 178), (230, 159, 0), (213, 94, 0)
#: Maximum width of a figure, in pixels; a report shows no wider pictures.
WIDEST = 1600
_DASH = 8


def figure(job: Job, label: str, caption: str, picture: Picture | NDArray[np.uint8]) -> Figure:
    """Return a picture as the artefact `<stem>-<label>.png`; an array is `(H, W, 3)`, RGB."""
    if isinstance(picture, np.ndarray):
        picture = Picture(label, picture)
    content = write_png(picture)
    name = f"{job.stem}-{label}.png"
    return Artefact(name=name, caption=caption, sha256=sha256(content).hexdigest()), content


def framed(
    pixels: NDArray[np.uint8], boxes: Sequence[NDArray[np.float32]], kinds: Sequence[int]
) -> NDArray[np.uint8]:
    """Draw a frame around each box of `(H, W, 3)`, reduced to a width of at most 1600.

    Args:
        boxes: corners of each box, `(4, 2)`, x before y, in pixels.
        kinds: per box, 0 for a thin blue frame, 1 for a thick orange, 2 for a dashed red one.
    """
    image = Image.fromarray(pixels)
    scale = min(1.0, WIDEST / image.width)
    if scale < 1:
        image = image.resize((WIDEST, max(1, round(image.height * scale))))
    draw = ImageDraw.Draw(image)
    for box, kind in zip(boxes, kinds, strict=True):
        corners = [(float(x), float(y)) for x, y in box * scale]
        for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
            if kind == 2:
                _dashed(draw, start, end)
            else:
                draw.line((*start, *end), (BLUE, ORANGE)[kind], (2, 4)[kind])
    return np.asarray(image)


def _dashed(
    draw: ImageDraw.ImageDraw, start: tuple[float, float], end: tuple[float, float]
) -> None:
    (x, y), (to_x, to_y) = start, end
    pieces = max(1, round(np.hypot(to_x - x, to_y - y) / _DASH))
    for i in range(0, pieces, 2):
        a, b = i / pieces, min(1.0, (i + 1) / pieces)
        line = (x + a * (to_x - x), y + a * (to_y - y), x + b * (to_x - x), y + b * (to_y - y))
        draw.line(line, RED, 4)
