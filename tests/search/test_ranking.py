"""In which order cards come, and with what confidence."""

from __future__ import annotations

from typing import Any

import pytest

from agent.question.parse import parse
from agent.registry import Registry
from agent.search import Index
from agent.search.asks import Nearness
from agent.search.ranking import (
    fitted,
    query_of,
    rank,
    threshold_of,
)
from agent.types import (
    CuratedAnswer,
    Question,
)
from tests.search.support import PARSED, ScriptedIndex, Shipped, card


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Which loss does LLaVAR use?", "Which loss does it use?"),
        ("Is groundglass free?", "Is it free?"),
        ("Is LLaVAR faster than FeatSharp?", "Is LLaVAR faster than FeatSharp?"),
        ("Can it take 640 x 480?", "Can it take a size of 640 x 480?"),
        ("wich lisence has LLaVAR", "which licence has it"),
    ],
)
def test_what_is_searched(shipped: Shipped, text: str, query: str) -> None:
    assert query_of(text, parse(text), shipped.index) == (query, ())


def test_a_question_in_another_language_is_led_by_what_was_understood(shipped: Shipped) -> None:
    text = "Warum sind die Kanten im vergrößerten Bild so scharf?"
    parsed = parse(text).model_copy(update={"search_text": ""})
    query, hints = query_of(text, parsed, shipped.index)
    assert "sharp edges" in hints
    assert query == ", ".join((*hints, text))


# --- ties and thresholds --------------------------------------------------------------------------

CURATED = CuratedAnswer(ask=("Is it?",), answer="Yes.", facts=("task",))


def order_of(scores: dict[str, float], holders: dict[str, float]) -> list[str]:
    cards = [card(id, "same", questions=(CURATED,) if holders else ()) for id in scores]
    index: Any = ScriptedIndex(scores, nearness=Nearness(holders=holders))
    found = rank(Question(text="q"), PARSED, Registry.from_cards(cards), index, 5)
    assert [r.score for r in found] == sorted((r.score for r in found), reverse=True)
    return [r.card.id for r in found]


def test_of_cards_that_fit_about_alike_the_one_nearest_by_what_is_asked_comes_first() -> None:
    assert order_of({"b": 0.31, "a": 0.3}, {"a": 0.51, "b": 0.5}) == ["a", "b"]


def test_a_card_that_fits_clearly_better_comes_first() -> None:
    assert order_of({"b": 0.5, "a": 0.3}, {"a": 0.51, "b": 0.5}) == ["b", "a"]


def test_without_curated_answers_the_search_decides_alone() -> None:
    assert order_of({"b": 0.31, "a": 0.3}, {}) == ["b", "a"]


def test_a_registry_that_says_what_it_answers_needs_less_confidence() -> None:
    plain = Index.build(Registry.from_cards([card("a", "x")]), "none here")
    asked = Index.build(Registry.from_cards([card("a", "x", questions=(CURATED,))]), "none here")
    assert threshold_of(asked) < threshold_of(plain)


# --- what was fitted ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["hybrid", "lexical"])
def test_the_fitted_file_justifies_its_threshold(mode: str) -> None:
    found = fitted(mode)
    assert 0 < found["threshold where questions are known"] < found["threshold"] < 1
    assert found["weights"]["score"] > 0 > found["weights"]["foreign"]
    full = found["held_out"]["as it ships"]
    assert full["auroc"][1] > 0.8
    assert full["false positive rate"] <= 0.2
