"""Writing of PNG with up to 16 bits per channel; the same pixels give the same bytes.

Pillow does not write 16-bit colour, hence this encoder. It stores no time stamp.
"""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from agent.imaging.picture import Picture, white_level
from agent.imaging.png_chunks import SIGNATURE, chunk, physical_size

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_PAETH = 4
_ROWS_AT_ONCE = 256


def write_png(picture: Picture) -> bytes:
    """Encode as PNG (ISO/IEC 15948), 8 or 16 bits per channel, with colour information, resolution,
    EXIF data and texts.

    A `grey` picture is stored as greyscale, provided its channels are equal.
    """
    samples, profile = samples_of(picture)
    height, width, channels = samples.shape
    header = struct.pack(
        ">IIBBBBB", width, height, 8 * samples.itemsize, _COLOUR_TYPES[channels], 0, 0, 0
    )
    chunks = [SIGNATURE, chunk(b"IHDR", header)]
    for kind, content in picture.colour:
        if not (profile and kind == b"sRGB"):  # a file may have only one of both
            chunks.append(chunk(kind, content))
    if profile:
        chunks.append(chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)))
    if picture.resolution:
        chunks.append(chunk(b"pHYs", physical_size(picture.resolution)))
    if picture.exif:
        chunks.append(chunk(b"eXIf", picture.exif))
    chunks += [chunk(kind, content) for kind, content in picture.texts]
    big_endian = np.ascontiguousarray(samples, samples.dtype.newbyteorder(">"))
    rows = big_endian.reshape(height, -1).view(np.uint8)
    chunks.append(chunk(b"IDAT", _compressed(rows, channels * samples.itemsize)))
    return b"".join([*chunks, chunk(b"IEND", b"")])


def write_thumbnail(picture: Picture, side: int = 96) -> bytes:
    """Encode a thumbnail on white as WebP, no side longer than `side` pixels."""
    from PIL import Image

    white = white_level(picture.pixels)
    step = max(1, min(picture.width, picture.height) // (4 * side))  # subsample first, for speed
    values = picture.pixels[::step, ::step].astype(np.float32) / white
    if picture.alpha is not None:
        opacity = (picture.alpha[::step, ::step].astype(np.float32) / white)[..., None]
        values = values * opacity + (1 - opacity)
    image = Image.fromarray(np.floor(values * 255 + 0.5).astype(np.uint8))
    image.thumbnail((side, side))
    file = io.BytesIO()
    image.save(file, "WEBP", quality=60)
    return file.getvalue()


def samples_of(picture: Picture) -> tuple[NDArray[np.unsignedinteger], bytes | None]:
    """Return the samples to store, `(H, W, C)` with C of 1 or 2 for grey, else 3 or 4, alpha last,
    and the colour profile if it fits them.
    """
    colours: NDArray[np.unsignedinteger] = picture.pixels
    profile = picture.icc_profile
    if picture.grey:
        if all((colours[..., i] == colours[..., 0]).all() for i in (1, 2)):
            colours = colours[..., :1]
        else:
            profile = None  # for grey values, so it does not fit colours
    samples = colours if picture.alpha is None else np.dstack([colours, picture.alpha])
    return samples, profile


def _compressed(rows: NDArray[np.uint8], stride: int) -> bytes:
    """Filter each row with the Paeth predictor (section 9.4) and deflate, in bands of rows."""
    deflater = zlib.compressobj(6)
    pieces = []
    above = np.zeros(rows.shape[1], np.uint8)
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        band = rows[first : first + _ROWS_AT_ONCE]
        filtered = np.empty((len(band), rows.shape[1] + 1), np.uint8)
        filtered[:, 0] = _PAETH
        filtered[:, 1:] = band - _predicted(band, np.vstack([above[None], band[:-1]]), stride)
        pieces.append(deflater.compress(filtered.data))
        above = band[-1]
    return b"".join([*pieces, deflater.flush()])


def _predicted(band: NDArray[np.uint8], above: NDArray[np.uint8], stride: int) -> NDArray[np.uint8]:
    """Return whichever of left, above and upper left is nearest to left + above − upper left."""
    left, corner = np.zeros_like(band), np.zeros_like(band)
    left[:, stride:], corner[:, stride:] = band[:, :-stride], above[:, :-stride]
    a, b, c = (side.astype(np.int16) for side in (left, above, corner))
    to_left, to_above, to_corner = abs(b - c), abs(a - c), abs(a + b - 2 * c)
    take_left = (to_left <= to_above) & (to_left <= to_corner)
    return np.where(take_left, left, np.where(to_above <= to_corner, above, corner))
