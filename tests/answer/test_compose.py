"""The composer states facts of cards and evidence, and nothing else."""

from __future__ import annotations

import pytest

from agent.answer.compose import compose
from agent.answer.verify import verify
from agent.question.parse import parse
from agent.registry import Registry
from agent.types import (
    Abstention,
    Card,
    CardStep,
    Claim,
    Match,
    ParsedQuestion,
    Question,
    RunResult,
)


def claim(id: str, tags: str, text: str | None = None) -> Claim:
    return Claim(id=id, text=text or f"Net does {id}.", source="s", tags=tuple(tags.split()))


NET = Card(
    id="net", name="Net", task="deblurring", summary="Net removes blur.",
    links={"paper": "https://example.org/net"},
    workflow=(
        CardStep(stage="input", text="A picture goes in."),
        CardStep(stage="model", text="Net works.", claims=("edge",)),
        CardStep(stage="output", text="A picture comes out."),
    ),
    claims=(claim("edge", "edges"), claim("loss", "loss"), claim("fast", "speed")),
    limits=(claim("no-enlarging", "enlargement limits", "Net does not enlarge."),),
    related=("aid",),
)  # fmt: skip
AID = Card(
    id="aid", name="Aid", task="reading", summary="Aid reads text.",
    links={"paper": "https://example.org/aid"}, claims=(claim("read", "text"),),
)  # fmt: skip
BARE = Card(id="bare", name="Bare", task="denoising", summary="Bare removes noise.", links={})
REGISTRY = Registry.from_cards([NET, AID, BARE])
FACTS = {fact for card in (NET, AID, BARE) for fact in card.facts()}


def answer(parsed: ParsedQuestion, *cards: str, runs=(), unknown=(), abstention=None):
    matches = [Match(card=c, score=0.9, margin=0.1, reasons=()) for c in cards]

    def relevance(card: Card) -> dict[str, float]:
        return dict.fromkeys(card.facts(), 0.3)

    return compose(parsed, matches, abstention, runs, REGISTRY, relevance, unknown)


def test_different_questions_about_one_system_get_different_answers():
    def short(**asked) -> str:
        made = answer(ParsedQuestion(intent="fact", **asked), "net")
        return next(s.text for s in made.statements if s.text.startswith("In short"))

    assert short(topics=("loss",)) == "In short: Net does loss."
    assert short(topics=("speed",)) == "In short: Net does fast."
    assert short(effects=("edges",)) == "In short: Net does edge."


def test_the_premise_that_the_system_enlarges_is_corrected_first():
    parsed = ParsedQuestion(
        intent="explain", operation="enlarge", factor=3, subject="a map", effects=("edges",)
    )
    made = answer(parsed, "net")
    assert "You enlarged a map by 3× and saw sharp edges" in made.task
    told = [s.text for s in made.statements if s.section == "task"]
    assert told[0] == "The part that Net plays in it is deblurring."
    assert told[1].endswith("Net does not enlarge.")
    assert not any("not enlarge" in s.text for s in made.statements if s.section == "limits")


def test_every_statement_rests_on_facts_that_exist_and_no_fact_is_told_twice():
    made = answer(ParsedQuestion(intent="explain", effects=("edges", "text")), "net")
    told = [claim for s in made.statements for claim in s.claims]
    assert set(told) <= FACTS
    assert all(s.claims or s.evidence for s in made.statements)
    assert len(told) == len(set(told))
    assert {fact for step in made.workflow for fact in step.claims} <= FACTS


def test_steps_carry_the_claims_that_explain_them():
    made = answer(ParsedQuestion(intent="explain", effects=("edges", "blur")), "net")
    assert [step.stage for step in made.workflow] == ["input", "model", "output"]
    shown = {s.claims[0] for s in made.statements if s.section == "workflow"}
    assert shown <= {fact for step in made.workflow for fact in step.claims}


def test_a_card_with_the_required_keys_alone_can_be_answered_from():
    made = answer(ParsedQuestion(intent="explain", effects=("noise",)), "bare")
    assert [step.stage for step in made.workflow] == ["input", "model", "output"]
    assert all(set(step.claims) <= FACTS and step.claims for step in made.workflow)
    assert made.references[0].title == "Bare"


def test_complementary_systems_come_from_related_cards_and_are_cited():
    made = answer(ParsedQuestion(intent="explain", effects=("text",)), "net")
    assert [r.card for r in made.references] == ["net", "aid"]
    first = next(s for s in made.statements if s.section == "complementary")
    assert first.text == "Aid reads text."


def test_a_comparison_is_about_both():
    made = answer(ParsedQuestion(intent="compare", topics=("speed",)), "net", "aid")
    assert {step.card for step in made.workflow} == {"net", "aid"}


