"""The type of all pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: uint8 in [0, 255] or uint16 in [0, 65535].
Pixels = NDArray[np.uint8] | NDArray[np.uint16]

#: Type and content of a chunk of a PNG file.
Chunk = tuple[bytes, bytes]


class Resolution(NamedTuple):
    """Resolution for printing."""

    x: float
    """Horizontal pixels per inch, above 0."""
    y: float
    per_inch: bool = True
    """False if x and y only give the aspect ratio of a pixel, which is 1 / x wide."""


@dataclass(frozen=True, eq=False)
class Picture:
    """An upright RGB picture, whose arrays must not be modified.

    Raises:
        ValueError: for arrays of a shape or type other than stated below.
    """

    name: str
    """File name without folder, safe to print."""
    pixels: Pixels
    """`(H, W, 3)`, RGB as encoded in the file, uint8, or uint16 if the file has 16 bits."""
    alpha: Pixels | None = None
    """`(H, W)`, straight alpha, of the same type as `pixels`."""
    icc_profile: bytes | None = None
    """Colour profile of the values, for grey ones if the picture is `grey`; None for sRGB."""
    exif: bytes | None = None
    """Descriptive EXIF data in TIFF format, without prefix and orientation."""
    grey: bool = False
    """Whether the file was greyscale; the three channels are then equal."""
    notes: tuple[str, ...] = ()
    """Notes from reading for the user, such as `only the first of 3 frames`."""
    resolution: Resolution | None = None
    colour: tuple[Chunk, ...] = ()
    """PNG chunks about colour besides a profile, such as `gAMA`."""
    texts: tuple[Chunk, ...] = ()
    """PNG chunks of text."""
    left_out: tuple[str, ...] = ()
    """Names of other contents of the file, to report when the picture is written: `XMP data`."""

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
        """Remove EXIF data, text and resolution, keeping colour information."""
        return replace(self, exif=None, texts=(), resolution=None)

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])


def white_level(pixels: Pixels) -> int:
    """Return the value of white: 255 or 65535."""
    return int(np.iinfo(pixels.dtype).max)
