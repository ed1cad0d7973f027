"""What an answer holds beside the direct answer, and how long it may be, by kind of question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.types import Intent


@dataclass(frozen=True)
class Shape:
    workflow: Literal["full", "stages", "line", "none"]
    """Every step with the claims that explain it, a line a stage, all on one line, or nothing."""
    words: int
    """At most, before the references; what was measured on a picture comes on top."""
    claims: int = 0
    """Claims that explain the steps, at most."""
    limits: int = 1
    """Limits that bear on the question, at most."""
    complementary: bool = False
    """Whether systems beside it are told of where they bear on the question."""


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
"""Of an answer in plain words, without figures."""
#: The longest first: an answer to several questions has the body of the longest.
_BY_LENGTH = sorted(SHAPES, key=lambda intent: -SHAPES[intent].words)


def longest(intents: set[Intent]) -> Intent:
    """The kind of question that asks for the longest answer."""
    return next(intent for intent in _BY_LENGTH if intent in intents)
