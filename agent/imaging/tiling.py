"""Padding to the sizes that a network accepts, and cutting a picture into overlapping tiles."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, cast

import numpy as np

from agent.imaging.picture import Pixels


def padded(pixels: Pixels, multiple: int) -> Pixels:
    """Extend `(H, W, C)` at the bottom and right until both sides are multiples of `multiple`.

    By reflection, without repeating the border; where a side is too short for that, by repeating
    it. Cropping to `[:H, :W]` takes it back.
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
    """A window of a picture to compute, and the part of it that is kept."""

    window: tuple[slice, slice]
    """Rows and columns to compute: the kept part with its halo, cut off at the picture's border."""
    core: tuple[slice, slice]
    """Rows and columns of the picture that this tile is responsible for."""
    inner: tuple[slice, slice]
    """Where the kept part lies inside the window."""


def tiles(height: int, width: int, core: int, halo: int, multiple: int) -> Iterator[Tile]:
    """Cut a picture so that the kept parts cover it exactly once, in reading order.

    Args:
        height: of the picture, a multiple of `multiple`, as is `width`.
        core: largest side of a kept part, a multiple of `multiple`.
        halo: how far a window reaches beyond its kept part, a multiple of `multiple`.
        multiple: of all offsets and sides, so that a network which reduces its input samples
            every window in the phase of the whole picture.

    Raises:
        ValueError: when one of them is no multiple, or `core` is less than `multiple`.
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
    """Split `side` into as few spans of at most `core` as there can be, nearly equal ones."""
    units, count = side // multiple, -(-side // core)
    cuts = [units * i // count * multiple for i in range(count + 1)]
    return list(pairwise(cuts))
