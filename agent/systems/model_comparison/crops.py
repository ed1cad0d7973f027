"""Crops of all results side by side: the most detailed part, and words that models disagree on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.imaging.sheet import Panel, sheet, zoomed
from agent.measures.sharpness import most_detailed
from agent.report.model_comparison.record import ChangedPlace, ModelResult

_Pixels = NDArray[np.uint8]
_Box = tuple[int, int, int, int]

#: Maximum crop of the most detailed part, in pixels of a result, and its zoom.
_WIDTH, _HEIGHT, _ZOOM = 240, 160, 2
#: Maximum width of a crop of a line of text, and the margin above and below it.
_LINE_WIDTH, _MARGIN = 220, 6
_IN_A_ROW = 4
#: Maximum part of a result on the page, in its pixels.
_PAGE_WIDTH, _PAGE_HEIGHT = 1200, 900
#: Maximum number of lines shown, and of characters per reading.
_MOST_LINES, _MOST_CHARACTERS = 6, 30
_ORIGINAL = "original pixels"


class Window(NamedTuple):
    """A part of the picture to show, in its own pixels."""

    top: int
    left: int
    height: int
    width: int

    def cut(self, pixels: _Pixels, factor: int = 1) -> _Pixels:
        """Crop the picture, or a version that is `factor` times as large."""
        top, left, height, width = (factor * value for value in self)
        return pixels[top : top + height, left : left + width]


class Disagreement(NamedTuple):
    """A place in a line of text that not all models read alike."""

    window: Window
    before: str
    """Reading of the picture."""
    readings: Mapping[str, str]
    """Readings of the results, by model."""


def sheets(
    picture: Picture,
    factor: int,
    results: Sequence[ModelResult],
    load: Callable[[ModelResult], Picture],
) -> dict[str, _Pixels]:
    """Return `detail`, and `words` if the models disagree on some, as RGB with captions.

    Args:
        results: results of models that ran.
        load: reads a result; one is in memory at a time.
    """
    own = on_white(picture)
    detail = _most_detailed(own, factor)
    places = list(disagreements(results, (picture.height, picture.width), factor))
    windows = [detail, *(place.window for place in places)]
    originals = [zoomed(window.cut(own), factor * _ZOOM) for window in windows]
    rows: list[list[Panel]] = [[(_ORIGINAL, originals[0])]]
    for place, pixels in zip(places, originals[1:], strict=True):
        rows.append([(_caption(_ORIGINAL, place.before), pixels)])
    for result in results:
        pixels = on_white(load(result))
        parts = [zoomed(window.cut(pixels, factor), _ZOOM) for window in windows]
        rows[0].append((result.name, parts[0]))
        for row, place, part in zip(rows[1:], places, parts[1:], strict=True):
            row.append((_caption(result.name, place.readings[result.model]), part))
    images = {"detail": sheet(list(_wrapped(rows[0])))}
    if places:
        images["words"] = sheet([part for row in rows[1:] for part in _wrapped(row)])
    return images


def disagreements(
    results: Sequence[ModelResult], shape: tuple[int, int], factor: int
) -> Iterator[Disagreement]:
    """Yield the places to show from top to bottom, at most one per line and six in total.

    If there are more, those with the most distinct readings are chosen.

    Args:
        shape: height and width of the picture, in its own pixels.
    """
    lines: dict[_Box, list[ChangedPlace]] = {}
    for result in results:
        for place in result.places:
            lines.setdefault(place.line, []).append(place)
    candidates = [
        _at(place, results, shape, factor) for places in lines.values() for place in places
    ]
    best: dict[_Box, Disagreement] = {}
    for line, one in zip((p.line for ps in lines.values() for p in ps), candidates, strict=True):
        if _variety(one) > (_variety(best[line]) if line in best else 1):
            best[line] = one
    most = sorted(best.values(), key=_variety, reverse=True)[:_MOST_LINES]
    yield from sorted(most, key=lambda one: one.window)


def _variety(one: Disagreement) -> int:
    return len(set(one.readings.values()))


def _at(
    place: ChangedPlace, results: Sequence[ModelResult], shape: tuple[int, int], factor: int
) -> Disagreement:
    """Return how every model reads the words at a place, with their neighbours that it changed."""
    left, top, right, bottom = (value / factor for value in place.line)
    width = round(min(right - left + 2 * _MARGIN, _LINE_WIDTH / factor))
    start = min(max(place.x / factor - width / 2, left - _MARGIN), right + _MARGIN - width)
    window = _inside(Window(
        int(top - _MARGIN / 2), round(start), round(bottom - top + _MARGIN), max(1, width)
    ), shape)  # fmt: skip
    readings = {result.model: _reading(place, result.places) for result in results}
    return Disagreement(window, place.before or "nothing", readings)


def _reading(place: ChangedPlace, changed: Sequence[ChangedPlace]) -> str:
    """Return the words at a place with the changes of another model, neighbours included."""
    here = [other for other in changed if other.overlaps(place)]
    parts = {other.words[0]: other.after for other in here}
    for i, word in enumerate(place.before.split(), place.words[0]):
        if not any(first <= i < last for first, last in (other.words for other in here)):
            parts[i] = word
    return " ".join(parts[i] for i in sorted(parts) if parts[i]) or "nothing"


def _inside(window: Window, shape: tuple[int, int]) -> Window:
    """Shift and shrink the window to fit into a picture of this height and width."""
    height, width = min(window.height, shape[0]), min(window.width, shape[1])
    top = min(max(window.top, 0), shape[0] - height)
    left = min(max(window.left, 0), shape[1] - width)
    return Window(top, left, height, width)


def for_page(
    picture: Picture, factor: int, results: Iterable[tuple[str, Picture]]
) -> Iterator[tuple[str, _Pixels]]:
    """Yield the results for a page, on white; of large ones only the most detailed part.

    Args:
        results: results with their names; one is in memory at a time.
    """
    window = _most_detailed(on_white(picture), factor, (_PAGE_HEIGHT, _PAGE_WIDTH))
    for name, result in results:
        yield name, window.cut(on_white(result), factor)


def _most_detailed(
    pixels: _Pixels, factor: int, largest: tuple[int, int] = (_HEIGHT, _WIDTH)
) -> Window:
    """Return the part with most detail, at most `largest` high and wide when enlarged."""
    height, width = (
        min(side, max(1, most // factor)) for side, most in zip(pixels.shape, largest, strict=False)
    )
    return Window(*most_detailed(pixels, height, width), height, width)


def _caption(name: str, reading: str) -> str:
    text = reading if len(reading) <= _MOST_CHARACTERS else f"{reading[: _MOST_CHARACTERS - 1]}…"
    return f"{name}: “{text}”"


def _wrapped(row: Sequence[Panel]) -> Iterator[Sequence[Panel]]:
    """Split a row into rows of nearly equal length."""
    each = -(-len(row) // -(-len(row) // _IN_A_ROW))
    for start in range(0, len(row), each):
        yield row[start : start + each]
