"""Metadata of a picture: its origin, colour, orientation and resolution."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from PIL import ExifTags, TiffTags

from agent.imaging.ifd import RATIONAL, SHORT, Directory, Tag, directory, tag, tiff_bytes
from agent.imaging.picture import Chunk, Picture, Resolution
from agent.imaging.png_chunks import MOST_PROFILE
from agent.text import visible

_BASE = ExifTags.Base
_EXIF, _GPS = ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo
#: Tags of the main directory to keep: neither orientation, which reading applies, nor file layout.
_KEPT = (
    _BASE.ImageDescription, _BASE.Make, _BASE.Model, _BASE.Software, _BASE.DateTime, _BASE.Artist,
    _BASE.HostComputer, _BASE.Copyright, _BASE.Rating, _BASE.XPTitle, _BASE.XPComment,
    _BASE.XPAuthor, _BASE.XPKeywords, _BASE.XPSubject,
)  # fmt: skip
#: Tags of the Exif directory to drop: sizes, which change, and a pointer to a dropped directory.
_DROPPED = (_BASE.ExifImageWidth, _BASE.ExifImageHeight, _BASE.ExifInteroperabilityOffset)
_RESOLUTION = (_BASE.XResolution, _BASE.YResolution, _BASE.ResolutionUnit)
XMP, PROFILE = 700, 34675
#: Tags of TIFF files that only describe the samples and their location.
_OF_SAMPLES = (
    254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 284,
    288, 289, 290, 291, 292, 293, 297, 317, 320, 322, 323, 324, 325, 330, 332, 334, 336, 338, 339,
    340, 341, 347, 512, 513, 514, 515, 519, 520, 521, 529, 530, 531, 532, 59932,
)  # fmt: skip
_NAMES = {33723: "IPTC data", 34377: "Photoshop data", 37724: "Photoshop layers",
          301: "transfer function", 318: "white point", 319: "primary colours"}  # fmt: skip
#: Maximum size of a single tag.
_MOST_BYTES = 1 << 20
#: Maximum size in a JPEG file.
MOST_EXIF = 65_533 - len(b"Exif\0\0")
_PER_NOTHING, _PER_INCH, _PER_CENTIMETRE = 1, 2, 3
_SPACES = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}


def descriptive_exif(ifd: Directory, resolution: Resolution | None) -> tuple[bytes | None, bool]:
    """Return the EXIF data to keep, in TIFF format without a prefix, and whether some are damaged.

    Author, time, place (GPS) and camera are kept; thumbnail, sizes and orientation are not.

    Returns:
        None if there is nothing to keep.
    """
    main: dict[int, Tag] = {int(number): ifd.tags[number] for number in _KEPT if number in ifd.tags}
    damaged = bool(ifd.damaged.intersection(_KEPT))
    inside: dict[int, Mapping[int, Tag]] = {}
    for pointer in (_EXIF, _GPS):
        if pointer not in ifd.tags:
            continue
        below = ifd.inside(pointer)
        damaged |= below is None or bool(below.damaged)
        if tags := {k: v for k, v in below.tags.items() if k not in _DROPPED} if below else {}:
            inside[pointer] = _bounded(tags)
    main = _bounded(main)
    if not main and not inside:
        return None, damaged
    return tiff_bytes({**main, **resolution_tags(resolution)}, inside), damaged


def _bounded(tags: Mapping[int, Tag]) -> dict[int, Tag]:
    return {number: tag for number, tag in tags.items() if tag.values.nbytes <= _MOST_BYTES}


def resolution_tags(resolution: Resolution | None) -> dict[int, Tag]:
    """Return the TIFF and EXIF tags for a resolution."""
    if resolution is None:
        return {}
    x, y = (Fraction(value).limit_denominator(10_000) for value in resolution[:2])
    if not 0 < min(x, y) <= max(x.numerator, y.numerator) < 2**32:
        return {}
    return {
        _BASE.XResolution: tag(RATIONAL, [x.numerator, x.denominator]),
        _BASE.YResolution: tag(RATIONAL, [y.numerator, y.denominator]),
        _BASE.ResolutionUnit: tag(SHORT, [_PER_INCH if resolution.per_inch else _PER_NOTHING]),
    }


def stated_resolution(ifd: Directory) -> Resolution | None:
    """Return the resolution in the main directory of a TIFF file or of EXIF data."""
    x, y = ifd.rational(_BASE.XResolution), ifd.rational(_BASE.YResolution)
    unit = ifd.number(_BASE.ResolutionUnit, _PER_INCH)
    if not (x > 0 and y > 0) or (unit == _PER_NOTHING and x == y):
        return None
    scale = 2.54 if unit == _PER_CENTIMETRE else 1
    return Resolution(x * scale, y * scale, unit in (_PER_INCH, _PER_CENTIMETRE))


def orientation_of(ifd: Directory | None, xmp: bytes | None) -> int:
    """Return the orientation of a file, 1 to 8 (1 is upright), from EXIF data or else XMP data."""
    stated = ifd.number(_BASE.Orientation, 0) if ifd else 0
    if not stated and xmp:
        match = re.search(rb"tiff:Orientation(?:=[\"']|>)\s*([1-8])", xmp)
        stated = int(match[1]) if match else 1
    return stated if 1 <= stated <= 8 else 1


def fitting(profile: bytes | None, channels: int) -> tuple[bytes | None, str]:
    """Return a colour profile if it is intact and fits the number of channels (ICC.1:2022, table
    17); else what is wrong with it.
    """
    if not profile:
        return None, ""
    space = profile[16:20]
    if len(profile) > MOST_PROFILE:
        return None, f"a colour profile of {len(profile):,} bytes"
    if len(profile) < 132 or profile[36:40] != b"acsp":
        return None, "a damaged colour profile"
    if space != _SPACES[channels]:
        kind = visible(space.decode("latin-1").strip())
        return None, f"a colour profile, which is for {kind} values"
    return profile, ""


def other_tags(ifd: Directory) -> list[str]:
    """Return the names of the tags of a TIFF file that are not kept."""
    known_tags = (*_KEPT, *_RESOLUTION, *_OF_SAMPLES, _EXIF, _GPS, XMP, PROFILE)
    return [
        _NAMES.get(number) or TiffTags.lookup(number).name.replace("unknown", f"TIFF tag {number}")
        for number in sorted(ifd.tags)
        if number not in known_tags
    ]


def exif_for(picture: Picture) -> bytes | None:
    """Return EXIF data for a format that has no other place for the resolution."""
    tags = resolution_tags(picture.resolution)
    return picture.exif or (tiff_bytes(tags) if tags else None)


def exif_tags(exif: bytes | None) -> tuple[dict[int, Tag], dict[int, Mapping[int, Tag]]]:
    """Return the main directory of EXIF data, and nested ones by the tag that points to them."""
    if not exif:
        return {}, {}
    ifd, inside = directory(exif), dict[int, Mapping[int, Tag]]()
    for pointer in (_EXIF, _GPS):
        if below := ifd.inside(pointer):
            inside[pointer] = below.tags
    return {number: tag for number, tag in ifd.tags.items() if number not in inside}, inside


def colour_losses(picture: Picture) -> list[str]:
    """Return what is lost without the PNG chunks about colour; nothing if they say sRGB, or if a
    colour profile takes precedence.
    """
    chunks = dict(picture.colour)
    if b"cICP" in chunks and chunks[b"cICP"][:2] != bytes([1, 13]):
        return ["colour coding (cICP)"]
    if b"cICP" in chunks or picture.icc_profile or b"sRGB" in chunks:
        return []
    losses = []
    if (gamma := chunks.get(b"gAMA")) and abs(struct.unpack(">I", gamma)[0] - 45_455) > 500:
        losses.append("gamma (gAMA)")
    primaries = struct.unpack(">8I", chunks[b"cHRM"]) if b"cHRM" in chunks else _SRGB_PRIMARIES
    if any(abs(a - b) > 500 for a, b in zip(primaries, _SRGB_PRIMARIES, strict=True)):
        losses.append("primary colours (cHRM)")
    return losses


#: x and y of white, red, green and blue, in 100,000ths.
_SRGB_PRIMARIES = (31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)


def colour_chunks(info: Mapping[Any, object]) -> tuple[Chunk, ...]:
    """Convert Pillow's entries about colour to PNG chunks."""
    chunks: list[Chunk] = []
    intent, gamma, primaries = (info.get(key) for key in ("srgb", "gamma", "chromaticity"))
    if isinstance(intent, int) and 0 <= intent < 4:
        chunks.append((b"sRGB", bytes([intent])))
    if isinstance(gamma, float) and 0 < gamma < 1000:
        chunks.append((b"gAMA", struct.pack(">I", round(gamma * 100_000))))
    if isinstance(primaries, tuple) and len(primaries) == 8 and 0 <= min(primaries) < 1000:
        chunks.append((b"cHRM", struct.pack(">8I", *(round(p * 100_000) for p in primaries))))
    return tuple(chunks)


def colour_info(picture: Picture) -> dict[str | tuple[int, int], object]:
    """Convert PNG chunks about colour to Pillow's entries."""
    chunks, info = dict(picture.colour), dict[str | tuple[int, int], object]()
    if b"sRGB" in chunks:
        info["srgb"] = chunks[b"sRGB"][0]
    if b"gAMA" in chunks:
        info["gamma"] = int.from_bytes(chunks[b"gAMA"]) / 100_000
    if b"cHRM" in chunks:
        info["chromaticity"] = tuple(v / 100_000 for v in struct.unpack(">8I", chunks[b"cHRM"]))
    return info


def text_names(picture: Picture) -> list[str]:
    """Return the keywords of its texts, safe to print."""
    keywords = (content.partition(b"\0")[0] for _, content in picture.texts)
    return [f"text “{visible(keyword.decode('latin-1'))}”" for keyword in keywords]
