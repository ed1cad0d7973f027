"""Second step: match a question with cards and curated answers, or say why no card is offered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from agent.registry import Registry
from agent.registry.answers import cards_cited
from agent.search import Index
from agent.search.abstaining import HALF_WAY, abstain
from agent.search.ranking import SEARCHED, Ranked, query_of, rank, threshold_of
from agent.types import (
    PROGRAM,
    SPANNING,
    Abstention,
    CuratedMatch,
    Match,
    ParsedQuestion,
    Question,
)

MOST = 5
"""Maximum number of matches of a question."""
CURATED = 20
"""Number of curated answers to consider."""
NEAR = 0.34
"""Minimum nearness for a curated answer to answer the question."""
NAMED_ASIDE = 0.3
"""Lead in nearness that an answer not about the named card needs over one that is."""
BEYOND = 0.05
"""Lead that it needs over questions that no registry answers, if no card matches."""
GIVEN = 1.0
"""Confidence in a card from the last answer or a brief, without a search."""
EVEN = 0.5
"""Confidence below which a card is probably not what the question is about."""
CHOSEN = "the language model chose it"
"""Reason for a card that the words of the question alone would not suggest."""


def match(
    question: Question,
    parsed: ParsedQuestion,
    registry: Registry,
    index: Index,
    choice: Sequence[str] | None = None,
) -> tuple[tuple[Match, ...], Abstention | None]:
    """Return the matching cards, best first and at most five, or why there are none.

    If it names cards, only these match, whatever else it says. A margin is the difference to the
    score of the next card considered, matched or not; 0 if that one is not named and scores higher.

    Args:
        choice: ids of the cards that a language model chose, best first, if one was asked; they
            count if the match itself is uncertain.
    """
    ranked = rank(question, parsed, registry, index, SEARCHED)
    threshold = threshold_of(index)
    if choice is not None:
        ranked = _settled(ranked, choice, threshold)
    if abstention := abstain(question, parsed, ranked, threshold, registry):
        return (), abstention
    following = [*(r.score for r in ranked[1:]), ranked[-1].score]
    is_named = any(r.naming for r in ranked)
    return tuple(
        Match(
            card=r.card.id,
            score=round(r.score, 4),
            margin=round(max(0.0, r.score - after), 4),
            reasons=r.reasons,
        )
        for r, after in list(zip(ranked, following, strict=True))[:MOST]
        if r.score >= threshold and (r.naming or not is_named)
    ), None


def _settled(ranked: list[Ranked], choice: Sequence[str], threshold: float) -> list[Ranked]:
    """Return the ranking if it is certain or nothing is near; else put the chosen cards first, and
    the others below the threshold."""
    if not ranked or ranked[0].naming:
        return ranked
    if ranked[0].score >= EVEN or ranked[0].score < HALF_WAY * threshold:
        return ranked
    by_card = {r.card.id: r for r in ranked}
    selection = [by_card[card] for card in choice if card in by_card]
    others = [r for r in ranked if r not in selection]
    below = threshold * (1 - 1e-6)
    return [
        *(replace(r, score=EVEN, context=(*r.context, CHOSEN)) for r in selection),
        *(replace(r, score=min(r.score, below)) for r in others),
    ]


def curated_answers(
    question: Question, parsed: ParsedQuestion, matches: Sequence[Match], index: Index
) -> tuple[CuratedMatch, ...]:
    """Return the curated answers that are near enough to answer a question, best first.

    Those of a card count if the question is about it. Those on this program and those that span
    cards count too, but if a card is named, only if they are clearly nearer; if the named card has
    none, its facts answer.
    """
    query, hints = query_of(question.text, parsed, index)
    cards = names_in(question.text, index)
    cards |= {match.card for match in matches[:1] if match.score == GIVEN and not cards}
    own = cards or {match.card for match in matches[:1]}
    if len(own) == 1:
        query = index.neutral(query, *own)
    nearness = index.nearness(query, CURATED, hints, parsed.intent)
    beside = {PROGRAM: 0.0, SPANNING: 0.0}
    if len(cards) == 1:  # an answer about all does not answer a question about one
        beside = {PROGRAM: 0.0 if parsed.intent == "how_to" else NAMED_ASIDE}
    if cards and parsed.intent != "how_to" and cards.isdisjoint(nearness.holders):
        beside.pop(PROGRAM)
    worth = {
        match: match.score - (0.0 if match.holder in own else beside[match.holder])
        for match in nearness.answers
        if match.holder in own or match.holder in beside
    }
    least = NEAR if own else max(NEAR, nearness.outside + BEYOND)
    return tuple(sorted((m for m in worth if worth[m] >= least), key=lambda m: -worth[m]))


def speaks_of_all(match: CuratedMatch, cards: Collection[str]) -> bool:
    """Check whether a curated answer covers all cards that a question is about.

    With several registries, an answer on two systems says nothing about a third, and one that spans
    the cards of its registry nothing about those of another.
    """
    if match.holder != SPANNING and len(cards) < 2:
        return True
    return bool(cards) and cards_cited(match.answer).issuperset(cards)


def names_in(text: str, index: Index) -> set[str]:
    """Return the ids of the cards that a text names, including that of this program."""
    program = {PROGRAM} if PROGRAM in text.casefold() else set()
    return {name.card for name in index.named(text)} or program
