"""Thresholds at which a picture counts as soft, blocky, noisy, drawn or a photograph.

docs/recommend.md says which pictures they were set on.
"""

from __future__ import annotations

from agent.systems.criterion import Criterion

#: Prefix of the ids of this tool's evidence, after the stem of the picture.
PREFIX = "condition-"
#: Minimum number of characters to count as text: a texture may be read as a few.
LEAST_TEXT = 20
#: Minimum share of a picture within lines of text, in %, to count as a page, not a drawing.
PAGE = 15.0
#: Maximum median line height, in pixels, of small text: three times the height below which letters
#: are misread on reduced pages.
SMALL_TEXT = 24.0


def _criterion(key: str, supports: float, contradicts: float) -> Criterion:
    """Return a criterion without phrases: the trait that it decides has its own."""
    return Criterion(f"{PREFIX}{key}", supports, contradicts, ("", "", ""))


SOFT = _criterion("edge-width", 3.0, 2.0)
BLOCKS = _criterion("blocks", 1.3, 1.1)
NOISE = _criterion("noise", 4.0, 1.5)
GRAPHIC = (
    _criterion("colours", 60.0, 30.0),
    _criterion("hard-edges", 10.0, 10.0),
    _criterion("flat-areas", 60.0, 60.0),
)
"""A picture is drawn if all are for it, and a photograph if all are against it."""
