"""The lines of text of one picture, read again in every version of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.measures.legibility import character_error_rate
from agent.systems.text.ocr import LineReader

Pixels = NDArray[np.uint8]


class Lines:
    """Where the lines of a sharp picture stand, and what they read there.

    Other versions are read at the same places, so that what is lost is legibility alone.
    """

    def __init__(self, reader: LineReader, sharp: Pixels) -> None:
        self.reader = reader
        self.boxes = reader.find_lines(sharp)
        self.reference = self.read(sharp)

    def read(self, pixels: Pixels) -> list[str]:
        """What each line reads in a version of the picture, `(H, W, 3)` RGB."""
        return [reading.text for reading in self.reader.read_lines(pixels, self.boxes)]

    def errors(self, pixels: Pixels) -> float:
        """Character error rate of a version against the sharp picture; 0 is equal."""
        return character_error_rate(self.reference, self.read(pixels))
