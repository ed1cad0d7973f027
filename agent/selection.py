"""Which facts of a card answer this question: relevance first, then cover what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
#: What a fact must be worth to be told at all.
_ENOUGH = 0.1


def asked_tags(parsed: ParsedQuestion) -> tuple[str, ...]:
    """Tags of the question, what was observed before what is asked about it, without repeats."""
    return tuple(dict.fromkeys((*parsed.effects, *parsed.topics)))


def choose(
    claims: Iterable[Claim],
    card: Card,
    relevance: Mapping[str, float],
    wanted: Iterable[str],
    limit: int,
    *,
    beside: Iterable[Claim] = (),
) -> list[Claim]:
    """Up to `limit` claims, best first; greedy, so that each adds something to those before it.

    Args:
        claims: what may be chosen, all of `card`.
        relevance: fact id (`card/claim`) to relevance in [0, 1].
        wanted: tags that the question is about.
        beside: claims that the answer tells already: not chosen again, and their tags and
            mechanisms count as explained.
    """
    told = list(beside)
    wanted = set(wanted)
    covered = {tag for claim in told for tag in claim.tags}
    pool = [claim for claim in claims if claim not in told]
    chosen: list[Claim] = []
    leads = _leads(card)

    def gain(claim: Claim) -> float:
        about = wanted.intersection(claim.tags)
        worth = relevance.get(f"{card.id}/{claim.id}", 0.0)
        if wanted and not about and worth < _RELEVANT_ALONE:
            return 0.0
        repeats = sum(claim.mechanism == other.mechanism for other in (*told, *chosen))
        fresh = (len(about - covered) + len(about & covered) / 3) * _NEW_TAG
        rank = (_LIMIT if claim in card.limits else 0.0) + (_LEADS if claim in leads else 0.0)
        return worth + fresh + (rank if about else 0.0) - _SAME_MECHANISM * repeats

    while pool and len(chosen) < limit:
        best = max(pool, key=gain)  # the first of equals: the order of the card
        if gain(best) <= _ENOUGH:
            break
        pool.remove(best)
        chosen.append(best)
        covered |= wanted.intersection(best.tags)
    return chosen


def _leads(card: Card) -> list[Claim]:
    """The first claim of each mechanism that has several."""
    groups: dict[str | None, list[Claim]] = {}
    for claim in card.claims:
        groups.setdefault(claim.mechanism, []).append(claim)
    return [group[0] for mechanism, group in groups.items() if mechanism and len(group) > 1]
