"""Detection and recognition of lines of text with PP-OCR from the package rapidocr."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.measures.legibility import Word
from agent.systems.onnx_runtime import import_onnxruntime
from agent.systems.processor import threads
from agent.systems.text.scripts import is_known

Pixels = NDArray[np.uint8]
#: Corners of a line of text, `(4, 2)`, x before y in pixels, clockwise from the top left.
Box = NDArray[np.float32]

#: Maximum aspect ratio: the detector enlarges the shorter side to 736 pixels, so a narrow strip
#: would become enormous unless it is padded.
_NARROWEST = 4
#: Licences of the reader.
LICENCES = ("rapidocr: Apache-2.0", "bundled PP-OCRv6 models: Apache-2.0")
#: Minimum mean probability of its characters, in any version, for a line to count as text.
MIN_CONFIDENCE = 0.65
#: Minimum difference from the border of a line, as a share of the greatest, to count as ink.
_INK = 0.35
#: Minimum height in pixels: lower lines hold no letters, and PP-OCR cannot resize them.
MIN_HEIGHT = 5
#: Slope above which a line is rotated to the horizontal before it is read.
_TILTED = 0.05


class Reading(NamedTuple):
    """The text read in a box; empty if there was none."""

    text: str
    confidence: float
    """Mean probability of its characters, in [0, 1]."""
    words: tuple[Word, ...]
    ink: float = 0.0
    """Width of the writing without gaps, in heights of the line."""

    @property
    def is_text(self) -> bool:
        """Whether it was read as text, in letters that the recogniser knows."""
        return (
            self.confidence >= MIN_CONFIDENCE
            and any(c.isalnum() for c in self.text)
            and is_known(self.text, self.confidence, self.words, self.ink)
        )


def why_unavailable() -> str | None:
    """Return why text cannot be read here, in words; None if it can."""
    if find_spec("rapidocr") is None:
        return "rapidocr is not installed (pip install 'groundglass[ocr]')"
    return None


class LineReader:
    """The detector and the recogniser of rapidocr.

    Lines found in one version of a picture can be read in all others, so that a version is judged
    by its letters alone, not by how the detector happens to split lines.
    """

    def __init__(self) -> None:
        self.engine = _engine()
        self.name = f"rapidocr {version('rapidocr')}"

    def find_lines(self, pixels: Pixels) -> list[Box]:
        """Find the lines of `(H, W, 3)` RGB uint8, sorted top to bottom, then left to right."""
        result = self.engine(_bgr(_less_narrow(pixels)), use_det=True, use_cls=False, use_rec=False)
        if result.boxes is None:
            return []
        boxes = [np.asarray(box, np.float32) for box in result.boxes]
        return sorted(boxes, key=lambda box: (float(box[:, 1].min()), float(box[:, 0].min())))

    def read_lines(self, pixels: Pixels, boxes: Sequence[Box]) -> list[Reading]:
        """Read the text inside each box of `(H, W, 3)` RGB uint8."""
        bgr = _bgr(pixels)
        return [self._read(bgr, box) for box in boxes]

    def _read(self, pixels: Pixels, box: Box) -> Reading:
        line = self._cut(pixels, box)
        if min(line.shape[:2]) < MIN_HEIGHT:
            return Reading("", 0.0, ())
        result = self.engine(line, use_det=False, use_cls=False, use_rec=True, return_word_box=True)
        ink = _ink(line)
        if not result.txts or not result.txts[0].strip():
            return Reading("", 0.0, (), ink)
        words = tuple(_words(result.word_results[0]))
        return Reading(result.txts[0], float(result.scores[0]), words, ink)

    def _cut(self, pixels: Pixels, box: Box) -> Pixels:
        along, rise = np.abs(box[1] - box[0])
        if rise > _TILTED * along:
            turned: Pixels = self.engine.crop_text_regions(pixels, [box])[0]
            return turned
        left, top, right, bottom = bounds(box)
        return pixels[top:bottom, left:right]


@cache
def _engine() -> Any:
    import_onnxruntime()
    from rapidocr import RapidOCR

    number = {"EngineConfig.onnxruntime.intra_op_num_threads": threads() or -1}  # −1: all cores
    return RapidOCR(params={"Global.log_level": "critical", **number})


def bounds(box: Box) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of a box's bounding rectangle, in whole pixels."""
    low = np.maximum(np.floor(box.min(axis=0)), 0).astype(int)
    high = np.ceil(box.max(axis=0)).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _words(info: object) -> list[Word]:
    """Convert rapidocr's `WordInfo`, whose confidences are a flat list by letter, to words."""
    confidences = iter(getattr(info, "confs", ()))
    words = []
    for letters in getattr(info, "words", ()):
        sure = [float(next(confidences, 0.0)) for _ in letters]
        words.append(Word("".join(letters), min(sure, default=0.0)))
    return words


def _ink(line: Pixels) -> float:
    """Return the width of the columns with ink, in heights of the line; 0 for a uniform one."""
    grey = line.mean(axis=2)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    away = np.abs(grey - np.median(border))
    inked = (away > _INK * away.max()).any(axis=0)
    return float(inked.sum()) / len(line)


def _less_narrow(pixels: Pixels) -> Pixels:
    """Pad a narrow strip by repeating its border at the bottom or right."""
    least = -(-max(pixels.shape[:2]) // _NARROWEST)
    down, right = (max(0, least - side) for side in pixels.shape[:2])
    return np.pad(pixels, ((0, down), (0, right), (0, 0)), mode="edge")


def _bgr(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[..., ::-1])
