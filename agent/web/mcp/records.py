"""Structured results that some tools return beside their text: ids and verdicts, no prose."""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

from agent.llm.checking.record import ProblemKind, Verdict
from agent.types import FrozenModel


class CardMatch(FrozenModel):
    id: str
    name: str
    score: float
    """Search score by which the cards are sorted, roughly in [0, 1]."""


class CardMatches(FrozenModel):
    cards: tuple[CardMatch, ...]
    """Best first."""


class SentenceVerdict(FrozenModel):
    number: int
    """Number of the sentence in the text, from 1."""
    begins: str
    verdict: Verdict
    facts: tuple[str, ...]
    """Ids of the closest facts."""
    problems: tuple[ProblemKind, ...]


class TextVerdict(FrozenModel):
    passed: bool
    """Whether the check found no problem."""
    sentences: int
    """Number of sentences checked."""
    with_problems: tuple[SentenceVerdict, ...]
    """The first sentences with problems."""
