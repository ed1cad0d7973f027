"""Why nothing is offered, told so that it helps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.registry import Registry
from agent.search.abstaining import abstain, abstain_unseen
from agent.search.ranking import Ranked
from agent.types import Abstention, Card, ParsedQuestion, Question, RunResult

EXPLAIN = ParsedQuestion(intent="explain")
THRESHOLD = 0.4


def card(id: str, name: str, task: str, **more: Any) -> Card:
    return Card(id=id, name=name, task=task, summary="s", links={}, **more)


NET = card("net-9-b", "Net", "deblurring")
EAR = card("ear-1-x", "Ear", "writing down speech")


def said(
    scores: dict[Card, float],
    parsed: ParsedQuestion = EXPLAIN,
    cards: Sequence[Card] | None = None,
    images: tuple[Path, ...] = (),
) -> Abstention:
    registry = Registry.from_cards(cards if cards is not None else scores)
    ranked = [Ranked(one, score, None, None, ()) for one, score in scores.items()]
    question = Question(text="a question", images=images)
    found = abstain(question, parsed, ranked, THRESHOLD, registry)
    assert found is not None
    return found


KINDS = {
    "far": said({NET: 0.02, EAR: 0.01}),
    "near": said({NET: 0.3, EAR: 0.01}),
    "foreign": said({NET: 0.02}, ParsedQuestion(intent="explain", models=("Topaz",))),
    "ambiguous": said({NET: 0.45, EAR: 0.44}),
    "needs a picture": said({NET: 0.8}, ParsedQuestion(intent="look", needs_image=True)),
    "no cards": said({}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_is_shown_no_id_score_or_threshold(kind: str) -> None:
    told = KINDS[kind].explanation
    assert not re.search(r"\d|net-9-b|ear-1-x|confidence|threshold|score", told), told


@pytest.mark.parametrize("kind", ["far", "near", "ambiguous"])
def test_whoever_looks_into_it_gets_ids_scores_and_what_was_required(kind: str) -> None:
    assert re.fullmatch(
        r"confidence: net-9-b 0\.\d\d, ear-1-x 0\.\d\d; required: 0\.40", KINDS[kind].detail
    )


def test_far_from_everything_the_person_is_told_what_can_be_explained() -> None:
    assert KINDS["far"].reason == "no_model"
    assert KINDS["far"].explanation == (
        "I found nothing in the registry that answers this. "
        "What I can explain: Net (deblurring); Ear (writing down speech)."
    )


def test_near_the_threshold_the_nearest_is_named() -> None:
    assert "If you mean Net (deblurring), ask again and name it." in KINDS["near"].explanation
    assert KINDS["near"].nearest == ("net-9-b", "ear-1-x")


def test_of_a_larger_registry_only_the_nearest_are_told() -> None:
    many = [card(f"c{i}", f"Card {'abcdefg'[i]}", "a task") for i in range(7)]
    told = said(dict.fromkeys(many[:4], 0.01), cards=many).explanation
    assert told.endswith(
        "The nearest systems that I can explain: Card a (a task); Card b (a task); Card c (a task)."
    )


def test_where_not_even_a_word_is_shared_the_way_to_the_list_is_told() -> None:
    many = [card(f"c{i}", f"Card {i}", "a task") for i in range(7)]
    assert "“groundglass registry list”" in said({}, cards=many).explanation


@pytest.mark.parametrize(
    ("intent", "opening"),
    [
        ("fact", "I know nothing vetted about Topaz."),
        ("complain", "I know nothing vetted about Topaz, so I cannot say why it did that."),
    ],
)
def test_a_model_that_the_registry_lacks_is_named(intent: Any, opening: str) -> None:
    parsed = ParsedQuestion(intent=intent, models=("Topaz",))
    assert said({NET: 0.02}, parsed).explanation.startswith(opening)


def test_an_address_in_the_place_of_a_model_is_not_repeated() -> None:
    parsed = ParsedQuestion(intent="fact", models=("evil/secret-net", "Topaz\x1b[31m"))
    told = said({NET: 0.02}, parsed).explanation
    assert "secret" not in told and "\x1b" not in told and "Topaz" in told


def test_a_question_about_a_picture_asks_for_it() -> None:
    assert KINDS["needs a picture"].reason == "needs_image"
    assert "Attach it" in KINDS["needs a picture"].explanation


def test_between_two_that_fit_alike_the_person_chooses() -> None:
    assert KINDS["ambiguous"].reason == "ambiguous"
    assert KINDS["ambiguous"].explanation.startswith(
        "Your question fits Net (deblurring) about as well as Ear (writing down speech)."
    )


def test_a_card_that_fits_is_offered() -> None:
    ranked = [Ranked(NET, THRESHOLD, None, None, ())]
    registry = Registry.from_cards([NET])
    assert abstain(Question(text="q"), EXPLAIN, ranked, THRESHOLD, registry) is None


# --- pictures that no tool saw --------------------------------------------------------------------


def run(status: Any) -> RunResult:
    return RunResult(card="net", tool="t", image="a.png", status=status, reason=f"was {status}")


@pytest.mark.parametrize(
    ("needs_image", "statuses"),
    [(True, ("skipped", "ran")), (True, ()), (False, ("failed",))],
)
def test_a_question_is_answered_where_a_tool_saw_the_picture_or_none_had_to(
    needs_image: bool, statuses: tuple[str, ...]
) -> None:
    parsed = ParsedQuestion(intent="look", needs_image=needs_image)
    assert abstain_unseen(parsed, [*map(run, statuses)]) is None


def test_a_question_about_a_picture_that_no_tool_saw_is_not_answered() -> None:
    parsed = ParsedQuestion(intent="look", needs_image=True)
    found = abstain_unseen(parsed, [run("skipped"), run("failed")])
    assert found is not None
    assert (found.reason, found.nearest) == ("image_unusable", ("net",))
    assert "a.png: was skipped; a.png: was failed" in found.explanation
