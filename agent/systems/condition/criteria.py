"""From which value on a picture counts as soft, blocky, noisy, drawn or a photograph.

docs/recommend.md says on which pictures the thresholds were set.
"""

from __future__ import annotations

from agent.systems.criterion import Criterion

#: Ids of the evidence of this tool, behind the stem of the picture, begin with this.
PREFIX = "condition-"
#: Characters below which what was read is no text: a texture reads as a few.
LEAST_TEXT = 20
#: Share of a picture within lines of text, in %, from which it is a page and not a drawing.
PAGE = 15.0
#: Median height of its lines, in pixels, up to which text is small: three times the height below
#: which letters are misread on reduced pages.
SMALL_TEXT = 24.0


def _criterion(key: str, supports: float, contradicts: float) -> Criterion:
    """What is said of it is worded by the trait that it decides, so that nothing is said here."""
    return Criterion(f"{PREFIX}{key}", supports, contradicts, ("", "", ""))


SOFT = _criterion("edge-width", 3.0, 2.0)
BLOCKS = _criterion("blocks", 1.3, 1.1)
NOISE = _criterion("noise", 4.0, 1.5)
GRAPHIC = (
    _criterion("colours", 60.0, 30.0),
    _criterion("hard-edges", 10.0, 10.0),
    _criterion("flat-areas", 60.0, 60.0),
)
"""Drawn where all are for it, a photograph where all are against it."""
