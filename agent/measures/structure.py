"""Preservation of a picture's broad structure by a change, and the location of the change."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from agent.measures.fidelity import psnr

Luma = NDArray[np.floating]
Mask = NDArray[np.bool_]

#: Side of the blocks whose means are the broad structure, in pixels: several times the width of an
#: edge to sharpen, since smaller blocks would register the sharpening itself.
BLOCK = 24


def block_means(picture: Luma, side: int = BLOCK) -> NDArray[np.float64]:
    """Return the means of `side` × `side` blocks, `(H // side, W // side)`, without the remainder.

    Raises:
        ValueError: for a picture without a whole block.
    """
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    if not (rows and columns):
        raise ValueError(f"sides must be at least {side}, got {picture.shape}")
    whole = picture[: rows * side, : columns * side].astype(np.float64)
    means: NDArray[np.float64] = whole.reshape(rows, side, columns, side).mean(axis=(1, 3))
    return means


def low_frequency_agreement(first: Luma, second: Luma) -> float:
    """Return the PSNR between the 24 × 24 block means of two luma pictures in [0, 255], in dB.

    Sharpening moves brightness within a few pixels and preserves these means; a changed layout or
    tone does not. In [0, ∞]; infinite for equal means.

    Raises:
        ValueError: if the shapes differ or are smaller than a block.
    """
    if first.shape != second.shape:
        raise ValueError(f"expected two arrays of one shape, got {first.shape}, {second.shape}")
    return psnr(block_means(first), block_means(second))


def change_within(before: Luma, after: Luma, place: Mask) -> tuple[float, float] | None:
    """Return the share of a change inside a mask.

    Returns:
        Two shares in [0, 1]: of the squared change in `place`, and of the picture that `place`
        covers. None if nothing changed.

    Raises:
        ValueError: if the shapes differ.
    """
    if not before.shape == after.shape == place.shape:
        raise ValueError(
            f"expected arrays of one shape, got {before.shape}, {after.shape}, {place.shape}"
        )
    squared = (after.astype(np.float64) - before) ** 2
    total = float(squared.sum())
    return (float(squared[place].sum()) / total, float(place.mean())) if total else None


def inside(
    shape: tuple[int, int], rectangles: Iterable[tuple[int, int, int, int]], reach: int = 0
) -> Mask:
    """Return a mask of the pixels inside any rectangle, or within `reach` pixels of one.

    Args:
        rectangles: left, top, right and bottom of each; the last two are exclusive.
    """
    place = np.zeros(shape, np.bool_)
    for left, top, right, bottom in rectangles:
        place[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach] = True
    return place
