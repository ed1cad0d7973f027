"""The tool `read_text`: find and read lines of text in a picture, before and after restoration.

This is the OCR stage of LLaVAR's data pipeline, done with PP-OCR. LLaVAR itself does not run here.
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

#: A changed reading with a confidence below this, or below that of the earlier one, is doubtful.
DOUBTFUL = 0.9
#: Minimum aspect ratio for an unreadable detection to count as a line, not as texture.
LINE_SHAPE = 2
#: Margin around lines, in pixels, within which a change counts as a change of text.
REACH = 3
#: Maximum number of lines, and of doubtful places, that are quoted.
MOST_QUOTED = 24
#: Mean change of a pixel, in grey levels, below which there is hardly a change to locate.
LEAST_CHANGE = 0.5
_MOST_LINES = 300
_MOST_CHARACTERS = 160


@dataclass(frozen=True)
class Line:
    """A line of text and its reading in each version of the picture."""

    box: Box
    readings: tuple[Reading, ...]

    @property
    def is_read(self) -> bool:
        """Whether any version reads as text in a known script."""
        return any(reading.is_text for reading in self.readings)

    @property
    def best(self) -> int:
        """Index of the version with the most confident reading; of equals, the later."""
        sure = [reading.confidence for reading in self.readings]
        return max(range(len(sure)), key=lambda i: (sure[i], i))

    @property
    def changes(self) -> list[Change]:
        """Differences between the words of the first version and of the last."""
        return list(changes(self.readings[0].words, self.readings[-1].words))

    @property
    def is_gained(self) -> bool:
        """Whether only the last version reads as text, and without a doubtful place."""
        if self.readings[0].is_text or not self.readings[-1].is_text:
            return False
        return not any(change.is_doubtful(DOUBTFUL) for change in self.changes)

    def middle_of(self, change: Change) -> tuple[float, float]:
        """Return where a change lies, x and y in pixels, assuming letters of equal width."""
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
    """Lines that read as text in a known script in at least one version."""
    unread: list[Line]
    """Lines by shape that do not: in another script, or too unclear."""


def read_text(job: Job, settings: Settings, progress: Progress) -> ToolOutput:
    """Find and read lines in the restored picture, or in the picture itself.

    Lines are detected before and after restoration, and each is read in both versions.

    Raises:
        NotApplicable: if the reader is not installed, or the picture is too low for letters.
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
    """Return why this picture cannot be read, and what to do about it; None if it can."""
    if min(picture.width, picture.height) >= MIN_HEIGHT:
        return None
    return (
        f"the picture is too low to hold text, {picture.width} × {picture.height} pixels; "
        f"attach one of at least {MIN_HEIGHT} pixels a side"
    )


def _versions(job: Job) -> Mapping[str, Picture]:
    """Return the versions to read, in the order in which they were made."""
    labels = [label for label in ("input", "enlarged", "restored") if label in job.versions]
    return {label: job.versions[label] for label in labels} or {"input": job.picture}


def find_and_read(reader: LineReader, versions: Sequence[NDArray[np.uint8]]) -> Lines:
    """Find each line of text once and read it in every version; all are of the same size.

    A box of a later version at the place of an earlier one is the same line. A detection that no
    version reads with a mean probability of 0.65 and that has no line shape is left out as texture.
    """
    boxes: list[Box] = []
    for pixels in versions:
        boxes += new_lines(reader, pixels, boxes)
    readings = [reader.read_lines(pixels, boxes) for pixels in versions]
    lines = [Line(box, read) for box, read in zip(boxes, zip(*readings, strict=True), strict=True)]
    read = [line for line in lines if line.is_read]
    return Lines(read, [line for line in lines if not line.is_read and _is_long(line.box)])


def new_lines(reader: LineReader, pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> list[Box]:
    """Find the lines that do not overlap any of `boxes`."""
    candidates = reader.find_lines(pixels)[:_MOST_LINES]
    return [box for box in candidates if not any(_same_place(box, other) for other in boxes)]


def _is_long(box: Box) -> bool:
    left, top, right, bottom = bounds(box)
    return right - left >= LINE_SHAPE * (bottom - top)


def _same_place(box: Box, other: Box) -> bool:
    """Check whether the bounding rectangles share more than half of the smaller one."""
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
    quantity, unit = "change in mean confidence after restoration", "percentage points"
    mean, method = round(float(np.mean(gains)), 2), "after minus before, mean over lines"
    between = spread(gains, lambda part: float(np.mean(part)))
    interval = between and (round(between[0], 2), round(between[1], 2))
    yield Measurement("confidence-change", quantity, mean, unit, method, on, interval)
    first, last = ([line.readings[i].text for line in lines] for i in (0, -1))
    quantity, share = "characters read the same before and after", _percent(agreement(first, last))
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
    quantity, method = (
        "confidence in a place read differently",
        "its lowest-confidence letter, restored",
    )
    for key, places in (("doubt", doubtful), ("surer", surer)):
        places.sort(key=lambda place: place[1].confidence)
        for number, (line, change) in enumerate(places[:MOST_QUOTED], 1):
            words = _words(change.before), _words(change.after)
            text, sure = quotable(" → ".join(words)), _percent(change.confidence)
            where = f"{on}, {place_in(shape, *line.middle_of(change))}"
            yield Measurement(f"{key}-{number}", quantity, sure, "%", method, where, text=text)
    gained = [line for line in lines if line.is_gained]
    quantity = "lines read only after restoration"
    method = (
        f"a mean probability of at least {100 * MIN_CONFIDENCE:g} % only in the restored version, "
        "and no doubtful place"
    )
    yield Measurement("gained", quantity, len(gained), "lines", method, on)
    for number, line in enumerate(gained[:MOST_QUOTED], 1):
        text, sure = quotable(line.readings[-1].text), _percent(line.readings[-1].confidence)
        quantity, method = (
            "confidence in a line read only after restoration",
            "mean of its characters",
        )
        yield Measurement(f"gained-{number}", quantity, sure, "%", method, on, text=text)


def _words(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words) or "nothing"


def _change(job: Job, labels: Sequence[str], lines: Sequence[Line]) -> Iterator[Measurement]:
    """Yield how much of the change lies at text."""
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
    """Make words from a picture safe to quote: one line, without addresses or quotation marks.

    Anyone can write in a picture, so its words must not end the quotation, control a terminal or
    link anywhere.
    """
    plain = without_references(visible(text).translate(_QUOTES))
    return plain if len(plain) <= _MOST_CHARACTERS else f"{plain[: _MOST_CHARACTERS - 1]}…"


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


def _figures(
    job: Job, images: Mapping[str, NDArray[np.uint8]], lines: Sequence[Line]
) -> Iterator[Figure]:
    """Yield the last version with the lines framed; nothing if there is no text."""
    if lines:
        label = list(images)[-1]
        sheet = framed(
            images[label], [line.box for line in lines], [_doubt(line) for line in lines]
        )
        caption = f"lines of text found in {job.picture.name}, on the {label} picture"
        if len(images) > 1:
            caption += (
                ": blue where they read the same before and after, orange where not, "
                "dashed red where the new reading is doubtful"
            )
        yield figure(job, "text", caption, sheet)


def _doubt(line: Line) -> int:
    """Return 0 if it reads the same before and after, 1 if not, 2 if that is doubtful."""
    changes = line.changes
    return bool(changes) + any(change.is_doubtful(DOUBTFUL) for change in changes)
