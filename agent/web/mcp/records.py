"""What some tools give as data beside their text: ids and verdicts, never the text again."""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

from agent.llm.checking.record import ProblemKind, Verdict
from agent.types import Noun


class CardFound(Noun):
    id: str
    name: str
    score: float
    """What cards are ordered by, about [0, 1]."""


class CardsFound(Noun):
    cards: tuple[CardFound, ...]
    """Best first."""


class SentenceVerdict(Noun):
    number: int
    """Of the sentence in the text, from 1."""
    begins: str
    verdict: Verdict
    facts: tuple[str, ...]
    """Ids of the facts nearest to it."""
    problems: tuple[ProblemKind, ...]


class TextVerdict(Noun):
    passed: bool
    """Whether no problem was found."""
    sentences: int
    """How many were checked."""
    with_problems: tuple[SentenceVerdict, ...]
    """The first of them."""
