"""Selection of the tools for the matching cards, and of the enlargement factor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from agent.systems.catalogue import TOOLS, tools_for
from agent.types import Card, Match, ParsedQuestion, Question

_LARGEST_FACTOR = 8


class Cards(Protocol):
    """A mapping of ids to cards, such as a `Registry`."""

    def __getitem__(self, id: str, /) -> Card: ...

    def __contains__(self, id: object, /) -> bool: ...

    def cards(self) -> Iterable[Card]: ...


def tools_of(matches: Sequence[Match], cards: Cards) -> list[tuple[str, str]]:
    """Return pairs of card id and tool key, each tool once, in the order in which they run.

    A tool of several cards runs for the first; matched cards come before those that they name. Of
    several restorers only that of the first card runs, with the tools that examine it: a picture
    is restored once, so that all measurements are of one network.
    """
    mains = [cards[match.card] for match in matches]
    related = [cards[id] for card in mains for id in card.related if id in cards]
    return owners(list(_with_one_restorer((*mains, *related))))


def _with_one_restorer(cards: Iterable[Card]) -> Iterator[Card]:
    """Yield the cards, except those with a restorer other than the first one."""
    first: str | None = None
    for card in cards:
        spec = TOOLS.get(card.tool or "")
        if spec and spec.restores:
            first = first or spec.key
        if not (spec and spec.restores) or spec.key == first:
            yield card


def owners(cards: Sequence[Card]) -> list[tuple[str, str]]:
    """Return each tool with the first card that has it, in the order of the catalogue."""
    first: dict[str, str] = {}
    for card in cards:
        for tool in tools_for(card.tool):
            first.setdefault(tool, card.id)
    return [(first[tool], tool) for tool in TOOLS if tool in first]


def factor_of(question: Question, parsed: ParsedQuestion) -> int:
    """Return the enlargement factor: the one requested, else the one in the question."""
    if question.upscale is not None:
        return question.upscale
    factor = parsed.factor
    if parsed.operation != "enlarge" or factor is None or not float(factor).is_integer():
        return 1
    return int(factor) if 1 <= factor <= _LARGEST_FACTOR else 1
