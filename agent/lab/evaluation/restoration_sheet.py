"""Contact sheet of restored pictures and words beside the originals."""

from __future__ import annotations

import numpy as np

from agent.imaging.sheet import Panel, Pixels, sheet, zoomed
from agent.lab.evaluation.lines import Lines
from agent.lab.evaluation.restoration import UNTOUCHED, VERSIONS
from agent.measures.legibility import character_error_rate
from agent.measures.sharpness import most_detailed
from agent.systems.text.ocr import bounds

#: Maximum side of the part of a picture to show, in pixels, and its zoom.
_SIDE, _ZOOM = 96, 2
#: Maximum length of a line of text to show, in pixels, and in letters of its caption.
_LINE, _LETTERS = 200, 40


class RestorationSheet:
    """A sheet that collects rows as the callback `keep` of `evaluation.restoration.evaluate`.

    For each group and condition it shows the most detailed part of the first picture and, if text
    was read, two of its lines with their readings: the one that lost most legibility against the
    input, and the one that gained most. Lines that read the same are left out.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[list[Panel]]] = {}

    def __call__(
        self, group: str, condition: str, versions: dict[str, Pixels], lines: Lines | None
    ) -> None:
        if condition == UNTOUCHED or (group, condition) in self._rows:
            return
        rows = [_piece(f"{group}, {condition}", versions)]
        if lines is not None:
            rows += _words(versions, lines)
        self._rows[group, condition] = rows

    def pixels(self) -> Pixels:
        """Render the sheet, `(H, W, 3)` RGB."""
        return sheet([row for rows in self._rows.values() for row in rows])


def _piece(title: str, versions: dict[str, Pixels]) -> list[Panel]:
    sharp = versions["sharp"]
    height, width = (min(_SIDE, side) for side in sharp.shape[:2])
    top, left = most_detailed(sharp, height, width)
    cut = np.s_[top : top + height, left : left + width]
    return [
        (title if name == "sharp" else VERSIONS[name], zoomed(pixels[cut], _ZOOM))
        for name, pixels in versions.items()
    ]


def _words(versions: dict[str, Pixels], lines: Lines) -> list[list[Panel]]:
    readings = {"sharp": lines.reference}
    readings |= {name: lines.read(versions[name]) for name in ("input", "output")}
    gains = [
        (_errors(sharp, before) - _errors(sharp, after), number)
        for number, (sharp, before, after) in enumerate(zip(*readings.values(), strict=True))
        if sharp
    ]
    extremes = {min(gains), max(gains)} if gains else set()
    rows = []
    for gain, number in sorted(extremes):
        if gain:
            left, top, right, bottom = bounds(lines.boxes[number])
            cut = np.s_[top:bottom, left : min(right, left + _LINE)]
            rows.append(
                [
                    (f"{name}: {texts[number][:_LETTERS]}", zoomed(versions[name][cut], _ZOOM))
                    for name, texts in readings.items()
                ]
            )
    return rows


def _errors(sharp: str, reading: str) -> float:
    return character_error_rate([sharp], [reading])
