"""Which facts of a card answer this question: relevance first, then cover what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from agent.types import Card, Claim, ParsedQuestion

#: Worth of a fact that is about something asked and not yet explained, on the scale of relevance.
_NEW_TAG = 0.30
#: Price of one more fact about a mechanism that was explained already.
_SAME_MECHANISM = 0.15
#: Bonus of a limit on what was asked: it is what a reader must not miss.
_LIMIT = 0.1
#: Bonus of the first of several claims about a mechanism: a card tells the main thing first.
_LEADS = 0.1
#: Where tags are asked for, a fact about none of them must be this relevant to be told.
_RELEVANT_ALONE = 0.45
#: Relevance from which a fact about a tag that is asked for bears on the question.
_TAGGED_ALONE = 0.25
#: What a fact must be worth to be told at all.
_ENOUGH = 0.1
#: Relevance from which a fact may lead the answer.
_LEADING = 0.3
#: What a tag that is asked for adds to the relevance of a fact that may lead.
_TAGGED = 0.05


def asked_tags(parsed: ParsedQuestion) -> tuple[str, ...]:
    """Tags of the question, what was observed before what is asked about it, without repeats."""
    return tuple(dict.fromkeys((*parsed.effects, *parsed.topics)))


def lead(
    claims: Iterable[Claim],
    card: Card,
    relevance: Mapping[str, float],
    question_tags: Iterable[str],
    limit: int,
) -> list[Claim]:
    """Up to `limit` facts that answer first: the most relevant, none below a floor.

    A tag that is asked for decides between facts of about equal relevance; it never outweighs it.
    """
    tags = set(question_tags)
    worth = {
        claim: relevance.get(f"{card.id}/{claim.id}", 0.0) + _TAGGED * bool(tags & set(claim.tags))
        for claim in claims
    }
    best = sorted(worth, key=lambda claim: -worth[claim])[:limit]
    return [claim for claim in best if worth[claim] >= _LEADING]


def bears_on(
    claim: Claim, card: Card, relevance: Mapping[str, float], question_tags: Iterable[str] = ()
) -> bool:
    """Whether a fact has to do with the question, by what it says or, less so, by its tags."""
    worth = relevance.get(f"{card.id}/{claim.id}", 0.0)
    return worth >= (_TAGGED_ALONE if set(question_tags) & set(claim.tags) else _RELEVANT_ALONE)


def choose(
    claims: Iterable[Claim],
    card: Card,
    relevance: Mapping[str, float],
    question_tags: Iterable[str],
    limit: int,
    *,
    beside: Iterable[Claim] = (),
) -> list[Claim]:
    """Up to `limit` claims, best first; greedy, so that each adds something to those before it.

    Args:
        claims: what may be chosen, all of `card`.
        relevance: fact id (`card/claim`) to relevance in [0, 1].
        question_tags: tags that the question is about.
        beside: claims that the answer tells already: not chosen again, and their tags and
            mechanisms count as explained.
    """
    claims, beside = list(claims), list(beside)
    question_tags = set(question_tags)
    covered = {tag for claim in beside for tag in claim.tags}
    explained = Counter(claim.mechanism for claim in beside)
    ids = {claim.id for claim in beside}
    leads, limits = _leads(card), {claim.id for claim in card.limits}
    about = {claim.id: question_tags.intersection(claim.tags) for claim in claims}
    worth = {claim.id: relevance.get(f"{card.id}/{claim.id}", 0.0) for claim in claims}

    def gain(claim: Claim) -> float:
        tags = about[claim.id]
        fresh = (len(tags - covered) + len(tags & covered) / 3) * _NEW_TAG
        rank = (_LIMIT if claim.id in limits else 0.0) + (_LEADS if claim.id in leads else 0.0)
        repeats = explained[claim.mechanism] if claim.mechanism else 0
        return worth[claim.id] + fresh + (rank if tags else 0.0) - _SAME_MECHANISM * repeats

    pool = [
        claim
        for claim in claims
        if claim.id not in ids
        and (not question_tags or about[claim.id] or worth[claim.id] >= _RELEVANT_ALONE)
    ]
    selection: list[Claim] = []
    while pool and len(selection) < limit:
        gains = [gain(claim) for claim in pool]
        most = max(gains)
        if most <= _ENOUGH:
            break
        best = pool.pop(gains.index(most))  # the first of equals: the order of the card
        selection.append(best)
        explained[best.mechanism] += 1
        covered |= about[best.id]
    return selection


@lru_cache(maxsize=256)  # every answer about a card asks for them
def _leads(card: Card) -> frozenset[str]:
    """Ids of the first claim of each mechanism that has several."""
    groups: dict[str | None, list[Claim]] = {}
    for claim in card.claims:
        groups.setdefault(claim.mechanism, []).append(claim)
    several = (group for mechanism, group in groups.items() if mechanism and len(group) > 1)
    return frozenset(group[0].id for group in several)
