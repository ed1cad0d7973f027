"""The direct answer, which comes before the task and the workflow.

It is a curated answer if one is near enough, else the fact that bears most on the question, else
what the registry does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from agent.answer import wording
from agent.answer.fields import claimed_tags, field_claims
from agent.answer.inquiry import Inquiry, Part
from agent.answer.ranking import asked_tags, best_facts, choose
from agent.answer.recommendation import recommendation
from agent.question.intent import asks_openly
from agent.question.names import names_of, replaced
from agent.question.permission import asks_permission, is_commercial
from agent.question.sentences import sentences
from agent.report.citations import to_bibtex
from agent.text import format_list
from agent.types import Card, Claim, CuratedMatch, Reference, Statement

_OVERVIEW = 6
"""Maximum number of systems in a table."""
_NAMES = 0.1
"""Bonus on the nearness of a curated answer that mentions a model the question names."""
_REASONS = 2
"""Number of facts that open the answer to a why or how without a curated answer nearby."""
#: With `it` for the name of a system: questions about it as a whole, which its summary answers.
_ALTOGETHER = re.compile(
    r"\W*(?:(?:so|and|please|hi|hello)\W+)*(?:"
    r"what (?:does|can|will|would) it (?:actually |really )?do"
    r"|what(?: is|'s|’s) it (?:for|good for|used for|made for|meant for|about)"
    r"|(?:tell me about|describe|introduce) it)(?: exactly| then)?\W*",
    re.IGNORECASE,
)
_POLARITY = re.compile(r"(?:Yes|No)(?:[.:] |, (?=(?:that|this|it|the|an?|I)\b))")
_PUBLISHED = re.compile(
    r"\b(?:who|whose|when|authors?|creators?|makers?|which year|what year)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Direct:
    """The direct answer to one question."""

    statements: tuple[Statement, ...] = ()
    listing: str = ""
    """Text for the reader to copy, such as a BibTeX entry."""


def direct(part: Part, inquiry: Inquiry) -> Direct:
    """Return the direct answer to a part; empty if no card fits it."""
    if part.recommends:
        return Direct(tuple(recommendation(part, inquiry)))
    mains = inquiry.mains(part)
    if "citation" in part.parsed.topics and mains:
        return _citation(mains)
    if curated := curated_answer(part):
        return _as_curated(curated, part)
    if not mains:
        return Direct(tuple(_overview(part, inquiry)))
    if mentions := list(_mentions(part, mains)):
        return Direct(tuple(mentions))
    if part.parsed.intent == "compare" and len(mains) > 1:
        return Direct(tuple(_side_by_side(mains)))
    return Direct(tuple(chain.from_iterable(_of(card, part, inquiry) for card in mains)))


def _citation(cards: Sequence[Card]) -> Direct:
    """Return the BibTeX entries of systems."""
    names = format_list([card.name for card in cards])
    facts = tuple(f"{card.id}/task" for card in cards)
    text = f"This is the BibTeX entry for {names}."
    if len(cards) > 1:
        text = f"These are the BibTeX entries for {names}."
    entry = to_bibtex(Reference.of(card) for card in cards)
    return Direct((Statement(section="answer", text=text, claims=facts),), entry)


# --- curated ----------------------------------------------------------------------------------


def curated_answer(part: Part) -> CuratedMatch | None:
    """Return the nearest curated answer; if the question names models without a card, one on them.

    If it names a card as well, a nearer answer about that card alone will do.
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


def _as_curated(match: CuratedMatch, part: Part) -> Direct:
    answer = match.answer
    text = answer.answer
    if part.parsed.intent != "verify" and any(map(asks_openly, sentences(part.text))):
        text = _without_polarity(text)
    first = Statement(section="answer", text=text, claims=answer.facts)
    rows = (
        Statement(section="answer", text=row.text, claims=row.facts, row=row.label)
        for row in answer.rows
    )
    return Direct((first, *rows), answer.listing or "")


def _without_polarity(text: str) -> str:
    """Return an answer without a leading `Yes` or `No`, where a whole sentence follows it."""
    rest = _POLARITY.sub("", text)
    return rest[:1].upper() + rest[1:]


# --- from facts -------------------------------------------------------------------------------


def _of(card: Card, part: Part, inquiry: Inquiry) -> Iterator[Statement]:
    """Yield the facts of one card that answer best, or the statement that it has none."""
    if part.parsed.intent == "define" or _ALTOGETHER.fullmatch(_neutral(card, part)):
        yield _statement(f"{card.id}/summary", wording.with_name(card, card.summary))
        return
    if on_licence := _on_licence(card, part):
        yield on_licence
        return
    count = _REASONS if part.parsed.intent == "explain" else 1
    leading = _leading(card, part, inquiry, count)
    if not leading:  # a field of a single word resembles no question
        topics = set(part.parsed.topics)
        about = [fact for fact in _facts(card) if topics.intersection(fact.tags)]
        leading = choose(about, card, inquiry.relevance(part.text, card), topics, count)
    if not leading and _PUBLISHED.search(_neutral(card, part)):
        leading = [fact for fact in field_claims(card) if fact.id == "publication"]
    if not leading:
        yield _statement(f"{card.id}/task", wording.nothing_known(card))
        if len(inquiry.parts) == 1:
            yield _statement(f"{card.id}/summary", wording.with_name(card, card.summary))
    for fact in leading:
        yield _statement(f"{card.id}/{fact.id}", fact.text)


def _neutral(card: Card, part: Part) -> str:
    return replaced(part.text, frozenset((*names_of(card), card.id)), "it")


def _on_licence(card: Card, part: Part) -> Statement | None:
    """Return what a card says about commercial use, if asked and no claim says more."""
    topics, text = part.parsed.topics, part.parsed.search_text or part.text
    if card.licence is None or "licence" not in topics or "licence" in claimed_tags(card):
        return None
    if card.commercial_use is not None and is_commercial(text):
        is_answer = part.parsed.language == "en" and asks_permission(_neutral(card, part))
        sentence = wording.commercial_use(card, card.commercial_use, is_answer)
        facts = (f"{card.id}/commercial-use", f"{card.id}/licence")
        return Statement(section="answer", text=sentence, claims=facts)
    if topics == ("licence",) and part.parsed.intent == "fact":
        licence = next(fact for fact in field_claims(card) if fact.id == "licence")
        return _statement(f"{card.id}/licence", licence.text)
    return None


def _mentions(part: Part, cards: Sequence[Card]) -> Iterator[Statement]:
    """Yield what the cards say about models that have no card of their own."""
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
    """Yield what each system says on the topic, for a question that means no single one."""
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
    """Return the facts of a card that bear most on a part; empty if none is relevant enough."""
    relevance = inquiry.relevance(part.text, card)
    return best_facts(_facts(card), card, relevance, asked_tags(part.parsed), count)


def _facts(card: Card) -> tuple[Claim, ...]:
    """Return all facts that may answer: claims, limits, and fields as claims."""
    return (*card.claims, *card.limits, *field_claims(card))


def _row(card: Card, fact: str, text: str) -> Statement:
    return Statement(section="answer", text=text, claims=(f"{card.id}/{fact}",), row=card.name)


def _statement(fact: str, text: str) -> Statement:
    return Statement(section="answer", text=text, claims=(fact,))
