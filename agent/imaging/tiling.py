"""Padding to sizes that a network accepts, and cutting pictures into overlapping tiles."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, cast

import numpy as np

from agent.imaging.picture import Pixels


def padded(pixels: Pixels, multiple: int) -> Pixels:
    """Pad `(H, W, C)` at the bottom and right to sides that are multiples of `multiple`.

    The padding reflects without repeating the border; if a side is too short for that, it repeats
    the border. Cropping to `[:H, :W]` undoes it.
    """
    height, width = pixels.shape[:2]
    down, right = -height % multiple, -width % multiple
    taller = np.pad(
        pixels, ((0, down), (0, 0), (0, 0)), mode="reflect" if height > down else "edge"
    )
    wider = np.pad(
        taller, ((0, 0), (0, right), (0, 0)), mode="reflect" if width > right else "edge"
    )
    return cast(Pixels, wider)


class Tile(NamedTuple):
    """A window of a picture to compute, and the part of it to keep."""

    window: tuple[slice, slice]
    """Rows and columns to compute: the kept part with its halo, cropped at the picture's border."""
    core: tuple[slice, slice]
    """Rows and columns of the kept part in the picture."""
    inner: tuple[slice, slice]
    """Rows and columns of the kept part in the window."""


def tiles(height: int, width: int, core: int, halo: int, multiple: int) -> Iterator[Tile]:
    """Cut a picture so that the kept parts cover it exactly once, in reading order.

    Args:
        height: height of the picture, like `width` a multiple of `multiple`.
        core: maximum side of a kept part, a multiple of `multiple`.
        halo: overlap of a window around its kept part, a multiple of `multiple`.
        multiple: divisor of all offsets and sides, so that a network which downsamples its input
            samples every window in phase with the whole picture.

    Raises:
        ValueError: if one of them is no multiple, or `core` is less than `multiple`.
    """
    for name, value in (("height", height), ("width", width), ("core", core), ("halo", halo)):
        if value % multiple or value < (0 if name == "halo" else multiple):
            raise ValueError(f"{name} must be a positive multiple of {multiple}, got {value}")
    for top, bottom in _spans(height, core, multiple):
        for left, right in _spans(width, core, multiple):
            y, x = max(0, top - halo), max(0, left - halo)
            yield Tile(
                (slice(y, min(height, bottom + halo)), slice(x, min(width, right + halo))),
                (slice(top, bottom), slice(left, right)),
                (slice(top - y, bottom - y), slice(left - x, right - x)),
            )


def _spans(side: int, core: int, multiple: int) -> list[tuple[int, int]]:
    """Split `side` into the fewest spans of at most `core`, nearly equal in length."""
    units, count = side // multiple, -(-side // core)
    cuts = [units * i // count * multiple for i in range(count + 1)]
    return list(pairwise(cuts))
