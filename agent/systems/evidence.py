"""Measurements of a tool, and how they become evidence on a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from agent.systems.spec import Job
from agent.types import Evidence


class Measurement(NamedTuple):
    """A value that a tool computed, not yet tied to a picture."""

    key: str
    """Unique within a run."""
    quantity: str
    value: float
    unit: str
    method: str
    on: str = ""
    """What it was measured on, such as `enlarged and restored`."""
    interval: tuple[float, float] | None = None
    """Lower and upper end of the 95 % interval."""
    text: str | None = None
    """Text that was read."""


def rounded(value: float) -> float:
    """Round as an answer prints it: to three significant digits below 1000, above to integers."""
    if value == 0 or abs(value) >= 1000:
        return float(round(value))
    return round(value, 2 - math.floor(math.log10(abs(value))))


def evidence_of(
    job: Job,
    measurements: Iterable[Measurement],
    prefix: str = "",
    rounding: Callable[[float], float] = rounded,
) -> Iterator[Evidence]:
    """Yield evidence on the picture of a job, leaving out values that are not finite.

    Args:
        prefix: prepended to each key, to distinguish the keys of a tool from those of others.
        rounding: rounds a value as an answer prints it.
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
