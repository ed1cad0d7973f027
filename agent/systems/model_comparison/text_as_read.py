"""How text in a result is read, compared with the reading of the picture at its own size.

The picture is the only reference for its letters that no model has touched: against the bicubic
enlargement, bicubic interpolation would win by definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.measures.legibility import LEAST_TEXT, Change, Word, agreement
from agent.measures.regions import spread
from agent.report.model_comparison.record import ChangedPlace
from agent.systems.evidence import Measurement
from agent.systems.text.ocr import MIN_CONFIDENCE, Box, LineReader, Reading, bounds
from agent.systems.text.places import place_in
from agent.systems.text.tool import DOUBTFUL, Line, new_lines, quotable

_Pixels = NDArray[np.uint8]


class TextOfPicture(NamedTuple):
    """The lines of a picture as read at its own size."""

    reader: LineReader
    pixels: _Pixels
    factor: int
    boxes: list[Box]
    """In pixels of the enlarged picture, where they were detected."""
    readings: list[Reading]

    @classmethod
    def of(cls, reader: LineReader, pixels: _Pixels, enlarged: _Pixels) -> TextOfPicture:
        """Read a picture.

        Args:
            pixels: `(H, W, 3)`, RGB.
            enlarged: its bicubic enlargement by an integer factor.
        """
        factor = enlarged.shape[0] // pixels.shape[0]
        boxes = new_lines(reader, enlarged, [])
        readings = reader.read_lines(pixels, _reduced(boxes, factor))
        return cls(reader, pixels, factor, boxes, readings)

    def lines(self, result: _Pixels) -> list[Line]:
        """Return the lines of the picture and those only in a result, each as read in both."""
        fresh = new_lines(self.reader, result, self.boxes)
        at_own_size = _reduced(fresh, self.factor)
        before = [*self.readings, *self.reader.read_lines(self.pixels, at_own_size)]
        boxes = [*self.boxes, *fresh]
        after = self.reader.read_lines(result, boxes)
        both_ways = zip(before, after, strict=True)
        lines = (Line(box, both) for box, both in zip(boxes, both_ways, strict=True))
        return [line for line in lines if line.is_read]


def _reduced(boxes: Sequence[Box], factor: int) -> list[Box]:
    return [box / np.float32(factor) for box in boxes]


def text_measurements(lines: Sequence[Line], reader: str) -> Iterator[Measurement]:
    """Yield how far the readings agree; nothing if the picture has too little text.

    Args:
        lines: lines as read in the picture and in the result.
    """
    ocr, on = f"PP-OCR ({reader})", "the picture and the result"
    readable = _readable(lines)
    pairs = [
        (_letters(line.readings[0].text), _letters(line.readings[1].text)) for line in readable
    ]
    if sum(len(before) for before, _ in pairs) >= LEAST_TEXT:
        yield Measurement(
            "text-agreement", "characters read as in the picture", _agreement(pairs), "%",
            f"{ocr}: 1 − Levenshtein distance / length of the longer reading, spaces aside, over "
            "the lines that can be read in the picture at its own size", on,
            spread(pairs, _agreement),
        )  # fmt: skip
        changes = [change for line in readable for change in _changes(line)]
        method = f"{ocr}: words aligned line by line, spaces aside"
        yield Measurement(
            "text-changed", "places read differently", len(changes), "places", method, on
        )
        yield Measurement(
            "text-doubtful", "of these doubtful",
            sum(change.is_doubtful(DOUBTFUL) for change in changes), "places",
            f"a letter of the reading has a probability below {100 * DOUBTFUL:g} %, or below that "
            "in the picture", on,
        )  # fmt: skip
    yield Measurement(
        "text-alone", "lines read in the result alone", len(lines) - len(readable), "lines",
        f"{ocr}: read there with a mean probability of at least {100 * MIN_CONFIDENCE:g} %, and "
        "not in the picture; they may have become readable or be invented", on,
    )  # fmt: skip


def _readable(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that can be read in the picture, the reference for their letters."""
    return [line for line in lines if line.readings[0].is_text]


def _letters(text: str) -> str:
    """Remove white space, which recognisers omit at random."""
    return "".join(text.split())


def _changes(line: Line) -> list[Change]:
    """Return where the letters of a line differ."""

    def letters(words: Sequence[Word]) -> str:
        return _letters("".join(word.text for word in words))

    return [change for change in line.changes if letters(change.before) != letters(change.after)]


def _agreement(pairs: Sequence[tuple[str, str]]) -> float:
    before, after = zip(*pairs, strict=True)
    return round(100 * agreement(before, after), 1)


def changed_places(lines: Sequence[Line], shape: tuple[int, int]) -> Iterator[ChangedPlace]:
    """Yield where a result reads differently from its picture.

    Args:
        shape: height and width of the result, in pixels.
    """
    for line in _readable(lines):
        for change in _changes(line):
            x, y = line.middle_of(change)
            yield ChangedPlace(
                before=_quoted(change.before),
                after=_quoted(change.after),
                line=bounds(line.box),
                words=(change.start, change.start + len(change.before)),
                x=round(x, 1),
                where=place_in(shape, x, y),
                confidence=round(100 * change.confidence, 1),
                doubtful=change.is_doubtful(DOUBTFUL),
            )


def _quoted(words: Sequence[Word]) -> str:
    return quotable(" ".join(word.text for word in words))
