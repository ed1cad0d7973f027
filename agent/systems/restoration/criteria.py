"""Thresholds at which measurements of a restoration are for or against it.

docs/evidence.md explains each threshold.
"""

from __future__ import annotations

from agent.systems.criterion import Criterion

SHARP = 1.2
"""Maximum median 10–90 % width of strong edges, in pixels, of a picture that is already sharp."""
SOFT = 2.0
"""The same, above which it still looks soft at full size."""
BLURRED = 4.0
"""The same, above which it is clearly blurred, however much blur was removed."""
UNCHANGED = 0.5
"""Mean change of a pixel, in grey levels, below which a picture counts as unchanged: a value that
changes by less than half a level rounds to the old one."""
DIRECTIONS = {"": "", "across": " from left to right", "down": " from top to bottom"}
"""Directions in which edges are measured: suffixes of evidence keys, and their wording."""


def suffixed(key: str, direction: str) -> str:
    """Return the evidence key of a measurement in a direction."""
    return f"{key}-{direction}" if direction else key


def _width(direction: str) -> Criterion:
    where = DIRECTIONS[direction]
    return Criterion(
        suffixed("edge-width-ratio", direction), 0.97, 1.03,
        (
            f"edges came out narrower{where}",
            f"edges came out wider{where}",
            f"the width of edges changed a little{where}",
        ),
        unchanged=(1.0, f"no change of width is beyond doubt{where}"),
    )  # fmt: skip


WIDTHS = {direction: _width(direction) for direction in DIRECTIONS}
HALOS = Criterion(
    "overshoot-change", 1.0, 3.0,
    ("edges gained no halo", "edges gained a halo", "edges may have gained a faint halo"),
    unchanged=(0.0, "results vary too much across the picture to call this a change in halos"),
)  # fmt: skip
PLACE_OF_CHANGE = Criterion(
    "change-concentration", 1.5, 1.1,
    (
        "the change is concentrated at edges",
        "the change is spread over the picture",
        "the change is concentrated at edges only a little",
    ),
    unchanged=(1.0, "no difference between edges and other places is beyond doubt"),
)  # fmt: skip
STRUCTURE = Criterion(
    "low-frequency-agreement", 40.0, 30.0,
    (
        "the broad structure is unchanged",
        "the broad structure was changed",
        "the brightness of small areas shifted a little",
    ),
)  # fmt: skip
LIKENESS = Criterion(
    "consistency", 38.0, 30.0,
    (
        "down to fine detail",
        "a poor match, so look for invented detail",
        "with small differences in detail",
    ),
)  # fmt: skip
FLAT_AREAS = Criterion(
    "flat-change", 1.0, 4.0,
    (
        "away from edges the picture is unchanged",
        "the picture was changed away from edges too",
        "the picture was changed a little away from edges",
    ),
)  # fmt: skip
COLOURS = Criterion(
    "colour-change", 1.0, 4.0,
    ("colours are unchanged", "colours were changed", "colours shifted a little"),
)  # fmt: skip


def ablation_width(mechanism: str) -> Criterion:
    """Return the criterion whether edges come out wider without a mechanism."""
    return Criterion(
        f"ablated-{mechanism}-width-ratio", 1.03, 0.97,
        (
            "edges come out wider without it",
            "edges come out narrower without it",
            "the width of edges changes a little without it",
        ),
        unchanged=(1.0, "no change of width is beyond doubt without it"),
    )  # fmt: skip
