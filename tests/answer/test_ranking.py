"""Which facts of a card answer a question."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from agent.answer.ranking import asked_tags, bears_on, best_facts, choose
from agent.types import Card, Claim, ParsedQuestion


def claim(id: str, tags: str, mechanism: str | None = None) -> Claim:
    return Claim(id=id, text=id, source="s", tags=tuple(tags.split()), mechanism=mechanism)


def card(*claims: Claim) -> Card:
    return Card(id="c", name="C", task="t", summary="s", links={}, claims=claims)


def ids(claims: Iterable[Claim]) -> list[str]:
    return [c.id for c in claims]


def test_what_was_asked_is_covered_before_anything_is_told_twice():
    c = card(claim("e1", "edges", "a"), claim("e2", "edges", "a"), claim("t", "text", "b"))
    relevance = {"c/e1": 0.5, "c/e2": 0.49, "c/t": 0.3}
    assert ids(choose(c.claims, c, relevance, ["edges", "text"], 2)) == ["e1", "t"]


def test_relevance_decides_between_claims_about_the_same():
    c = card(claim("a", "loss"), claim("b", "loss"))
    assert ids(choose(c.claims, c, {"c/a": 0.2, "c/b": 0.6}, ["loss"], 1)) == ["b"]


def test_what_is_neither_asked_nor_close_in_meaning_is_left_out():
    c = card(claim("licence", "licence"), claim("loss", "loss"))
    assert ids(choose(c.claims, c, {"c/licence": 0.3, "c/loss": 0.3}, ["loss"], 5)) == ["loss"]


def test_a_mechanism_that_was_explained_gives_way_to_another():
    c = card(claim("a", "", "m"), claim("b", "", "m"), claim("d", "", "n"))
    assert ids(choose(c.claims, c, {"c/a": 0.6, "c/b": 0.55, "c/d": 0.5}, [], 2)) == ["a", "d"]


def test_claims_of_no_mechanism_are_not_about_the_same():
    c = card(claim("a", ""), claim("b", ""), claim("d", "", "n"))
    assert ids(choose(c.claims, c, {"c/a": 0.6, "c/b": 0.55, "c/d": 0.5}, [], 2)) == ["a", "b"]


def test_claims_told_already_are_not_told_again():
    c = card(claim("a", "loss", "m"), claim("b", "loss", "n"))
    assert ids(choose(c.claims, c, {"c/b": 0.2}, ["loss"], 5, beside=[c.claims[0]])) == ["b"]


def test_equal_claims_come_in_the_order_of_the_card():
    c = card(*(claim(name, "edges", name) for name in "dcba"))
    assert ids(
        choose(c.claims, c, dict.fromkeys((f"c/{n}" for n in "dcba"), 0.2), ["edges"], 4)
    ) == ["d", "c", "b", "a"]


def test_effects_come_before_topics_and_once():
    parsed = ParsedQuestion(intent="explain", effects=("text", "edges"), topics=("edges", "loss"))
    assert asked_tags(parsed) == ("text", "edges", "loss")


# --- what leads -----------------------------------------------------------------------------------


def test_the_most_relevant_fact_leads_whatever_its_tags():
    c = card(claim("loss", "loss"), claim("dark", ""))
    assert ids(best_facts(c.claims, c, {"c/loss": 0.5, "c/dark": 0.6}, ["loss"], 1)) == ["dark"]


def test_between_facts_of_about_equal_relevance_what_is_asked_decides():
    c = card(claim("dark", ""), claim("loss", "loss"))
    assert ids(best_facts(c.claims, c, {"c/dark": 0.52, "c/loss": 0.5}, ["loss"], 1)) == ["loss"]


def test_a_fact_with_a_tag_that_is_asked_for_leads_only_if_it_is_relevant():
    c = card(claim("loss", "loss"))
    assert best_facts(c.claims, c, {"c/loss": 0.2}, ["loss"], 3) == []


def test_facts_of_no_known_relevance_never_lead():
    c = card(claim("loss", "loss"))
    assert best_facts(c.claims, c, {}, ["loss"], 3) == []


def test_at_most_as_many_lead_as_are_wanted_best_first():
    c = card(*(claim(name, "") for name in "abc"))
    assert ids(best_facts(c.claims, c, {"c/a": 0.4, "c/b": 0.6, "c/c": 0.5}, [], 2)) == ["b", "c"]


@pytest.mark.parametrize(
    ("relevance", "wanted", "bears"),
    [
        (0.9, (), True),
        (0.35, (), False),
        (0.35, ("loss",), True),
        (0.35, ("speed",), False),
        (0.1, ("loss",), False),
    ],
)
def test_a_fact_bears_on_a_question_by_what_it_says_or_less_so_by_its_tags(
    relevance: float, wanted: tuple[str, ...], bears: bool
):
    c = card(claim("loss", "loss"))
    assert bears_on(c.claims[0], c, {"c/loss": relevance}, wanted) == bears
