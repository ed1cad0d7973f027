"""Samples from Pillow's decoders."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import TiffImageFile

from agent.imaging.contents import Raster, Unreadable
from agent.imaging.depth import raw_mode, sixteen_bits
from agent.imaging.picture import Pixels, white_level

_GREY = ("1", "L", "LA", "La")
_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")
_UPPER_HALF = (";16B", ";16L", ";16N")
_BITS_PER_SAMPLE, _PHOTOMETRIC, _PLANAR, _WHITE_IS_ZERO = 258, 262, 284, 0


def decoded(image: Image.Image, reopen: Callable[[], Image.Image] | None = None) -> Raster:
    """Decode the first picture of a file, or one in memory.

    Args:
        image: image opened by Pillow.
        reopen: reopens its file, which 16 bits per channel require; without it, only the upper 8
            are used.

    Raises:
        Unreadable: for values of unknown range, or that Pillow misreads.
    """
    notes = []
    frames = _frames(image)
    if frames > 1:
        animated = image.format in ("GIF", "WEBP", "PNG", "AVIF")
        kind = "animated" if animated else "several pictures in one file"
        notes.append(f"{kind}: the first of {frames} frames was used")
        image.seek(0)
    _refuse_misread(image)
    raw = raw_mode(image)
    if reopen and (deep := sixteen_bits(image, reopen)) is not None:
        colours = deep.shape[2] - (deep.shape[2] in (2, 4))
        alpha = deep[..., colours] if colours < deep.shape[2] else None
        return Raster(deep[..., :colours], alpha, tuple(notes))
    if raw.endswith(_UPPER_HALF) and image.mode not in _SIXTEEN_BITS:
        notes.append("16 bits a channel: the upper 8 were used")
    if image.mode in ("I", "F"):
        kind = "32-bit" if image.mode == "I" else "floating-point"
        raise Unreadable(f"{kind} values of unknown range")
    if image.mode in _SIXTEEN_BITS:
        return Raster(np.asarray(image).astype(np.uint16)[..., None], None, tuple(notes))
    if image.mode == "CMYK":
        return Raster(np.asarray(image), None, tuple(notes))
    if image.mode == "LAB":
        notes.append("L*a*b* colours: converted to sRGB")
        image = _from_lab(image)
    grey = image.mode in _GREY or raw == "LA;16B"
    image = image.convert("LA") if image.mode == "La" else image
    if image.has_transparency_data:
        values = np.asarray(image.convert("RGBA"))
        colours, alpha = values[..., :3], values[..., 3]
    else:
        colours, alpha = np.asarray(image.convert("L" if grey else "RGB")), None
        colours = colours[..., None] if grey else colours
    return Raster(colours[..., :1] if grey else colours, alpha, tuple(notes))


def keyed(raster: Raster, key: bytes, bits: int) -> Raster:
    """Make a colour fully transparent.

    Args:
        key: its samples of 2 bytes each, as in a PNG file with `bits` per sample.
    """
    colours, white = raster.colours, white_level(raster.colours)
    most = (1 << bits) - 1
    values = np.frombuffer(key, ">u2") & most
    if len(values) != colours.shape[2] or raster.alpha is not None:
        return raster
    scaled = (values.astype(np.uint32) * white // most).astype(colours.dtype)
    alpha = np.where((colours == scaled).all(axis=2), 0, white).astype(colours.dtype)
    return raster._replace(alpha=cast(Pixels, alpha))


def rgb_of_cmyk(inks: NDArray[np.uint8], profile: bytes | None) -> tuple[NDArray[np.uint8], str]:
    """Convert inks `(H, W, 4)` to sRGB `(H, W, 3)`, with a note on the conversion."""
    image = Image.frombytes("CMYK", (inks.shape[1], inks.shape[0]), inks.tobytes())
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if converted is not None:
                return np.asarray(converted), "CMYK: converted to sRGB through its colour profile"
        except ImageCms.PyCMSError:
            pass
    note = "CMYK: converted to RGB without a colour profile, so colours may be off"
    return np.asarray(image.convert("RGB")), note


def _frames(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # later frames may be damaged, which does not affect the first
        return 1


def _refuse_misread(image: Image.Image) -> None:
    """Refuse a TIFF file opened by Pillow whose samples it does not return unchanged."""
    if not isinstance(image, TiffImageFile):
        return
    tags = image.tag_v2
    bits = max(tags.get(_BITS_PER_SAMPLE, (1,)))
    inverted = bits > 8 and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    if inverted or bits not in (1, 2, 4, 8, 16, 32) or (bits > 8 and tags.get(_PLANAR) == 2):
        raise Unreadable(
            f"{bits}-bit values that Pillow does not read right, though they are read where the "
            "path of the file is given"
        )


def _from_lab(image: Image.Image) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    if converted is None:
        raise Unreadable("L*a*b* colours")
    return converted
