"""Matching within a conversation: `and how fast is it?` is about the last answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.question.parse import parse
from agent.registry import Registry
from agent.search.index import Index
from agent.search.match import match
from agent.systems.selection import factor_of
from agent.types import Abstention, Match, ParsedQuestion, Question

#: A question that refers to an earlier answer without naming its system.
_POINTS_BACK = re.compile(
    r"\b(it|its|this|that|they|their|them|these|those|the (?:model|network|paper|system|method))\b",
    re.IGNORECASE,
)
_SHORT = 7  # words; "how fast?" and "which loss?" are about the last answer


def match_in_conversation(
    question: Question,
    parsed: ParsedQuestion,
    registry: Registry,
    index: Index,
    choice: Sequence[str] | None = None,
) -> tuple[tuple[Match, ...], Abstention | None]:
    """Return the matching cards, or those of the last answer if the question refers back to it.

    Args:
        choice: as for `match`.
    """
    matches, abstention = match(question, parsed, registry, index, choice)
    last = next((turn.cards for turn in reversed(question.turns) if turn.cards), ())
    if not last or index.named(question.text):
        return matches, abstention
    short = len(question.text.split()) <= _SHORT
    if matches and not short and not _POINTS_BACK.search(question.text):
        return matches, abstention
    recent = [card for card in last if card in registry][:1]
    earlier = tuple(
        Match(card=card, score=1.0, margin=1.0, reasons=("the last answer was about it",))
        for card in recent
    )
    return (earlier, None) if earlier else (matches, abstention)


def factor_of_conversation(question: Question, parsed: ParsedQuestion) -> int:
    """Return the enlargement factor of the question, or else of an earlier turn."""
    if question.upscale or parsed.factor or not question.images:
        return factor_of(question, parsed)
    earlier = (parse(turn.question) for turn in reversed(question.turns))
    factors = (p.factor for p in earlier if p.operation == "enlarge" and p.factor)
    factor = next((int(f) for f in factors if f in range(1, 9)), None)
    return factor or factor_of(question, parsed)
