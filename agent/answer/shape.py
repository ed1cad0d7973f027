"""Parts and maximum length of an answer, besides the direct answer, by kind of question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.types import Intent


@dataclass(frozen=True)
class Shape:
    workflow: Literal["full", "stages", "line", "none"]
    """Every step with its explanations, one line per stage, all on one line, or nothing."""
    words: int
    """Maximum before the references, not counting measurements on a picture."""
    claims: int = 0
    """Maximum number of claims that explain the steps."""
    limits: int = 1
    """Maximum number of limits that bear on the question."""
    complementary: bool = False
    """Whether relevant complementary systems are mentioned."""


SHAPES: dict[Intent, Shape] = {
    "define": Shape("stages", 200),
    "fact": Shape("line", 150),
    "verify": Shape("line", 180),
    "compare": Shape("none", 250),
    "how_to": Shape("line", 180),
    "explain": Shape("full", 450, claims=5, limits=2, complementary=True),
    "look": Shape("line", 400, limits=2),
    "complain": Shape("line", 250, limits=2),
    "chat": Shape("none", 40, limits=0),
}
FOR_LAYMEN = Shape("line", 180, limits=0)
"""Shape of an answer in plain words, without figures."""
#: Longest first: an answer to several questions has the shape of the longest.
_BY_LENGTH = sorted(SHAPES, key=lambda intent: -SHAPES[intent].words)


def longest(intents: set[Intent]) -> Intent:
    """Return the kind of question that gets the longest answer."""
    return next(intent for intent in _BY_LENGTH if intent in intents)
