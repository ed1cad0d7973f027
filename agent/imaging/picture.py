"""The one picture type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: uint8 in [0, 255] or uint16 in [0, 65535].
Pixels = NDArray[np.uint8] | NDArray[np.uint16]

#: Kind and content of a chunk of a PNG file.
Chunk = tuple[bytes, bytes]


class Resolution(NamedTuple):
    """How large a picture is to be printed."""

    x: float
    """Pixels an inch from left to right, above 0."""
    y: float
    per_inch: bool = True
    """False where x and y say no more than the shape of a pixel: it is as wide as 1 / x."""


@dataclass(frozen=True, eq=False)
class Picture:
    """An upright RGB picture; nobody writes into its arrays.

    Raises:
        ValueError: for arrays of another shape or type than stated below.
    """

    name: str
    """File name without its folder, safe to print."""
    pixels: Pixels
    """`(H, W, 3)`, RGB as encoded in the file, uint8, or uint16 where the file holds 16 bits."""
    alpha: Pixels | None = None
    """`(H, W)`, opacity, of the same type as `pixels`; colours are not multiplied by it."""
    icc_profile: bytes | None = None
    """Colour profile that the values are to be read with; sRGB where there is none. Of a picture
    that is `grey`, it is a profile of grey values."""
    exif: bytes | None = None
    """What EXIF tells of the picture and its taking, as TIFF without a prefix; no orientation."""
    grey: bool = False
    """Whether the file held grey values alone; the three channels are equal then."""
    notes: tuple[str, ...] = ()
    """What reading it took that a person should know, such as `only the first of 3 frames`."""
    resolution: Resolution | None = None
    colour: tuple[Chunk, ...] = ()
    """PNG chunks, besides a profile, that say how the values are to be shown, such as `gAMA`."""
    texts: tuple[Chunk, ...] = ()
    """PNG chunks of text."""
    left_out: tuple[str, ...] = ()
    """What else the file held, to be told where the picture is written: `XMP data`."""

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or 0 in self.pixels.shape:
            raise ValueError(f"expected pixels of shape (H, W, 3), got {self.pixels.shape}")
        if self.pixels.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"expected pixels of uint8 or uint16, got {self.pixels.dtype}")
        if self.alpha is not None and (
            self.alpha.shape != self.pixels.shape[:2] or self.alpha.dtype != self.pixels.dtype
        ):
            raise ValueError(
                f"expected alpha of shape {self.pixels.shape[:2]} and {self.pixels.dtype}, "
                f"got {self.alpha.shape} and {self.alpha.dtype}"
            )

    def without_metadata(self) -> Picture:
        """The picture with only what its values mean: no EXIF data, text or resolution."""
        return replace(self, exif=None, texts=(), resolution=None)

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])


def white_level(pixels: Pixels) -> int:
    """The value of white: 255 or 65535."""
    return int(np.iinfo(pixels.dtype).max)
