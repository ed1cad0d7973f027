"""The contents of a picture file, parsed before any decoder runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from agent.imaging.picture import Chunk, Pixels, Resolution


class Unreadable(ValueError):
    """A possibly intact file that cannot be read correctly; the message says what it holds."""


@dataclass(frozen=True)
class Contents:
    """The parts of a file, not examined beyond what is stated here."""

    pixels: bytes
    """A file for the decoder, with only those of the parts below that its format requires."""
    icc_profile: bytes | None = None
    exif: bytes | None = None
    """In TIFF format, without a prefix."""
    xmp: bytes | None = None
    resolution: Resolution | None = None
    """As stated by the format itself, outside EXIF data."""
    colour: tuple[Chunk, ...] = ()
    texts: tuple[Chunk, ...] = ()
    transparent: bytes | None = None
    """The `tRNS` chunk of a PNG file without a palette: the transparent colour."""
    plain_inks: bool = False
    """Whether it is a CMYK JPEG file in which 0 is no ink. Pillow assumes Adobe's convention, in
    which 255 is none."""
    notes: tuple[str, ...] = ()
    """What a person should know about the pixels."""
    left_out: tuple[str, ...] = ()


class Raster(NamedTuple):
    """Samples as stored in a file, from its first row."""

    colours: Pixels
    """`(H, W, C)`; C is 1 for grey, 3 for RGB and 4 for CMYK."""
    alpha: Pixels | None = None
    """`(H, W)`, straight alpha."""
    notes: tuple[str, ...] = ()