def test_what_the_registry_lacks_is_said_and_makes_the_answer_partial():
    made = answer(ParsedQuestion(intent="fact", topics=("brain",)), "net", unknown=["SwinIR"])
    assert made.status == "partly"
    assert any("SwinIR" in limit for limit in made.limits)
    assert any("likeness to the human brain" in limit for limit in made.limits)


@pytest.mark.parametrize("status", ["skipped", "failed"])
def test_what_did_not_run_is_a_limit_with_its_reason(status):
    run = RunResult(card="net", tool="restore", image="a.png", status=status, reason="no weights")
    made = answer(ParsedQuestion(intent="explain", effects=("edges",)), "net", runs=[run])
    assert made.status == "partly"
    assert any("a.png" in limit and "no weights" in limit for limit in made.limits)
    assert not any(s.section == "evidence" for s in made.statements)


def test_without_a_match_nothing_is_stated_or_cited():
    why = Abstention(reason="no_model", explanation="nothing fits")
    made = answer(ParsedQuestion(intent="fact"), abstention=why)
    assert (made.status, made.statements, made.references) == ("cannot_answer", (), ())
    assert made.limits == ("nothing fits",)


def test_another_language_is_named_and_the_answer_stays_english():
    made = answer(ParsedQuestion(intent="fact", topics=("loss",), language="de"), "net")
    assert any("'de'" in limit for limit in made.limits)


def test_all_systems_that_were_named_alike_are_explained():
    made = answer(ParsedQuestion(intent="explain", effects=("edges",)), "net", "aid")
    assert {step.card for step in made.workflow} == {"net", "aid"}


FIELDS = [
    ("licence", {"name": "MIT", "forbids": "Selling it."}, "What is the licence of Bare?", "MIT"),
    ("licence", {"name": "MIT"}, "Can I use Bare commercially?", "MIT"),
    ("inputs", "one picture of 224 pixels", "What does Bare take as input?", "224 pixels"),
    ("inputs", "at most 4,096 pixels a side", "What image size can Bare take?", "4,096 pixels"),
    ("outputs", "a mask of 16 levels", "What does Bare output?", "16 levels"),
    ("weights", "on request", "Where can I download the weights of Bare?", "on request"),
    ("measures", [{"quantity": "PSNR", "value": 31.5, "unit": "dB", "dataset": "SIDD",
                   "source": "table 2"}], "Which PSNR does Bare reach?", "31.5 dB on SIDD"),
    ("measures", [{"quantity": "memory", "value": 2, "unit": "GB", "dataset": "a page",
                   "source": "table 3"}], "How much memory does Bare need?", "2 GB"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "question", "told"), FIELDS)
@pytest.mark.parametrize("claims", [(), (claim("grain", "noise"),)])
def test_a_field_that_alone_carries_the_answer_leads_it(field, value, question, told, claims):
    card = Card.model_validate({**BARE.model_dump(), "claims": claims, field: value})
    registry = Registry.from_cards([card])
    parsed = parse(question)
    matches = [Match(card="bare", score=1, margin=1, reasons=())]
    made = compose(parsed, matches, None, (), registry, lambda _: {"bare/grain": 0.4})
    short = next(s for s in made.statements if s.text.startswith("In short"))
    assert told in short.text
    assert not any("holds nothing" in limit for limit in made.limits)
    assert made.status == "answered"
    assert verify(made, "", Question(text=question), (), registry).passed


def test_a_claim_about_what_is_asked_goes_before_the_field():
    card = Card.model_validate(
        {**NET.model_dump(), "workflow": (), "claims": (claim("free", "licence"),),
         "weights": "on request", "licence": {"name": "MIT"}}
    )  # fmt: skip
    parsed = ParsedQuestion(intent="fact", topics=("licence", "weights"))
    matches = [Match(card="net", score=1, margin=1, reasons=())]
    made = compose(parsed, matches, None, (), Registry.from_cards([card]), lambda _: {})
    told = [c for s in made.statements for c in s.claims]
    assert {"net/free", "net/weights"} <= set(told)
    assert "net/licence" not in told


def test_fields_of_systems_that_are_compared_are_told():
    cards = [
        Card.model_validate({**card.model_dump(), "licence": {"name": name}})
        for card, name in ((BARE, "MIT"), (AID, "GPL"))
    ]
    parsed = parse("Compare the licences of Bare and Aid")
    matches = [Match(card=c.id, score=1, margin=0, reasons=()) for c in cards]
    made = compose(parsed, matches, None, (), Registry.from_cards(cards), lambda _: {})
    text = " ".join(s.text for s in made.statements)
    assert "MIT" in text and "GPL" in text
