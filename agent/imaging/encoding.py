"""Encoding of pictures in the format that a suffix names."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from agent.errors import InputError
from agent.imaging.metadata import MOST_EXIF, colour_info, colour_losses, exif_for, text_names
from agent.imaging.picture import Picture, Pixels, white_level
from agent.imaging.png_chunks import MOST_UNPACKED
from agent.imaging.tiff import write_tiff
from agent.imaging.writing import samples_of, write_png


class _Kind(NamedTuple):
    """A format that Pillow writes, and what it supports."""

    name: str
    most_side: int
    options: dict[str, Any]
    alpha: bool = True
    grey: bool = True
    metadata: bool = True
    density: bool = False
    """Whether the format itself states a resolution; otherwise EXIF data do."""


_JPEG = _Kind(
    "JPEG", 65_535, {"quality": 95, "subsampling": 0, "optimize": True}, alpha=False, density=True
)
_EXACT = {".png": write_png, ".tif": write_tiff, ".tiff": write_tiff}
_KINDS = {
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": _Kind("WEBP", 16_383, {"quality": 95, "method": 4}, grey=False),
    ".avif": _Kind("AVIF", 65_535, {"quality": 90, "subsampling": "4:4:4", "speed": 8}, grey=False),
    ".bmp": _Kind("BMP", 2**31 - 1, {}, alpha=False, metadata=False, density=True),
}
#: Maximum number of losses to name in one line.
_MOST_NAMES = 12
#: Suffixes that `encoded` accepts.
SUFFIXES = (*_EXACT, *_KINDS)


def encoded(picture: Picture, suffix: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the content of a file, and notes on what had to be left out.

    PNG, TIFF and BMP are lossless; JPEG has quality 95 without chroma subsampling, WebP 95, AVIF
    90. Colour profile, resolution and EXIF data are kept, in PNG also text and other chunks about
    colour. PNG and TIFF hold 16 bits per channel; other formats are rounded to 8. JPEG and BMP do
    not support transparency, which is put on white.

    Args:
        suffix: suffix of the file name, one of `SUFFIXES` in any case.

    Raises:
        InputError: for another suffix, or a side that the format cannot hold.
    """
    if suffix.lower() in _EXACT:
        return _exact(picture, suffix.lower())
    kind = _KINDS.get(suffix.lower())
    if kind is None:
        raise InputError(
            f"{suffix or 'no suffix'!r} is not a format that can be written; expected one of "
            + ", ".join(SUFFIXES)
        )
    if max(picture.width, picture.height) > kind.most_side:
        raise InputError(
            f"{kind.name} holds at most {kind.most_side:,} pixels a side and the result has "
            f"{picture.width:,} × {picture.height:,}; write PNG instead"
        )
    notes = []
    if picture.alpha is not None and not kind.alpha:
        picture = _on_white(picture)
        notes.append(f"{kind.name} holds no transparency: laid on white")
    if picture.pixels.dtype == np.uint16:
        picture = _of_eight_bits(picture)
        notes.append(f"{kind.name} is written with 8 bits a channel: reduced from 16")
    if not kind.metadata and (picture.exif or picture.icc_profile):
        notes.append(f"{kind.name} holds no colour profile and no EXIF data: dropped")
    losses = [*picture.left_out, *colour_losses(picture), *text_names(picture)]
    if kind is _JPEG and len(picture.exif or b"") > MOST_EXIF:
        losses.append("EXIF data, which are larger than JPEG allows")
        picture = replace(picture, exif=None)
    if kind.density and picture.resolution and not picture.resolution.per_inch:
        losses.append("the shape of a pixel")
    return _by_pillow(picture, kind), (*notes, *_loss_note(losses))


def _exact(picture: Picture, suffix: str) -> tuple[bytes, tuple[str, ...]]:
    losses = list(picture.left_out)
    if suffix != ".png":
        losses += [*colour_losses(picture), *text_names(picture)]
    elif len(picture.icc_profile or b"") > MOST_UNPACKED:
        losses.append("a colour profile, which is larger than most programs accept in PNG")
        picture = replace(picture, icc_profile=None)
    return _EXACT[suffix](picture), _loss_note(losses)


def _loss_note(losses: list[str]) -> tuple[str, ...]:
    names = list(dict.fromkeys(losses))
    more = [f"{len(names) - _MOST_NAMES:,} more"] if len(names) > _MOST_NAMES else []
    return (f"not kept: {', '.join([*names[:_MOST_NAMES], *more])}",) if names else ()


def to_pillow(picture: Picture) -> Image.Image:
    """Convert to a Pillow image of mode L, LA, RGB or RGBA, 8 bits per channel, with profile, EXIF
    data, resolution and PNG chunks about colour in `info`.
    """
    samples, profile = samples_of(_of_eight_bits(picture))
    image = Image.fromarray(np.ascontiguousarray(samples.squeeze(2) if samples.shape[2] == 1
                                                 else samples))  # fmt: skip
    if profile:
        image.info["icc_profile"] = profile
    if picture.exif:
        image.info["exif"] = b"Exif\0\0" + picture.exif
    if picture.resolution and picture.resolution.per_inch:
        image.info["dpi"] = picture.resolution[:2]
    image.info.update(colour_info(picture))
    return image


def _by_pillow(picture: Picture, kind: _Kind) -> bytes:
    image = to_pillow(picture)
    metadata: dict[str, Any] = {}
    if kind.metadata:
        exif = picture.exif if kind.density else exif_for(picture)
        metadata |= {"exif": b"Exif\0\0" + exif} if exif else {}
        metadata |= {"icc_profile": profile} if (profile := image.info.get("icc_profile")) else {}
    if kind.density and picture.resolution and picture.resolution.per_inch:
        metadata["dpi"] = tuple(min(max(1, round(v)), 65_535) for v in picture.resolution[:2])
    if image.mode in ("L", "LA") and not kind.grey:
        image = image.convert("RGB" if image.mode == "L" else "RGBA")
        metadata.pop("icc_profile", None)  # for grey values, so it does not fit colours
    image.info = {}  # some writers read it on their own
    buffer = io.BytesIO()
    image.save(buffer, kind.name, **kind.options, **metadata)
    return buffer.getvalue()


def _of_eight_bits(picture: Picture) -> Picture:
    if picture.pixels.dtype == np.uint8:
        return picture
    alpha = None if picture.alpha is None else _halved(picture.alpha)
    return replace(picture, pixels=_halved(picture.pixels), alpha=alpha)


def _halved(values: Pixels) -> NDArray[np.uint8]:
    """Convert 16 bits to 8, rounding to the nearest."""
    return ((values.astype(np.uint32) * 255 + 32_767) // 65_535).astype(np.uint8)


def _on_white(picture: Picture) -> Picture:
    if picture.alpha is None:
        return picture
    white = white_level(picture.pixels)
    opacity = picture.alpha.astype(np.float32)[..., None] / white
    values = picture.pixels * opacity + white * (1 - opacity)
    laid = np.floor(values + 0.5).astype(picture.pixels.dtype)
    return replace(picture, pixels=cast(Pixels, laid), alpha=None)
