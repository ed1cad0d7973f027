"""The way from input to output, as long as the question asks for it."""

from __future__ import annotations

import pytest

from agent.answer.shape import Shape
from agent.answer.workflow import workflow
from agent.types import Card, CardStep, Claim, ParsedQuestion

EXPLAIN = ParsedQuestion(intent="explain")
FULL, STAGES, LINE, NONE = (Shape(kind, 200) for kind in ("full", "stages", "line", "none"))
NET = Card(
    id="net", name="Net", task="deblurring", summary="Net removes blur.", links={},
    flow="picture → Net → sharp picture",
    workflow=(
        CardStep(stage="input", text="The picture is enlarged.", claims=("grow",)),
        CardStep(stage="input", text="The picture is padded."),
        CardStep(stage="model", text="Blur is found.", claims=("edge",)),
        CardStep(stage="model", text="Strokes are refined."),
        CardStep(stage="output", text="A change is predicted.", claims=("sum",)),
        CardStep(stage="output", text="It is added to the picture."),
    ),
    claims=(
        Claim(id="grow", text="g", source="s", tags=("enlargement",)),
        Claim(id="edge", text="e", source="s", tags=("edges",), mechanism="encoder"),
        Claim(id="edge-2", text="f", source="s", tags=("edges",), mechanism="encoder"),
        Claim(id="sum", text="h", source="s", tags=("structure",), mechanism="head"),
        Claim(id="loose", text="i", source="s", tags=("text",)),
    ),
)  # fmt: skip
BARE = Card(id="bare", name="Bare", task="denoising", summary="Bare removes noise.", links={})
CLAIMS = {claim.id: claim for claim in NET.claims}


def texts(card: Card, shape: Shape, parsed: ParsedQuestion = EXPLAIN) -> list[str]:
    return [step.text for step in workflow(card, shape, parsed, ())]


def explaining(*claims: str) -> dict[str, tuple[str, ...]]:
    """Of each step what it cites beside itself."""
    steps = workflow(NET, FULL, EXPLAIN, [CLAIMS[claim] for claim in claims])
    return {step.text: step.claims[1:] for step in steps if step.claims[1:]}


def test_where_no_way_is_asked_for_none_is_told() -> None:
    assert texts(NET, NONE) == []


def test_on_one_line_it_is_the_flow_of_the_card() -> None:
    (step,) = workflow(NET, LINE, EXPLAIN, ())
    assert (step.text, step.claims) == ("picture → Net → sharp picture", ("net/flow",))


def test_a_card_without_a_flow_gets_a_plain_one_that_rests_on_its_task() -> None:
    (step,) = workflow(BARE, LINE, EXPLAIN, ())
    assert (step.text, step.claims) == ("input → Bare (denoising) → result", ("bare/task",))


def test_a_line_a_stage_is_the_first_of_input_and_model_and_the_last_of_output() -> None:
    assert texts(NET, STAGES) == [
        "The picture is padded.",
        "Blur is found.",
        "It is added to the picture.",
    ]


def test_a_line_a_stage_cites_the_step_alone() -> None:
    steps = workflow(NET, STAGES, EXPLAIN, ())
    assert [step.claims for step in steps] == [
        ("net/workflow-2",),
        ("net/workflow-3",),
        ("net/workflow-6",),
    ]


@pytest.mark.parametrize(
    ("parsed", "enlarges"),
    [
        (EXPLAIN, False),
        (ParsedQuestion(intent="explain", operation="deblur"), False),
        (ParsedQuestion(intent="explain", operation="enlarge"), True),
        (ParsedQuestion(intent="explain", factor=3), True),
    ],
)
def test_a_step_that_only_enlarges_is_told_where_something_was_enlarged(
    parsed: ParsedQuestion, enlarges: bool
) -> None:
    assert ("The picture is enlarged." in texts(NET, FULL, parsed)) == enlarges


def test_a_step_cites_what_explains_it_and_nothing_that_the_answer_leaves_out() -> None:
    assert explaining("edge") == {"Blur is found.": ("net/edge",)}


def test_a_claim_about_the_mechanism_of_a_step_explains_that_step() -> None:
    assert explaining("edge-2") == {"Blur is found.": ("net/edge-2",)}


def test_a_claim_that_belongs_to_no_step_explains_the_first_of_the_model() -> None:
    assert explaining("loose") == {"Blur is found.": ("net/loose",)}


def test_every_explanation_belongs_to_one_step() -> None:
    places = explaining("edge", "sum", "edge-2", "loose")
    assert sorted(id for ids in places.values() for id in ids) == [
        "net/edge",
        "net/edge-2",
        "net/loose",
        "net/sum",
    ]


@pytest.mark.parametrize("shape", [FULL, STAGES])
def test_a_card_without_steps_gets_three_that_rest_on_its_facts(shape: Shape) -> None:
    steps = workflow(BARE, shape, EXPLAIN, ())
    assert [step.stage for step in steps] == ["input", "model", "output"]
    assert all(step.claims and set(step.claims) <= set(BARE.facts()) for step in steps)
