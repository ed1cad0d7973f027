"""16-bit PNG samples in colour or with alpha, which Pillow supports only for grey.

Its decoder can return either byte of each sample. So a picture is decoded twice, for the upper and
for the lower bytes, by the same code as any other picture. This relies on undocumented parts of
Pillow: `image.tile` of a file before it is loaded, and the names of raw modes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile


def sixteen_bits(
    image: Image.Image, reopen: Callable[[], Image.Image]
) -> NDArray[np.uint16] | None:
    """Return the samples of a PNG file with 16 bits per channel in colour or with alpha.

    Args:
        image: the opened file, not yet loaded.
        reopen: reopens it.

    Returns:
        `(H, W, C)`, with C of 2 (grey and alpha), 3 or 4; None for any other file.
    """
    raw = raw_mode(image)
    if raw == "LA;16B":  # four bytes per pixel, returned unchanged
        first_grey, second_grey, first, second = np.moveaxis(_decoded(reopen(), "RGBA"), 2, 0)
        return _join(np.dstack([first_grey, first]), np.dstack([second_grey, second]))
    if raw not in ("RGB;16B", "RGBA;16B"):
        return None
    colours = raw.partition(";")[0]
    return _join(*(_decoded(reopen(), f"{colours};16{order}") for order in "BL"))


def raw_mode(image: Image.Image) -> str:
    """Return Pillow's name for the layout of the samples in the file, such as `RGB;16B`."""
    tiles = _tiles(image)
    return _raw(tiles[0]) if tiles else ""


def _tiles(image: Image.Image) -> list[ImageFile._Tile]:
    return image.tile if isinstance(image, ImageFile.ImageFile) else []


def _raw(tile: ImageFile._Tile) -> str:
    details = tile.args
    return str(details[0] if isinstance(details, tuple) and details else details)


def _decoded(image: Image.Image, raw: str) -> NDArray[np.uint8]:
    """Decode the bytes of each sample that `raw` selects."""
    with image:
        tiles = _tiles(image)
        for i, tile in enumerate(tiles):
            tiles[i] = tile._replace(args=raw)
        return np.asarray(image)


def _join(upper: NDArray[np.uint8], lower: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return np.asarray(upper.astype(np.uint16) * 256 + lower, np.uint16)
