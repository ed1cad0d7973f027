"""Assembly of a picture from its samples and the other contents of its file."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from agent.imaging.contents import Contents, Raster
from agent.imaging.decoding import rgb_of_cmyk
from agent.imaging.ifd import Directory, directory
from agent.imaging.metadata import (
    PROFILE,
    XMP,
    colour_chunks,
    descriptive_exif,
    fitting,
    orientation_of,
    other_tags,
    stated_resolution,
)
from agent.imaging.picture import Picture, Pixels, Resolution

_CMYK = 4


def assembled(
    name: str,
    samples: Raster,
    contents: Contents,
    tags: Directory | None = None,
    orientation: int | None = None,
) -> Picture:
    """Assemble an upright picture.

    Args:
        tags: tags of a TIFF file; None to read them from the EXIF data.
        orientation: orientation of `samples`, if it differs from the tags.
    """
    notes, left_out = [*contents.notes, *samples.notes], list(contents.left_out)
    if contents.xmp is not None:
        left_out.append("XMP data")
    if tags is None and contents.exif:
        try:
            tags = directory(contents.exif)
        except ValueError:
            notes.append("EXIF data are damaged: dropped")
    resolution, exif = _resolution(contents, tags, left_out), None
    if tags:
        exif, damaged = descriptive_exif(tags, resolution)
        if damaged:
            notes.append("EXIF data are damaged: dropped in part")
    profile, fault = fitting(contents.icc_profile, samples.colours.shape[2])
    left_out += [fault] if fault else []
    colours = samples.colours
    if colours.shape[2] == _CMYK:
        if colours.dtype == np.uint16:
            notes.append("16 bits a channel: the upper 8 were used")
        colours, note = rgb_of_cmyk(_upper_half(colours), profile)
        profile = None
        notes.append(note)
    turned = orientation or orientation_of(tags, contents.xmp)
    grey = colours.shape[2] == 1
    pixels = _upright(cast(Pixels, np.repeat(colours, 3, axis=2)) if grey else colours, turned)
    alpha = None if samples.alpha is None else _upright(samples.alpha, turned)
    if alpha is not None and alpha.dtype != pixels.dtype:
        alpha = _upper_half(alpha)
    return Picture(
        name, pixels, alpha, profile, exif, grey, tuple(notes), resolution, contents.colour,
        contents.texts, tuple(left_out),
    )  # fmt: skip


def tiff_contents(first: Directory) -> Contents:
    """Return the contents of the first directory of a TIFF file besides samples."""
    profile, xmp = (first.tags.get(number) for number in (PROFILE, XMP))
    return Contents(
        b"",
        icc_profile=profile.values.tobytes() if profile else None,
        xmp=xmp.values.tobytes() if xmp else None,
        resolution=stated_resolution(first),
        left_out=tuple(other_tags(first)),
    )


def with_info(contents: Contents, image: Image.Image) -> Contents:
    """Fill in unknown contents from a picture that Pillow has loaded."""
    info = image.info
    xmp = info.get("xmp")
    left_out = contents.left_out
    if info.get("comment") or info.get("text"):
        left_out = (*left_out, "a comment")
    dpi = info.get("dpi")
    resolution = contents.resolution
    if isinstance(dpi, tuple) and len(dpi) == 2 and all(value > 0 for value in dpi):
        resolution = Resolution(float(dpi[0]), float(dpi[1]))
    return replace(
        contents,
        icc_profile=info.get("icc_profile"),
        exif=_exif(image),
        xmp=xmp if isinstance(xmp, bytes) else None,
        resolution=resolution,
        colour=contents.colour or colour_chunks(info),
        left_out=left_out,
    )


def _exif(image: Image.Image) -> bytes | None:
    try:
        exif = image.getexif()
        return exif.tobytes().removeprefix(b"Exif\0\0") if len(exif) else None
    except Exception:  # decoders may raise anything on damaged data
        return b"damaged"


def _resolution(
    contents: Contents, tags: Directory | None, left_out: list[str]
) -> Resolution | None:
    """Return the resolution of the format, else of EXIF data; note a contradiction."""
    stated, other = contents.resolution, stated_resolution(tags) if tags else None
    if stated and other and any(abs(a - b) > a / 100 for a, b in zip(stated, other, strict=True)):
        left_out.append(
            f"a resolution of {other.x:.4g} × {other.y:.4g} in EXIF data, where the file itself "
            f"says {stated.x:.4g} × {stated.y:.4g}"
        )
    return stated or other


def _upright(values: Pixels, orientation: int) -> Pixels:
    """Rotate and flip samples from EXIF's `orientation` to upright."""
    turned = values.swapaxes(0, 1) if orientation > 4 else values
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    return cast(Pixels, np.ascontiguousarray(turned))


def _upper_half(values: Pixels) -> NDArray[np.uint8]:
    return (values >> 8 if values.dtype == np.uint16 else values).astype(np.uint8)
