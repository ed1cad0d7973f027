"""Writing TIFF: colours of 16 bits a channel and EXIF data, of which Pillow's writer takes neither
in a compressed file. Pillow writes the directory of tags; the strips of samples are made here.
"""

from __future__ import annotations

import io
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from agent.imaging.picture import Picture
from agent.imaging.writing import samples_of

_ROWS_A_STRIP = 64
_DEFLATE, _HORIZONTAL = 8, 2
_UNSIGNED, _LONG, _UNDEFINED = 3, 4, 7
_BLACK_IS_ZERO, _RGB, _UNASSOCIATED = 1, 2, 2


def write_tiff(picture: Picture) -> bytes:
    """Encode as TIFF 6.0, 8 or 16 bits a channel, deflated with horizontal differencing, with its
    ICC profile and EXIF data. The same picture gives the same bytes.
    """
    samples, profile = samples_of(picture)
    if samples.dtype == np.uint16 and samples.shape[2] == 2:  # which Pillow could not read back
        samples, profile = samples[..., [0, 0, 0, 1]], None
    height, width, channels = samples.shape
    strips = [_strip(samples[top : top + _ROWS_A_STRIP]) for top in range(0, height, _ROWS_A_STRIP)]
    tags = ImageFileDirectory_v2(prefix=b"II")
    for tag, value in _described(picture.exif):
        tags[tag] = value
    base, colours = ExifTags.Base, channels - (channels in (2, 4))
    for tag, kind, value in (
        (base.ImageWidth, _LONG, width),
        (base.ImageLength, _LONG, height),
        (base.BitsPerSample, _UNSIGNED, (8 * samples.itemsize,) * channels),
        (base.Compression, _UNSIGNED, _DEFLATE),
        (base.PhotometricInterpretation, _UNSIGNED, _RGB if colours == 3 else _BLACK_IS_ZERO),
        (base.SamplesPerPixel, _UNSIGNED, channels),
        (base.RowsPerStrip, _LONG, _ROWS_A_STRIP),
        (base.PlanarConfiguration, _UNSIGNED, 1),
        (base.Predictor, _UNSIGNED, _HORIZONTAL),
        (base.StripByteCounts, _LONG, tuple(map(len, strips))),
        # From the end of the directory; Pillow adds where that is.
        (base.StripOffsets, _LONG, tuple(_starts(strips))),
    ):
        tags.tagtype[tag], tags[tag] = kind, value
    if colours < channels:
        tags.tagtype[base.ExtraSamples], tags[base.ExtraSamples] = _UNSIGNED, (_UNASSOCIATED,)
    if profile:
        tags.tagtype[base.InterColorProfile] = _UNDEFINED
        tags[base.InterColorProfile] = profile
    buffer = io.BytesIO()
    tags.save(buffer)
    return buffer.getvalue() + b"".join(strips)


def _described(exif: bytes | None) -> list[tuple[int, object]]:
    if not exif:
        return []
    given = Image.Exif()
    given.load(exif)
    directories = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
    plain = [(tag, value) for tag, value in given.items() if tag not in directories]
    return [*plain, *((tag, inside) for tag in directories if (inside := given.get_ifd(tag)))]


def _strip(rows: NDArray[np.unsignedinteger]) -> bytes:
    differences = rows.astype(rows.dtype.newbyteorder("<"))
    differences[:, 1:] -= differences[:, :-1].copy()
    return zlib.compress(differences.tobytes(), 6)


def _starts(strips: list[bytes]) -> list[int]:
    return [0, *np.cumsum([len(strip) for strip in strips[:-1]]).tolist()]
