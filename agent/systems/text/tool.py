"""The tool `read_text`: find the lines of text in a picture and read them, before and after.

This is the stage of LLaVAR's data pipeline in which OCR programs read the pictures, done with
PP-OCR. LLaVAR itself does not run here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.measures.fidelity import luma, mean_change
from agent.measures.legibility import Change, Word, agreement, changes
from agent.measures.regions import spread
from agent.measures.structure import change_within, inside
from agent.references import without_references
from agent.settings import Settings
from agent.systems.evidence import Measurement, evidence_of
from agent.systems.figures import figure, framed
from agent.systems.spec import Figure, Job, NotApplicable, Progress, ToolOutput
from agent.systems.text.ocr import (
    LICENCES,
    MIN_CONFIDENCE,
    MIN_HEIGHT,
    Box,
    LineReader,
    Reading,
    bounds,
    why_unavailable,
)
from agent.systems.text.places import place_in
from agent.systems.text.scripts import KNOWN
from agent.text import visible
from agent.types import Provenance

#: A changed reading that is less sure than this, or than the one before it, is doubtful.
DOUBTFUL = 0.9
#: What the detector takes for a line is no place of texture where it is this many times as wide as
#: high, even where it cannot be read.
LINE_SHAPE = 2
#: How far around a line of text a change counts as a change of text, in pixels.
REACH = 3
#: Lines, and doubtful places, whose words are given, at most.
MOST_QUOTED = 24
#: Mean change of a pixel, in grey levels, below which there is hardly a change to have a place.
LEAST_CHANGE = 0.5
_MOST_LINES = 300
_MOST_CHARACTERS = 160


@dataclass(frozen=True)
class Line:
    """A line of text and how it was read in each version of the picture."""

    box: Box
    readings: tuple[Reading, ...]

    @property
    def is_read(self) -> bool:
        """Whether a version reads as text, in letters that the reader knows."""
        return any(reading.is_text for reading in self.readings)

    @property
    def best(self) -> int:
        """Index of the version in which it is read most surely; the later of equals."""
        sure = [reading.confidence for reading in self.readings]
        return max(range(len(sure)), key=lambda i: (sure[i], i))

    @property
    def changes(self) -> list[Change]:
        """Where its words differ between the first version and the last."""
        return list(changes(self.readings[0].words, self.readings[-1].words))

    @property
    def is_gained(self) -> bool:
        """Whether the last version alone reads as text, and with no doubtful place."""
        if self.readings[0].is_text or not self.readings[-1].is_text:
            return False
        return not any(change.is_doubtful(DOUBTFUL) for change in self.changes)

    def middle_of(self, change: Change) -> tuple[float, float]:
        """Where one of its changes lies, x and y in pixels, as far as its letters are even."""
        words, text = change.after, self.readings[-1].text
        if not words:
            words, text = change.before, self.readings[0].text
        start = max(0, text.find(words[0].text))
        share = (start + sum(len(word.text) for word in words) / 2) / max(1, len(text))
        begin, end = self.box[[0, 3]].mean(axis=0), self.box[[1, 2]].mean(axis=0)
        x, y = begin + min(share, 1.0) * (end - begin)
        return float(x), float(y)


class Lines(NamedTuple):
    """The lines of a picture."""

    read: list[Line]
    """Those that are read as text in one version at least, in letters that the reader knows."""
    unread: list[Line]
    """What has the shape of a line and is not: in another script, or too unclear."""


def read_text(job: Job, settings: Settings, progress: Progress) -> ToolOutput:
    """Find lines in what a restorer made of the picture, or in the picture itself, and read them.

    Lines are looked for before and after restoration; each is then read in both.

    Raises:
        NotApplicable: where the reader is not installed, and for a picture too flat for letters.
    """
    if reason := why_unavailable() or _why_not(job.picture):
        raise NotApplicable(reason)
    progress("looking for text")
    reader = LineReader()
    images = {label: on_white(version) for label, version in _versions(job).items()}
    lines = find_and_read(reader, list(images.values()))
    return ToolOutput(
        evidence_of(job, _measurements(job, list(images), lines, reader.name), "text-", float),
        _figures(job, images, lines.read),
        Provenance(licences=LICENCES),
    )


def _why_not(picture: Picture) -> str | None:
    """Why no text is looked for in this picture, and what to do about it; None when it is."""
    if min(picture.width, picture.height) >= MIN_HEIGHT:
        return None
    return (
        f"the picture is too flat for reading text, {picture.width} × {picture.height} pixels; "
        f"attach one of at least {MIN_HEIGHT} pixels a side"
    )


def _versions(job: Job) -> Mapping[str, Picture]:
    """The versions to read, in the order in which they came about."""
    labels = [label for label in ("input", "enlarged", "restored") if label in job.versions]
    return {label: job.versions[label] for label in labels} or {"input": job.picture}


def find_and_read(reader: LineReader, versions: Sequence[NDArray[np.uint8]]) -> Lines:
    """Lines of text, each found once and read in every version; pictures of one size.

    A box that a later version has in the place of an earlier one is the same line. What no version
    reads with a mean probability of 0.65, and is not shaped like a line, is texture and left out.
    """
    boxes: list[Box] = []
    for pixels in versions:
        boxes += new_lines(reader, pixels, boxes)
    readings = [reader.read_lines(pixels, boxes) for pixels in versions]
    lines = [Line(box, read) for box, read in zip(boxes, zip(*readings, strict=True), strict=True)]
    read = [line for line in lines if line.is_read]
    return Lines(read, [line for line in lines if not line.is_read and _is_long(line.box)])


def new_lines(reader: LineReader, pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> list[Box]:
    """Lines of text in places where none of `boxes` is."""
    candidates = reader.find_lines(pixels)[:_MOST_LINES]
    return [box for box in candidates if not any(_same_place(box, other) for other in boxes)]


def _is_long(box: Box) -> bool:
    left, top, right, bottom = bounds(box)
    return right - left >= LINE_SHAPE * (bottom - top)


def _same_place(box: Box, other: Box) -> bool:
    """Whether the upright rectangles around both share more than half of the smaller one."""
    (a, b, c, d), (e, f, g, h) = bounds(box), bounds(other)
    shared = max(0, min(c, g) - max(a, e)) * max(0, min(d, h) - max(b, f))
    return shared > 0.5 * min((c - a) * (d - b), (g - e) * (h - f))


def _measurements(
    job: Job, labels: Sequence[str], result: Lines, reader: str
) -> Iterator[Measurement]:
    ocr, every = f"PP-OCR ({reader})", " and ".join(labels)
    lines = result.read
    method = (
        f"{ocr}: found in any version and read with a mean probability of at least "
        f"{100 * MIN_CONFIDENCE:g} %"
    )
    yield Measurement("lines", "lines of text", len(lines), "lines", method, every)
    if result.unread:
        quantity = "lines that could not be read"
        method = f"{ocr}: shaped like a line, and not read as {KNOWN}"
        yield Measurement("unread", quantity, len(result.unread), "lines", method, every)
    if not lines:
        return
    of_line = f"{ocr}: mean probability of the characters of a line"
    for i, label in enumerate(labels):
        words = sum(len(line.readings[i].words) for line in lines)
        yield Measurement(f"words-{label}", "words read", words, "words", ocr, label)
        sure = _percent(float(np.mean([line.readings[i].confidence for line in lines])))
        quantity, method = "mean confidence of the readings", f"{of_line}, mean over lines"
        yield Measurement(f"confidence-{label}", quantity, sure, "%", method, label)
    if len(labels) > 1:
        last = job.versions[labels[-1]]
        yield from _differences(lines, every, (last.height, last.width))
        yield from _change(job, labels, lines)
    for number, line in enumerate(lines[:MOST_QUOTED], 1):
        reading, on = line.readings[line.best], labels[line.best]
        key, quantity = f"line-{number}", f"confidence in line {number}"
        sure = _percent(reading.confidence)
        yield Measurement(key, quantity, sure, "%", of_line, on, text=quotable(reading.text))


def _differences(lines: Sequence[Line], on: str, shape: tuple[int, int]) -> Iterator[Measurement]:
    gains = [100 * (line.readings[-1].confidence - line.readings[0].confidence) for line in lines]
    quantity, unit = "change of the mean confidence by restoration", "percentage points"
    mean, method = round(float(np.mean(gains)), 2), "after less before, mean over lines"
    between = spread(gains, lambda part: float(np.mean(part)))
    interval = between and (round(between[0], 2), round(between[1], 2))
    yield Measurement("confidence-change", quantity, mean, unit, method, on, interval)
    first, last = ([line.readings[i].text for line in lines] for i in (0, -1))
    quantity, share = "characters read alike before and after", _percent(agreement(first, last))
    method = "1 − Levenshtein distance / length of the longer reading, over all lines"
    yield Measurement("agreement", quantity, share, "%", method, on)
    changed = [(line, change) for line in lines for change in line.changes]
    doubtful = [one for one in changed if one[1].is_doubtful(DOUBTFUL)]
    surer = [one for one in changed if not one[1].is_doubtful(DOUBTFUL)]
    quantity, method = "places read differently", "words aligned line by line"
    yield Measurement("changed", quantity, len(changed), "places", method, on)
    quantity += " with low confidence"
    method = (
        f"a letter of the later reading has a probability below {100 * DOUBTFUL:g} %, or below "
        "that of the reading before"
    )
    yield Measurement("doubtful", quantity, len(doubtful), "places", method, on)
    quantity, method = "confidence in a place read differently", "its least sure letter, restored"
    for key, places in (("doubt", doubtful), ("surer", surer)):
        places.sort(key=lambda place: place[1].confidence)
        for number, (line, change) in enumerate(places[:MOST_QUOTED], 1):
            words = _words(change.before), _words(change.after)
            text, sure = quotable(" → ".join(words)), _percent(change.confidence)
            where = f"{on}, {place_in(shape, *line.middle_of(change))}"
            yield Measurement(f"{key}-{number}", quantity, sure, "%", method, where, text=text)
    gained = [line for line in lines if line.is_gained]
    quantity = "lines read after restoration alone"
    method = (
        f"a mean probability of at least {100 * MIN_CONFIDENCE:g} % in the last version alone, "
        "and no doubtful place"
    )
    yield Measurement("gained", quantity, len(gained), "lines", method, on)
    for number, line in enumerate(gained[:MOST_QUOTED], 1):
        text, sure = quotable(line.readings[-1].text), _percent(line.readings[-1].confidence)
        quantity, method = "confidence in a line that only then is read", "mean of its characters"
        yield Measurement(f"gained-{number}", quantity, sure, "%", method, on, text=text)


def _words(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words) or "nothing"


def _change(job: Job, labels: Sequence[str], lines: Sequence[Line]) -> Iterator[Measurement]:
    """Where the change lies: at the text, or elsewhere."""
    x, y = (luma(on_white(job.versions[labels[i]])) for i in (0, -1))
    if mean_change(x, y) < LEAST_CHANGE:
        return
    place = inside((x.shape[0], x.shape[1]), (bounds(line.box) for line in lines), REACH)
    if shares := change_within(x, y, place):
        method, on = f"boxes of the lines of text, widened by {REACH} px", " and ".join(labels)
        for key, whole, share in zip(
            ("change", "area"), ("squared change", "picture"), shares, strict=True
        ):
            quantity = f"share of the {whole} within {REACH} px of text"
            yield Measurement(key, quantity, _percent(share), "%", method, on)


def _percent(share: float) -> float:
    return round(100 * share, 1)


def quotable(text: str) -> str:
    """Words of a picture as an answer may quote them: one safe line, without addresses or quotes.

    A picture is written by anybody: what it says must not end its own quotation, steer a terminal
    or lead anywhere.
    """
    plain = without_references(visible(text).translate(_QUOTES))
    return plain if len(plain) <= _MOST_CHARACTERS else f"{plain[: _MOST_CHARACTERS - 1]}…"


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


def _figures(
    job: Job, images: Mapping[str, NDArray[np.uint8]], lines: Sequence[Line]
) -> Iterator[Figure]:
    """The last version with the lines framed; nothing where there is no text."""
    if lines:
        label = list(images)[-1]
        sheet = framed(
            images[label], [line.box for line in lines], [_doubt(line) for line in lines]
        )
        caption = f"lines of text found in {job.picture.name}, on the {label} picture"
        if len(images) > 1:
            caption += (
                ": blue where they read alike before and after, orange where not, "
                "dashed red where the new reading is doubtful"
            )
        yield figure(job, "text", caption, sheet)


def _doubt(line: Line) -> int:
    """0 where it reads alike before and after, 1 where not, 2 where that is doubtful."""
    changes = line.changes
    return bool(changes) + any(change.is_doubtful(DOUBTFUL) for change in changes)
