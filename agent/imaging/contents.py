"""What a picture file holds, taken apart before any decoder starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from agent.imaging.picture import Chunk, Pixels, Resolution


class Unreadable(ValueError):
    """A file that may be whole and cannot be read right; the message says what it holds."""


@dataclass(frozen=True)
class Contents:
    """The parts of a file; none has been looked into beyond what is stated here."""

    pixels: bytes
    """A file for the decoder: of what is below only what its format cannot do without."""
    icc_profile: bytes | None = None
    exif: bytes | None = None
    """As TIFF without a prefix."""
    xmp: bytes | None = None
    resolution: Resolution | None = None
    """As the format itself states it, outside EXIF data."""
    colour: tuple[Chunk, ...] = ()
    texts: tuple[Chunk, ...] = ()
    transparent: bytes | None = None
    """The `tRNS` chunk of a PNG file without a palette: the colour that is transparent."""
    plain_inks: bool = False
    """Whether it is a JPEG file of CMYK where 0 is no ink. Pillow takes every one for the kind that
    Adobe's programs write and mark, where 255 is none."""
    notes: tuple[str, ...] = ()
    """What a person should know about the pixels."""
    left_out: tuple[str, ...] = ()


class Raster(NamedTuple):
    """Samples as they lie in a file, in rows from its first one."""

    colours: Pixels
    """`(H, W, C)`; C is 1 for grey, 3 for RGB and 4 for CMYK."""
    alpha: Pixels | None = None
    """`(H, W)`; colours are not multiplied by it."""
    notes: tuple[str, ...] = ()
