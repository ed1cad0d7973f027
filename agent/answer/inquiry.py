"""All that an answer is composed from: the questions asked, what matches, what ran."""

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
"""Systems that are explained side by side, at most."""
_CLOSE = 0.2
"""How far below the best a score may be for its card to be compared with the best."""

Relevance = Callable[[str, Card], Mapping[str, float]]
"""Takes a question and a card; gives how far each fact bears on it, in [0, 1], by fact id."""


@dataclass(frozen=True)
class Part:
    """One of the questions asked, with what the registry holds on it."""

    text: str
    parsed: ParsedQuestion
    matches: Sequence[Match] = ()
    curated: Sequence[CuratedMatch] = ()
    """Curated answers that are near enough to answer it, best first."""
    cards_named: Sequence[str] = ()
    """Ids of the cards that it names."""
    unknown: Sequence[str] = ()
    """Models that it names and the registry does not hold."""
    abstention: Abstention | None = None
    recommends: bool = False
    """Whether the matches are models to use, each for what it meets of the wish."""

    @classmethod
    def recommending(cls, text: str, parsed: ParsedQuestion, models: Sequence[Match]) -> Part:
        """A question which model to use, as the comparison that answers it."""
        compared = parsed.model_copy(update={"intent": "compare"})
        return cls(text, compared, models, recommends=True)


@dataclass(frozen=True)
class Inquiry:
    """What was asked, in one part or several, and what there is to answer it from."""

    text: str
    parsed: ParsedQuestion
    """Of the whole question."""
    parts: Sequence[Part]
    registry: Registry
    relevance: Relevance
    runs: Sequence[RunResult] = ()

    @property
    def searched(self) -> str:
        """The question in the words that facts are compared with."""
        return self.parsed.search_text or self.text

    def mains(self, part: Part) -> list[Card]:
        """The cards that a part is about; none where its answer is about all, or this program."""
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
    """The cards that the answer is about: the best match, and those that equal it.

    Equals come from naming several systems, in the question or in a brief; where a comparison is
    wanted, close is near enough.
    """
    if not matches:
        return []
    reach = matches[0].score - (_CLOSE if parsed.intent == "compare" else 0.0)
    return [registry[m.card] for m in matches if m.score >= reach][:_MAIN_CARDS]


def cards_of(ids: Sequence[str], registry: Registry) -> list[Card]:
    """The cards of fact ids, `card/name`, each once, in their order; this program is none."""
    cards = dict.fromkeys(id.partition("/")[0] for id in ids)
    return [registry[card] for card in cards if card in registry and card != PROGRAM]
