"""Sixteen bits a channel, which Pillow holds for grey values only.

Its decoders can be told which byte of every sample to deliver. So a picture is decoded twice, once
for the upper and once for the lower bytes, by the same code as any other picture.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

_BITS_PER_SAMPLE, _PLANAR_CONFIGURATION, _PLANES = 258, 284, 2

#: By how the samples lie in the file: which of both bytes comes first.
_BIG = {f"{colours};16{order}": order == "B" or (order == "N" and sys.byteorder == "big")
        for colours in ("RGB", "RGBA") for order in "BLN"}  # fmt: skip


def sixteen_bits(
    image: Image.Image, reopen: Callable[[], Image.Image]
) -> NDArray[np.uint16] | None:
    """Samples of a PNG or TIFF file with 16 bits a channel in colour or with alpha.

    Args:
        image: the opened file, not yet loaded.
        reopen: opens it once more.

    Returns:
        `(H, W, C)`, upright, with C of 2 (grey and alpha), 3 or 4; None for any other file, also
        where a single colour stands for transparency.
    """
    raw = raw_mode(image)
    if "transparency" in image.info or in_planes(image):
        return None
    if raw == "LA;16B":  # four bytes a pixel, which are delivered as they are
        first_grey, second_grey, first, second = np.moveaxis(_decoded(reopen(), "RGBA"), 2, 0)
        return _joined(np.dstack([first_grey, first]), np.dstack([second_grey, second]))
    if raw not in _BIG:
        return None
    colours = raw.partition(";")[0]
    first, second = (_decoded(reopen(), f"{colours};16{order}") for order in "BL")
    return _joined(first, second) if _BIG[raw] else _joined(second, first)


def in_planes(image: Image.Image) -> bool:
    """Whether it is a TIFF file that holds samples of 16 bits, plane by plane: Pillow opens it, and
    takes them for samples of 8.
    """
    if not isinstance(image, TiffImageFile):
        return False
    tags = image.tag_v2
    depth = tags.get(_BITS_PER_SAMPLE, (1,))
    return tags.get(_PLANAR_CONFIGURATION) == _PLANES and len(depth) > 1 and max(depth) > 8


def raw_mode(image: Image.Image) -> str:
    """How samples lie in the file, by Pillow's name for it, such as `RGB;16B`."""
    tiles = _tiles(image)
    return _raw(tiles[0]) if tiles else ""


def _tiles(image: Image.Image) -> list[ImageFile._Tile]:
    return image.tile if isinstance(image, ImageFile.ImageFile) else []


def _raw(tile: ImageFile._Tile) -> str:
    details = tile.args
    return str(details[0] if isinstance(details, tuple) and details else details)


def _decoded(image: Image.Image, raw: str) -> NDArray[np.uint8]:
    """The file's samples with the bytes that `raw` picks, upright."""
    with image:
        tiles = _tiles(image)
        for i, tile in enumerate(tiles):
            rest = tile.args[1:] if isinstance(tile.args, tuple) else None
            tiles[i] = tile._replace(args=raw if rest is None else (raw, *rest))
        image.load()
        try:
            return np.asarray(ImageOps.exif_transpose(image))
        except Exception:  # damaged EXIF data, which reading notes
            return np.asarray(image)


def _joined(upper: NDArray[np.uint8], lower: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return np.asarray(upper.astype(np.uint16) * 256 + lower, np.uint16)
