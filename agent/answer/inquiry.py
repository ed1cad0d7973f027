"""Everything an answer is composed from: the questions, their matches, the runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.registry import Registry
from agent.types import (
    PROGRAM,
    SPANNING,
    Abstention,
    Card,
    CuratedMatch,
    Match,
    ParsedQuestion,
    RunResult,
)

_MAIN_CARDS = 3
"""Maximum number of systems explained side by side."""
_CLOSE = 0.2
"""Maximum distance to the best score for a card to be compared with the best."""

Relevance = Callable[[str, Card], Mapping[str, float]]
"""Maps a question and a card to the relevance of each fact, in [0, 1], by fact id."""


@dataclass(frozen=True)
class Part:
    """One of the questions, with what the registry holds on it."""

    text: str
    parsed: ParsedQuestion
    matches: Sequence[Match] = ()
    curated: Sequence[CuratedMatch] = ()
    """Curated answers that are near enough, best first."""
    cards_named: Sequence[str] = ()
    """Ids of the cards that the question names."""
    unknown: Sequence[str] = ()
    """Models that the question names but the registry does not hold."""
    abstention: Abstention | None = None
    recommends: bool = False
    """Whether the matches are recommended models, by how much of the wish they meet."""

    @classmethod
    def recommending(cls, text: str, parsed: ParsedQuestion, models: Sequence[Match]) -> Part:
        """Return a question about which model to use, as a comparison of `models`."""
        compared = parsed.model_copy(update={"intent": "compare"})
        return cls(text, compared, models, recommends=True)


@dataclass(frozen=True)
class Inquiry:
    """A question in one part or several, and everything to answer it from."""

    text: str
    parsed: ParsedQuestion
    """The whole question as parsed."""
    parts: Sequence[Part]
    registry: Registry
    relevance: Relevance
    runs: Sequence[RunResult] = ()

    @property
    def searched(self) -> str:
        """The question in the words that are compared with facts."""
        return self.parsed.search_text or self.text

    def mains(self, part: Part) -> list[Card]:
        """Return the cards that a part is about; empty for an answer on all, or on this program."""
        if part.recommends:
            return [self.registry[part.matches[0].card]]
        about_program = [*part.cards_named] == [PROGRAM]
        if part.curated and part.curated[0].holder in (SPANNING, PROGRAM) and not part.cards_named:
            return []
        if about_program:
            return []
        cards = main_cards(part.parsed, part.matches, self.registry)
        return [card for card in cards if card.id != PROGRAM]


def main_cards(parsed: ParsedQuestion, matches: Sequence[Match], registry: Registry) -> list[Card]:
    """Return the cards that the answer is about: the best match and its equals.

    Matches are equal if the question or a brief names several systems; for a comparison, nearly
    equal is enough.
    """
    if not matches:
        return []
    reach = matches[0].score - (_CLOSE if parsed.intent == "compare" else 0.0)
    return [registry[m.card] for m in matches if m.score >= reach][:_MAIN_CARDS]


def cards_of(ids: Sequence[str], registry: Registry) -> list[Card]:
    """Return the cards of fact ids (`card/name`), each once, in order, without this program."""
    cards = dict.fromkeys(id.partition("/")[0] for id in ids)
    return [registry[card] for card in cards if card in registry and card != PROGRAM]
