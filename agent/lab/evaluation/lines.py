"""Reading the lines of text of a picture in all its versions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.measures.legibility import character_error_rate
from agent.systems.text.ocr import LineReader

Pixels = NDArray[np.uint8]


class Lines:
    """The places of the lines in a sharp picture, and their readings.

    Other versions are read at the same places, so that only legibility matters.
    """

    def __init__(self, reader: LineReader, sharp: Pixels) -> None:
        self.reader = reader
        self.boxes = reader.find_lines(sharp)
        self.reference = self.read(sharp)

    def read(self, pixels: Pixels) -> list[str]:
        """Read the lines in a version of the picture, `(H, W, 3)` RGB."""
        return [reading.text for reading in self.reader.read_lines(pixels, self.boxes)]

    def errors(self, pixels: Pixels) -> float:
        """Return the character error rate of a version against the sharp picture."""
        return character_error_rate(self.reference, self.read(pixels))
