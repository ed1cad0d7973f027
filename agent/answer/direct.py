"""The direct answer: what stands first, before the task and the workflow.

A curated answer where one is near enough; else the fact that bears most on the question; else what
the registry does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from agent.answer import wording
from agent.answer.fields import claimed_tags, fields_of
from agent.answer.inquiry import Inquiry, Part
from agent.answer.ranking import asked_tags, choose, lead
from agent.answer.recommendation import recommendation
from agent.question.names import names_of, replaced
from agent.question.permission import asks_permission, is_commercial
from agent.report.citations import to_bibtex
from agent.types import Card, Claim, CuratedMatch, Reference, Statement

_OVERVIEW = 6
"""Most systems that a table shows."""
_NAMES = 0.1
"""What it adds to the nearness of a curated answer that it speaks of a model that is named."""
_REASONS = 2
"""Facts that lead where it is asked why or how, and no curated answer is near."""
#: With `it` for the name of a system: what it is altogether, which its summary tells.
_ALTOGETHER = re.compile(
    r"\W*(?:(?:so|and|please|hi|hello)\W+)*(?:"
    r"what (?:does|can|will|would) it (?:actually |really )?do"
    r"|what(?: is|'s|’s) it (?:for|good for|used for|made for|meant for|about)"
    r"|(?:tell me about|describe|introduce) it)(?: exactly| then)?\W*",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"\b(?:who|whose|when|authors?|creators?|makers?|which year|what year)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Direct:
    """What answers one question first."""

    statements: tuple[Statement, ...] = ()
    listing: str = ""
    """What the reader would copy."""


def direct(part: Part, inquiry: Inquiry) -> Direct:
    """The direct answer to a part; empty where no card fits it."""
    if part.recommends:
        return Direct(tuple(recommendation(part, inquiry)))
    mains = inquiry.mains(part)
    if "citation" in part.parsed.topics and mains:
        return _citation(mains)
    if curated := curated_answer(part):
        return _as_curated(curated)
    if not mains:
        return Direct(tuple(_overview(part, inquiry)))
    if mentions := list(_mentions(part, mains)):
        return Direct(tuple(mentions))
    if part.parsed.intent == "compare" and len(mains) > 1:
        return Direct(tuple(_side_by_side(mains)))
    return Direct(tuple(chain.from_iterable(_of(card, part, inquiry) for card in mains)))


def _citation(cards: Sequence[Card]) -> Direct:
    """The bibliography entries of systems, made from their cards."""
    names = wording.joined([card.name for card in cards])
    facts = tuple(f"{card.id}/task" for card in cards)
    text = f"This is the BibTeX entry for {names}."
    if len(cards) > 1:
        text = f"These are the BibTeX entries for {names}."
    entry = to_bibtex(Reference.of(card) for card in cards)
    return Direct((Statement(section="answer", text=text, claims=facts),), entry)


# --- curated ----------------------------------------------------------------------------------


def curated_answer(part: Part) -> CuratedMatch | None:
    """The nearest curated answer; where models are named that have no card, one that names them.

    Where a card is named beside them, an answer about that card alone will do if it is nearer.
    """
    names = [name.casefold() for name in part.unknown]

    def worth(match: CuratedMatch) -> float:
        rows = " ".join(row.text for row in match.answer.rows)
        text = f"{match.answer.answer} {rows}".casefold()
        return match.score + _NAMES * any(name in text for name in names)

    if not names:
        return next(iter(part.curated), None)
    best = max(part.curated, key=worth, default=None)
    if best is None or (worth(best) == best.score and not part.cards_named):
        return None
    return best


def _as_curated(match: CuratedMatch) -> Direct:
    answer = match.answer
    first = Statement(section="answer", text=answer.answer, claims=answer.facts)
    rows = (
        Statement(section="answer", text=row.text, claims=row.facts, row=row.label)
        for row in answer.rows
    )
    return Direct((first, *rows), answer.listing or "")


# --- from facts -------------------------------------------------------------------------------


def _of(card: Card, part: Part, inquiry: Inquiry) -> Iterator[Statement]:
    """The facts of one card that answer best, or that it holds none."""
    if part.parsed.intent == "define" or _ALTOGETHER.fullmatch(_neutral(card, part)):
        yield _statement(f"{card.id}/summary", wording.with_name(card, card.summary))
        return
    if on_licence := _on_licence(card, part):
        yield on_licence
        return
    count = _REASONS if part.parsed.intent == "explain" else 1
    leading = _leading(card, part, inquiry, count)
    if not leading:  # a field may be one word, which resembles no question
        topics = set(part.parsed.topics)
        about = [fact for fact in _facts(card) if topics.intersection(fact.tags)]
        leading = choose(about, card, inquiry.relevance(part.text, card), topics, count)
    if not leading and _PUBLISHED.search(_neutral(card, part)):
        leading = [fact for fact in fields_of(card) if fact.id == "publication"]
    if not leading:
        yield _statement(f"{card.id}/task", wording.nothing_known(card))
        if len(inquiry.parts) == 1:
            yield _statement(f"{card.id}/summary", wording.with_name(card, card.summary))
    for fact in leading:
        yield _statement(f"{card.id}/{fact.id}", fact.text)


def _neutral(card: Card, part: Part) -> str:
    return replaced(part.text, frozenset((*names_of(card), card.id)), "it")


def _on_licence(card: Card, part: Part) -> Statement | None:
    """What the keys of a card say of its licence, where that is asked and no claim says more."""
    topics, text = part.parsed.topics, part.parsed.search_text or part.text
    if card.licence is None or "licence" not in topics or "licence" in claimed_tags(card):
        return None
    if card.commercial_use is not None and is_commercial(text):
        is_answer = part.parsed.language == "en" and asks_permission(_neutral(card, part))
        sentence = wording.commercial_use(card, card.commercial_use, is_answer)
        facts = (f"{card.id}/commercial-use", f"{card.id}/licence")
        return Statement(section="answer", text=sentence, claims=facts)
    if topics == ("licence",) and part.parsed.intent == "fact":
        licence = next(fact for fact in fields_of(card) if fact.id == "licence")
        return _statement(f"{card.id}/licence", licence.text)
    return None


def _mentions(part: Part, cards: Sequence[Card]) -> Iterator[Statement]:
    """What the cards say of models that have no card of their own, and that they have none."""
    for name in part.unknown:
        facts = [
            (card, claim)
            for card in cards
            for claim in (*card.claims, *card.limits)
            if name.casefold() in claim.text.casefold()
        ]
        for card, claim in facts[:2]:
            yield _statement(f"{card.id}/{claim.id}", claim.text)
        if facts:
            yield _statement(
                f"{facts[0][0].id}/task", wording.no_card_of_its_own(name, facts[0][0])
            )


def _side_by_side(cards: Sequence[Card]) -> Iterator[Statement]:
    facts = tuple(f"{card.id}/task" for card in cards)
    text = wording.different_tasks([(card.name, card.task) for card in cards])
    yield Statement(section="answer", text=text, claims=facts)
    for card in cards:
        yield _row(card, "summary", card.summary)


def _overview(part: Part, inquiry: Inquiry) -> Iterator[Statement]:
    """What each system says on what was asked, where no single one was meant."""
    cards = [inquiry.registry[match.card] for match in part.matches[:_OVERVIEW]]
    rows: list[tuple[Card, Claim]] = []
    for card in cards:
        rows += [(card, claim) for claim in _leading(card, part, inquiry, 1)]
    if rows:
        ids = tuple(f"{card.id}/task" for card, _ in rows)
        yield Statement(section="answer", text=wording.DEPENDS, claims=ids)
    for card, claim in rows:
        yield _row(card, claim.id, claim.text)


def _leading(card: Card, part: Part, inquiry: Inquiry, count: int) -> list[Claim]:
    """The facts of a card that bear most on a part, none where none bears on it enough."""
    relevance = inquiry.relevance(part.text, card)
    return lead(_facts(card), card, relevance, asked_tags(part.parsed), count)


def _facts(card: Card) -> tuple[Claim, ...]:
    """All that may answer: claims, limits, and fields as claims."""
    return (*card.claims, *card.limits, *fields_of(card))


def _row(card: Card, fact: str, text: str) -> Statement:
    return Statement(section="answer", text=text, claims=(f"{card.id}/{fact}",), row=card.name)


def _statement(fact: str, text: str) -> Statement:
    return Statement(section="answer", text=text, claims=(fact,))
