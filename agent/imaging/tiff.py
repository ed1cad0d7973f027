"""Writing of TIFF with 16-bit colour and EXIF data, which Pillow's writer does not support in
compressed files.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags

from agent.imaging.ifd import LONG, SHORT, UNDEFINED, Tag, tag, tiff_bytes
from agent.imaging.metadata import exif_tags, resolution_tags
from agent.imaging.picture import Picture
from agent.imaging.writing import samples_of

_ROWS_A_STRIP = 64
_DEFLATE, _HORIZONTAL = 8, 2
_BLACK_IS_ZERO, _RGB, _UNASSOCIATED = 1, 2, 2


def write_tiff(picture: Picture) -> bytes:
    """Encode as TIFF 6.0, 8 or 16 bits per channel, with deflate and horizontal differencing, ICC
    profile, resolution and EXIF data. The same picture gives the same bytes.
    """
    samples, profile = samples_of(picture)
    if samples.dtype == np.uint16 and samples.shape[2] == 2:  # few programs read these
        samples, profile = samples[..., [0, 0, 0, 1]], None
    height = len(samples)
    strips = [_strip(samples[top : top + _ROWS_A_STRIP]) for top in range(0, height, _ROWS_A_STRIP)]
    described, inside = exif_tags(picture.exif)
    main = {**described, **resolution_tags(picture.resolution), **_layout(samples, strips)}
    if profile:
        main[ExifTags.Base.InterColorProfile] = tag(UNDEFINED, profile)
    return tiff_bytes(main, inside, b"".join(strips))


def _layout(samples: NDArray[np.unsignedinteger], strips: list[bytes]) -> dict[int, Tag]:
    """Return the tags for the layout of the samples."""
    height, width, channels = samples.shape
    base, colours = ExifTags.Base, channels - (channels in (2, 4))
    tags: dict[int, Tag] = {
        base.ImageWidth: tag(LONG, [width]),
        base.ImageLength: tag(LONG, [height]),
        base.BitsPerSample: tag(SHORT, [8 * samples.itemsize] * channels),
        base.Compression: tag(SHORT, [_DEFLATE]),
        base.PhotometricInterpretation: tag(SHORT, [_RGB if colours == 3 else _BLACK_IS_ZERO]),
        base.StripOffsets: tag(LONG, _starts(strips)),
        base.SamplesPerPixel: tag(SHORT, [channels]),
        base.RowsPerStrip: tag(LONG, [_ROWS_A_STRIP]),
        base.StripByteCounts: tag(LONG, [len(strip) for strip in strips]),
        base.PlanarConfiguration: tag(SHORT, [1]),
        base.Predictor: tag(SHORT, [_HORIZONTAL]),
    }
    if colours < channels:
        tags[base.ExtraSamples] = tag(SHORT, [_UNASSOCIATED])
    return tags


def _strip(rows: NDArray[np.unsignedinteger]) -> bytes:
    differences = rows.astype(rows.dtype.newbyteorder("<"))
    differences[:, 1:] -= differences[:, :-1].copy()
    return zlib.compress(differences.tobytes(), 6)


def _starts(strips: list[bytes]) -> list[int]:
    """Return the offsets of the strips, which follow the header of 8 bytes."""
    return [8, *(8 + np.cumsum([len(strip) for strip in strips[:-1]])).tolist()]
