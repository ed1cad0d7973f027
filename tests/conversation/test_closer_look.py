"""A closer look at an answer: what is told of it is what the report holds."""

from __future__ import annotations

import pytest

from agent.conversation.closer_look import (
    evidence,
    longer,
    references,
    shorter,
    support,
    table,
    why,
)
from agent.registry import Registry
from agent.search import Index
from agent.types import (
    Abstention,
    Answer,
    Card,
    Claim,
    Evidence,
    Match,
    ParsedQuestion,
    Question,
    Reference,
    Report,
    RunResult,
    Statement,
    Verification,
)

CARD = Card(
    id="mimo",
    name="MIMO-UNet+",
    task="deblurring",
    summary="It deblurs.",
    links={"paper": "https://example.org/paper"},
    claims=(Claim(id="loss", text="It learns by a sum.", source="Cho 2021, section 3"),),
)
WIDTH = Evidence(
    id="shot.edge-width-restored",
    quantity="median width of strong edges",
    value=1.65,
    unit="px",
    measured_on="shot.png, restored",
    method="10–90 % rise distance",
)


def report(**changes: object) -> Report:
    fields: dict[str, object] = {
        "question": Question(text="why?"),
        "parsed": ParsedQuestion(intent="explain"),
        "matches": (
            Match(card="mimo", score=0.91, margin=0.5, reasons=("name: \x1b[31mmimo",)),
            Match(card="other", score=0.41, margin=0.0, reasons=("words share: blur",)),
        ),
        "answer": Answer(
            status="answered",
            task="You want an explanation.",
            statements=(
                Statement(section="workflow", text="It learns by a sum.", claims=("mimo/loss",)),
                Statement(section="evidence", text="1.65 px wide.", evidence=(WIDTH.id,)),
                Statement(section="task", text="It deblurs.", claims=("mimo/summary",)),
            ),
            references=(Reference.of(CARD),),
        ),
        "runs": (
            RunResult(
                card="mimo", tool="restore", image="shot.png", status="ran", evidence=(WIDTH,)
            ),
            RunResult(
                card="mimo", tool="restore", image="b.png", status="skipped", reason="it is flat"
            ),
        ),
        "verification": Verification(statements=3),
        "registry_sha256": "0" * 64,
        "settings_sha256": "0" * 64,
        "retrieval": "hybrid",
        "version": "0",
        "created": "2026-01-01T00:00:00+00:00",
        "seconds": 0.0,
    }
    return Report.model_validate(fields | changes)


NOTHING = report(
    matches=(),
    runs=(),
    abstention=Abstention(
        reason="no_model",
        explanation="nothing fits",
        nearest=("mimo",),
        detail="confidence: mimo 0.41; required: 0.50",
    ),
    answer=Answer(status="cannot_answer", task="You ask."),
)


def test_why_tells_confidence_reasons_and_where_each_claim_is_published() -> None:
    lines = list(why(report(), Registry.from_cards([CARD])))
    assert lines[0] == "MIMO-UNet+: confidence 0.91, 0.50 above the next; cited"
    assert lines[1] == "    name: \\x1b[31mmimo"
    assert lines[2] == "other: confidence 0.41, 0.00 above the next; not used"
    at = lines.index("  It learns by a sum.")
    assert lines[at + 1] == "    Cho 2021, section 3"


def test_why_tells_what_decided_where_no_system_was_chosen() -> None:
    assert list(why(NOTHING, Registry.from_cards([CARD]))) == [
        "No system was chosen: nothing fits",
        "Nearest: MIMO-UNet+",
        "Confidence: mimo 0.41; required: 0.50",
    ]


def test_what_supports_an_answer_is_told_without_ids_and_scores() -> None:
    assert list(support(report(), Registry.from_cards([CARD]))) == [
        "What each sentence rests on:",
        "  It learns by a sum.",
        "    Cho 2021, section 3",
        "  1.65 px wide.",
        "    measured on your picture",
        "  It deblurs.",
        "    the registry",
    ]


def test_why_does_without_a_card_that_the_registry_no_longer_holds() -> None:
    other = CARD.model_copy(update={"id": "other"})
    lines = list(why(report(), Registry.from_cards([other])))
    assert lines[0].startswith("MIMO-UNet+: ") and "    the registry" in lines


def test_evidence_tells_every_measurement_and_what_did_not_run() -> None:
    lines = list(evidence(report()))
    assert lines[0] == (
        "  E1  Median width of strong edges: 1.65 px  (shot.png, restored; 10–90 % rise distance)"
    )
    assert lines[-1] == "Not run: b.png: MIMO-UNet+ was skipped: it is flat."


def test_references_have_the_numbers_and_links_of_the_answer() -> None:
    assert list(references(report())) == ["1. MIMO-UNet+", "   paper: https://example.org/paper"]


def test_one_reference_can_be_asked_for() -> None:
    assert next(references(report(), 1)) == "1. MIMO-UNet+"
    assert list(references(report(), -1)) == list(references(report()))
    assert list(references(report(), 7)) == ["The last answer has no reference 7, only 1 to 1."]


def test_the_short_form_is_the_direct_answer_or_else_what_comes_first() -> None:
    assert list(shorter(report())) == [
        "It learns by a sum.",
        "It deblurs.",
    ]
    direct = Statement(section="answer", text="A sum.", claims=("mimo/loss",), row="Loss")
    answer = report().answer
    told = answer.model_copy(update={"statements": (*answer.statements, direct)})
    assert next(shorter(report(answer=told))) == "Loss: A sum."
    told = told.model_copy(update={"listing": "groundglass ask\n  --no-run"})
    assert list(shorter(report(answer=told)))[1:3] == ["  groundglass ask", "    --no-run"]
    assert list(shorter(NOTHING)) == ["You ask."]


def test_the_long_form_tells_what_was_not_told_and_where_it_stands() -> None:
    more = Claim(id="size", text="It has \x1b[1m16 layers.", source="Cho 2021, table 1")
    registry = Registry.from_cards([CARD.model_copy(update={"claims": (*CARD.claims, more)})])
    index = Index.build(registry, "no embedder")
    assert list(longer(report(), registry, index)) == [
        "MIMO-UNet+: It has \\x1b[1m16 layers. (Cho 2021, table 1)"
    ]
    only = Registry.from_cards([CARD])
    assert list(longer(report(), only, Index.build(only, ""))) == [
        "The registry says no more about this."
    ]


def test_the_table_is_that_of_the_answer_or_what_was_measured() -> None:
    assert list(table(report())) == list(evidence(report()))
    row = Statement(section="answer", text="Apache-2.0", claims=("mimo/summary",), row="MIMO")
    answer = report().answer.model_copy(update={"statements": (row,)})
    assert list(table(report(answer=answer, runs=()))) == ["MIMO: Apache-2.0"]


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda r: why(r, Registry.from_cards([CARD])), "No system was chosen: nothing"),
        (evidence, "Nothing was measured on a picture."),
        (references, "The last answer cites nothing."),
    ],
)
def test_an_answer_without_any_of_it_says_so(look, said) -> None:
    assert next(iter(look(NOTHING))).startswith(said)
