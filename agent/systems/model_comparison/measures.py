"""Measurements of a result against the picture and its bicubic enlargement."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from agent.imaging.picture import Picture
from agent.imaging.resampling import enlarged, on_white
from agent.measures import sharpness
from agent.report.model_comparison.record import ChangedPlace
from agent.systems.evidence import Measurement, rounded
from agent.systems.model_comparison.separate import Done
from agent.systems.model_comparison.text_as_read import (
    TextOfPicture,
    changed_places,
    text_measurements,
)
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.criteria import DIRECTIONS, suffixed
from agent.systems.restoration.edge_widths import median_after, widths_by_direction
from agent.systems.restoration.effect_sizes import (
    agreement_with_picture,
    at_former_size,
    effect_sizes,
    overshoots,
)
from agent.systems.text.ocr import MIN_HEIGHT, LineReader, why_unavailable
from agent.types import Evidence

VERSION = 1
"""Version of these measures; results measured by another are not reused."""
#: Those effects of a restoration that are meaningful for any model.
_EFFECTS = {
    "flat-change": "change away from edges, against bicubic",
    "colour-change": "change of colour, against bicubic",
}


@dataclass(frozen=True)
class Measuring:
    """A picture that several results are measured against, with shared values computed once."""

    picture: Picture
    factor: int

    @cached_property
    def before(self) -> Picture:
        """The picture enlarged by bicubic interpolation."""
        return enlarged(self.picture, self.factor)

    @cached_property
    def edges(self) -> sharpness.Indices:
        """Edges of the enlarged picture, at which every result is measured."""
        return Comparison(self.before, self.before).edges

    @cached_property
    def text(self) -> TextOfPicture | None:
        """Its lines of text; None if none can be read."""
        if self.why_no_text:
            return None
        return TextOfPicture.of(LineReader(), on_white(self.picture), on_white(self.before))

    @property
    def why_no_text(self) -> str | None:
        """Why text is not read, in words; None if it is."""
        if reason := why_unavailable():
            return f"text was not read: {reason}"
        if min(self.before.width, self.before.height) < MIN_HEIGHT:
            return "text was not read: the picture is too low for letters"
        return None

    def measure(self, result: Picture) -> tuple[list[Measurement], list[ChangedPlace]]:
        """Measure a result of the size of `before`, except its time and memory.

        What cannot be measured on this picture, such as edge widths without edges, is left out.
        """
        pair = Comparison(self.before, result, self.edges)
        measurements = [*_edges(pair), *self._likeness(result), *_effects(pair)]
        if self.text is None:
            return measurements, []
        lines = self.text.lines(on_white(result))
        measurements += text_measurements(lines, self.text.reader.name)
        return measurements, list(changed_places(lines, pair.shape))

    def _likeness(self, result: Picture) -> Iterator[Measurement]:
        value, interval = agreement_with_picture(*at_former_size(self.picture, result, self.factor))
        yield Measurement(
            "consistency", "agreement with the picture after reduction", value, "dB",
            "PSNR of luma after bicubic reduction to the size of the picture, at most 99",
            "the picture and the result", interval,
        )  # fmt: skip


def _edges(pair: Comparison) -> Iterator[Measurement]:
    method = "median 10–90 % rise distance across straight edges, found in the bicubic enlargement"
    for direction, groups in widths_by_direction(pair).items():
        value, interval = median_after(groups)
        yield Measurement(
            suffixed("edge-width", direction), f"edge width{DIRECTIONS[direction]}", value, "px",
            method, "the result", interval,
        )  # fmt: skip
    if groups := overshoots(pair):
        value, interval = median_after(groups)
        yield Measurement(
            "overshoot", "overshoot at edges", value, "%",
            "median of luma beyond the level on both sides of an edge, as a fraction of the step "
            "across the edge",
            "the result", interval,
        )  # fmt: skip


def _effects(pair: Comparison) -> Iterator[Measurement]:
    on = "the bicubic enlargement and the result"
    for item in effect_sizes(pair, {}):
        if quantity := _EFFECTS.get(item.key):
            yield item._replace(quantity=quantity, on=on)


def cost(done: Done) -> Iterator[Measurement]:
    """Yield time and memory of a result: one run on this machine, whatever else ran on it."""
    yield Measurement(
        "seconds", "time", done.seconds, "s",
        "enlarging alone, once, without loading the model", "this machine",
    )  # fmt: skip
    if done.peak is not None:
        yield Measurement(
            "memory", "memory", done.peak / 1e6, "MB",
            "most that the process of the model held at once, with Python and its libraries",
            "this machine",
        )  # fmt: skip


def as_evidence(item: Measurement, of: str, name: str) -> Evidence:
    """Turn a finite measurement into evidence, rounded as printed.

    Args:
        of: prefix of its id.
        name: name of the picture.
    """
    interval = item.interval and (rounded(item.interval[0]), rounded(item.interval[1]))
    assert math.isfinite(item.value), item
    return Evidence(
        id=f"{of}.{item.key}",
        quantity=item.quantity,
        value=rounded(item.value),
        unit=item.unit,
        measured_on=f"{name}, {item.on}",
        method=item.method,
        interval=interval,
    )
