"""How much of the text in a picture a reader still gets right, as a recogniser sees it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

Pixels = NDArray[np.uint8]
#: Left, top, right and bottom of a line of text, in pixels.
Box = tuple[int, int, int, int]


def why_unavailable() -> str | None:
    """Why text cannot be read here, in words; None when it can."""
    if find_spec("rapidocr") is None:
        return "not measured: rapidocr is not installed (pip install 'groundglass[ocr]')"
    return None


class LineReader:
    """The text recogniser of rapidocr, applied to lines that are given.

    Lines are found once, on the sharp original, and read in every version of the picture. So a
    version is judged by the letters alone, not by how a detector happens to split its lines.
    """

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self.engine = RapidOCR(params={"Global.log_level": "critical"})
        self.name = f"rapidocr {version('rapidocr')}"

    def find_lines(self, pixels: Pixels) -> list[Box]:
        """Boxes around the lines of `(H, W, 3)` RGB uint8, top to bottom, then left to right."""
        found = self.engine(_bgr(pixels), use_det=True, use_cls=False, use_rec=False)
        if found.boxes is None:
            return []
        corners = np.asarray(found.boxes)  # (N, 4, 2), x before y
        low = np.maximum(np.floor(corners.min(axis=1)).astype(int), 0)
        high = np.ceil(corners.max(axis=1)).astype(int)
        boxes = [
            (int(left), int(top), int(right), int(bottom))
            for (left, top), (right, bottom) in zip(low, high, strict=True)
        ]
        return sorted(boxes, key=lambda box: (box[1], box[0]))

    def read_lines(self, pixels: Pixels, boxes: Sequence[Box]) -> list[str]:
        """The text inside each box of `(H, W, 3)` RGB uint8; an empty string where none is seen."""
        texts = []
        for left, top, right, bottom in boxes:
            line = _bgr(pixels[top:bottom, left:right])
            read = self.engine(line, use_det=False, use_cls=False, use_rec=True)
            texts.append(read.txts[0] if read.txts else "")
        return texts


def character_error_rate(reference: Sequence[str], read: Sequence[str]) -> float:
    """Levenshtein distances of lines, summed, over the characters of the reference; 0 or more.

    Raises:
        ValueError: when the numbers of lines differ or the reference holds no character.
    """
    characters = sum(map(len, reference))
    if characters == 0:
        raise ValueError("the reference holds no text to compare with")
    distances = (Levenshtein.distance(a, b) for a, b in zip(reference, read, strict=True))
    return sum(distances) / characters


def _bgr(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[..., ::-1])
