"""A sheet of what the restorer made of pictures and of words, beside what they were."""

from __future__ import annotations

from agent.evaluation.lines import Lines
from agent.evaluation.restoration import UNTOUCHED, VERSIONS
from agent.imaging.sheet import Panel, Pixels, sheet
from agent.measures.legibility import character_error_rate
from agent.measures.sharpness import most_detailed
from agent.tools.line_reader import bounds

#: Largest side of what is shown of a picture, in pixels; shown `_ZOOM` times.
_SIDE, _ZOOM = 96, 2
#: Most of a line of text that is shown, in pixels, and most of its letters in a caption.
_LINE, _LETTERS = 200, 40


class RestorationSheet:
    """Collects rows while `evaluation.restoration.evaluate` calls it (its `keep`).

    Of every group and condition it shows the first picture where it has most detail and, where
    text was read, two of its lines: that which the restorer made least legible against the input,
    and that which it made most legible, each with its reading. Lines read alike are left out.
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
        """The sheet, `(H, W, 3)` RGB."""
        return sheet([row for rows in self._rows.values() for row in rows])


def _piece(title: str, versions: dict[str, Pixels]) -> list[Panel]:
    sharp = versions["sharp"]
    height, width = (min(_SIDE, side) for side in sharp.shape[:2])
    top, left = most_detailed(sharp, height, width)
    return [
        (title if name == "sharp" else VERSIONS[name], _zoomed(pixels, top, left, height, width))
        for name, pixels in versions.items()
    ]


def _words(versions: dict[str, Pixels], lines: Lines) -> list[list[Panel]]:
    shown = {name: versions[name] for name in ("sharp", "input", "output")}
    readings = {name: lines.read(pixels) for name, pixels in shown.items()}
    gains = [
        character_error_rate([sharp], [before]) - character_error_rate([sharp], [after])
        for sharp, before, after in zip(*readings.values(), strict=True)
        if sharp
    ]
    numbers = [i for i, text in enumerate(readings["sharp"]) if text]
    order = sorted(zip(gains, numbers, strict=True))
    extremes = [order[0], order[-1]] if order else []
    rows = []
    for gain, number in dict.fromkeys(extremes):
        if gain == 0:
            continue
        left, top, right, bottom = bounds(lines.boxes[number])
        size = (bottom - top, min(right - left, _LINE))
        panels = [
            (
                f"{name}: {readings[name][number][:_LETTERS]}",
                _zoomed(pixels, top, left, *size),
            )
            for name, pixels in shown.items()
        ]
        rows.append(panels)
    return rows


def _zoomed(pixels: Pixels, top: int, left: int, height: int, width: int) -> Pixels:
    piece = pixels[top : top + height, left : left + width]
    return piece.repeat(_ZOOM, 0).repeat(_ZOOM, 1)
