"""How long an answer is, by kind of question."""

from __future__ import annotations

from typing import get_args

import pytest

from agent.answer.compose import compose
from agent.answer.shape import SHAPES, longest
from agent.types import Answer, Card, CardStep, Claim, Intent, ParsedQuestion

KINDS: tuple[Intent, ...] = get_args(Intent)
ASKED = [kind for kind in KINDS if kind != "chat"]
SENTENCE = " ".join(["word"] * 24)


def claim(id: str) -> Claim:
    return Claim(id=id, text=f"{id} {SENTENCE}.", source="s", tags=("edges",), mechanism=id)


WORDY = Card(
    id="wordy", name="Wordy", task="deblurring", summary=f"Wordy {SENTENCE}.", links={},
    flow="picture → Wordy → picture",
    workflow=tuple(
        CardStep(stage=stage, text=f"{stage} {SENTENCE}.", claims=(f"c{i}",))
        for i, stage in enumerate(("input", "model", "model", "output"))
    ),
    claims=tuple(claim(f"c{i}") for i in range(12)),
    limits=tuple(claim(f"l{i}") for i in range(9)),
    related=("beside",),
)  # fmt: skip
BESIDE = Card(id="beside", name="Beside", task="t", summary="s", links={}, claims=(claim("b"),))


def words(made: Answer) -> int:
    """Before the references."""
    before = [s.text for s in made.statements if s.section != "limits"]
    return sum(len(t.split()) for t in (made.task, *before, *(s.text for s in made.workflow)))


def answered(kind: Intent, inquire, ask) -> Answer:
    part = ask(ParsedQuestion(intent=kind, effects=("edges",), operation="deblur"), "wordy")
    return compose(inquire([WORDY, BESIDE], part, relevance=0.8))


@pytest.mark.parametrize("kind", ASKED)
def test_an_answer_is_no_longer_than_its_kind_may_be(kind: Intent, inquire, ask) -> None:
    assert words(answered(kind, inquire, ask)) <= SHAPES[kind].words


@pytest.mark.parametrize("kind", ASKED)
def test_no_answer_states_more_limits_than_its_shape_allows(kind: Intent, inquire, ask) -> None:
    made = answered(kind, inquire, ask)
    limits = [s for s in made.statements if s.section == "limits"]
    assert len(limits) <= SHAPES[kind].limits


def test_only_why_and_how_are_explained_step_by_step(inquire, ask) -> None:
    explained = {
        kind for kind in ASKED
        if any(s.section == "workflow" for s in answered(kind, inquire, ask).statements)
    }  # fmt: skip
    assert explained == {"explain"}


def test_an_explanation_that_does_not_fit_leaves_no_claim_behind_in_a_step(inquire, ask) -> None:
    part = ask(ParsedQuestion(intent="explain", effects=("edges",)), "wordy")
    longer = [claim(f"c{i}").model_copy(update={"text": " ".join(["w"] * 90)}) for i in range(12)]
    card = WORDY.model_copy(update={"claims": tuple(longer)})
    made = compose(inquire([card], part, relevance=0.8))
    told = {id for s in made.statements for id in s.claims}
    assert {id for step in made.workflow for id in step.claims[1:]} <= told
    assert words(made) <= SHAPES["explain"].words


def test_what_complements_is_left_out_before_what_explains(inquire, ask) -> None:
    part = ask(ParsedQuestion(intent="explain", effects=("edges",)), "wordy")
    cards = [WORDY, BESIDE.model_copy(update={"claims": (claim("b").model_copy(
        update={"text": " ".join(["w"] * 300)}),)})]  # fmt: skip
    sections = {s.section for s in compose(inquire(cards, part, relevance=0.8)).statements}
    assert "workflow" in sections and "complementary" not in sections


def test_every_kind_of_question_has_a_shape() -> None:
    assert set(SHAPES) == set(KINDS)


def test_several_questions_have_the_shape_of_the_longest() -> None:
    assert longest({"fact", "explain", "define"}) == "explain"
    assert longest({"fact"}) == "fact"
