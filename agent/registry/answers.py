"""Checks of curated answers against the facts they cite: ids, numbers and names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agent.question.names import models, models_with_digits, names_of, with_digits
from agent.question.numbers import numbers_in, value_of, values_in
from agent.references import references_in
from agent.registry.rules import nearest_of
from agent.registry.strict_yaml import Path, excerpt
from agent.types import Card, CuratedAnswer


def cards_cited(answer: CuratedAnswer) -> set[str]:
    """Return the ids of the cards whose facts (`card/name`) an answer cites."""
    return {fact.partition("/")[0] for _, _, facts in _passages(answer) for fact in facts}


def faults_of(answer: CuratedAnswer, cards: Mapping[str, Card]) -> Iterator[tuple[Path, str]]:
    """Yield every fault of an answer with its place in the entry.

    Args:
        answer: the answer, with full ids (`card/name`) of its facts.
        cards: the cards that it cites, as far as they exist.
    """
    all_facts: dict[str, str] = {}
    for card in cards.values():
        all_facts |= card.facts()
    names = [name for card in cards.values() for name in names_of(card)]
    for place, text, facts in _passages(answer):
        unknown = [fact for fact in facts if fact not in all_facts]
        for fact in unknown:
            hint = nearest_of(fact, all_facts)
            yield (*place, "facts"), f"{excerpt(fact)} is not a fact of any card{hint}"
        if not unknown:
            where = (*place, "text" if place else "answer")
            yield from (
                (where, fault) for fault in _faults(text, [all_facts[f] for f in facts], names)
            )


def _passages(answer: CuratedAnswer) -> Iterator[tuple[Path, str, Sequence[str]]]:
    """Yield the answer and the rows of its table, each with its place and the facts it cites."""
    yield (), answer.answer, answer.facts
    for i, row in enumerate(answer.rows):
        yield ("rows", i), f"{row.label}: {row.text}", row.facts


def _faults(text: str, facts: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    digits = with_digits(names).union(*map(models_with_digits, facts))
    values = frozenset[str]().union(*(values_in(fact, digits) for fact in facts))
    for number in numbers_in(text, digits):
        if value_of(number) not in values:
            yield f"the number {number} is in none of its facts; cite the fact that has it"
    sources = "\n".join((*facts, *names)).casefold()
    for name in models(text):
        if name.casefold() not in sources:
            yield f"{excerpt(name)} is in none of its facts; cite the fact that names it"
    for reference in sorted(references_in(text)):
        yield f"{excerpt(reference)} is an address; remove it, the card has its own references"
