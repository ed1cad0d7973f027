"""Which systems an answer is about."""

from __future__ import annotations

from typing import Any

import pytest

from agent.answer.inquiry import cards_of, main_cards
from agent.registry import Registry
from agent.types import PROGRAM, SPANNING, Card, Match, ParsedQuestion

CARDS = [Card(id=id, name=id, task="t", summary="s", links={}) for id in ("a", "b", "c", "d")]
REGISTRY = Registry.from_cards(CARDS)


def mains(intent: Any, **scores: float) -> list[str]:
    matches = [Match(card=id, score=score, margin=0, reasons=()) for id, score in scores.items()]
    return [card.id for card in main_cards(ParsedQuestion(intent=intent), matches, REGISTRY)]


def test_without_a_match_it_is_about_none() -> None:
    assert mains("fact") == []


def test_the_best_match_is_what_it_is_about() -> None:
    assert mains("fact", a=0.9, b=0.89) == ["a"]


def test_systems_that_match_alike_are_told_side_by_side() -> None:
    assert mains("fact", a=0.9, b=0.9, c=0.5) == ["a", "b"]


def test_a_comparison_is_with_what_matches_nearly_as_well() -> None:
    assert mains("compare", a=0.9, b=0.75, c=0.6) == ["a", "b"]


def test_at_most_three_systems_are_told_side_by_side() -> None:
    assert mains("compare", a=0.9, b=0.9, c=0.9, d=0.9) == ["a", "b", "c"]


@pytest.mark.parametrize("holder", [SPANNING, PROGRAM])
def test_an_answer_that_spans_systems_or_is_about_this_program_is_about_none_of_them(
    holder: str, inquire, ask, curated
) -> None:
    part = ask("Is it free?", "a", curated=[curated("Yes.", "a/summary", holder=holder)])
    assert inquire(CARDS, part).mains(part) == []


def test_a_system_that_is_named_is_what_it_is_about_whoever_holds_the_answer(
    inquire, ask, curated
) -> None:
    one = curated("Yes.", "a/summary", holder=SPANNING)
    part = ask("Is a free?", "a", curated=[one], cards_named=["a"])
    assert [card.id for card in inquire(CARDS, part).mains(part)] == ["a"]


def test_a_question_about_this_program_is_about_no_system(inquire, ask) -> None:
    part = ask("How do I run Groundglass?", "a", cards_named=[PROGRAM])
    assert inquire(CARDS, part).mains(part) == []


def test_cards_of_facts_come_once_in_order_and_without_this_program() -> None:
    ids = ["b/task", f"{PROGRAM}/ask", "a/summary", "b/summary", "gone/task"]
    assert [card.id for card in cards_of(ids, REGISTRY)] == ["b", "a"]
