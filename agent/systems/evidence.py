"""What a tool measured, before it belongs to a picture, and how it becomes evidence on one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from agent.systems.spec import Job
from agent.types import Evidence


class Measurement(NamedTuple):
    """A value as a tool computes it."""

    key: str
    """Names it within a run."""
    quantity: str
    value: float
    unit: str
    method: str
    on: str = ""
    """What it was measured on, such as `enlarged and restored`."""
    interval: tuple[float, float] | None = None
    """Low and high end, 95 %."""
    text: str | None = None
    """Words that were read."""


def rounded(value: float) -> float:
    """To three significant digits below 1000, to whole numbers above: as an answer prints it."""
    if value == 0 or abs(value) >= 1000:
        return float(round(value))
    return round(value, 2 - math.floor(math.log10(abs(value))))


def evidence_of(
    job: Job,
    measurements: Iterable[Measurement],
    prefix: str = "",
    rounding: Callable[[float], float] = rounded,
) -> Iterator[Evidence]:
    """Evidence on the picture of a job; a value that is not finite is left out.

    Args:
        prefix: stands before each key, and sets the keys of a tool apart from those of others.
        rounding: gives a value as an answer prints it.
    """
    for item in measurements:
        if math.isfinite(item.value):
            low_high = item.interval
            yield Evidence(
                id=f"{job.stem}.{prefix}{item.key}",
                quantity=item.quantity,
                value=rounding(item.value),
                unit=item.unit,
                measured_on=f"{job.picture.name}, {item.on}",
                method=item.method,
                interval=low_high and (rounding(low_high[0]), rounding(low_high[1])),
                text=item.text,
            )
