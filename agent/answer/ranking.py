"""Selection of the facts of a card that answer a question: by relevance, then by coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from agent.types import Card, Claim, ParsedQuestion

#: Bonus, on the scale of relevance, of a fact on a tag that is asked for and not yet explained.
_NEW_TAG = 0.30
#: Penalty on one more fact about a mechanism that is explained already.
_SAME_MECHANISM = 0.15
#: Bonus of a limit on what was asked, which a reader must not miss.
_LIMIT = 0.1
#: Bonus of the first of several claims about a mechanism: cards put the main point first.
_LEADS = 0.1
#: Minimum relevance of a fact that has none of the tags asked for.
_RELEVANT_ALONE = 0.45
#: Minimum relevance of a fact that has a tag asked for.
_TAGGED_ALONE = 0.25
#: Minimum gain for a fact to be stated at all.
_ENOUGH = 0.1
#: Minimum relevance of a fact that opens the answer.
_LEADING = 0.3
#: Bonus of a tag that is asked for when choosing the opening fact.
_TAGGED = 0.05


def asked_tags(parsed: ParsedQuestion) -> tuple[str, ...]:
    """Return the tags of the question without repeats: observed effects first, then topics."""
    return tuple(dict.fromkeys((*parsed.effects, *parsed.topics)))


def best_facts(
    claims: Iterable[Claim],
    card: Card,
    relevance: Mapping[str, float],
    question_tags: Iterable[str],
    limit: int,
) -> list[Claim]:
    """Return up to `limit` facts to open the answer: the most relevant, none below a floor.

    A tag that is asked for decides only between facts of similar relevance.
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
    """Check whether a fact bears on the question, by its relevance or, less strictly, its tags."""
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
    """Return up to `limit` claims, best first, chosen greedily so that each adds something new.

    Args:
        claims: candidates, all of `card`.
        relevance: fact id (`card/claim`) to relevance in [0, 1].
        question_tags: tags that the question is about.
        beside: claims that the answer states already; they are not chosen again, and their tags
            and mechanisms count as explained.
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
        best = pool.pop(gains.index(most))  # ties go by the order of the card
        selection.append(best)
        explained[best.mechanism] += 1
        covered |= about[best.id]
    return selection


@lru_cache(maxsize=256)  # every answer about a card asks for them
def _leads(card: Card) -> frozenset[str]:
    """Return the ids of the first claim of each mechanism that has several."""
    groups: dict[str | None, list[Claim]] = {}
    for claim in card.claims:
        groups.setdefault(claim.mechanism, []).append(claim)
    several = (group for mechanism, group in groups.items() if mechanism and len(group) > 1)
    return frozenset(group[0].id for group in several)
