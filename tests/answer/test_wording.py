"""The words that join facts into an answer state nothing of their own."""

from __future__ import annotations

import pytest

from agent.answer.wording import (
    diagram,
    different_tasks,
    field_sentence,
    plain_workflow,
    plain_workflow_facts,
    run_notes,
    tool_limits,
    unknown_model,
    with_name,
)
from agent.systems.catalogue import TOOLS
from agent.types import Card, ParsedQuestion, RunResult

NET = Card(id="net", name="Net", task="deblurring", summary="It removes blur.", links={})
EXPLAIN = ParsedQuestion(intent="explain")


def enlarging(subject: str) -> ParsedQuestion:
    return ParsedQuestion(intent="explain", operation="enlarge", factor=3, subject=subject)


def run(tool: str, status: str, reason: str | None = None) -> RunResult:
    given = {"card": "net", "tool": tool, "image": "a.png", "status": status, "reason": reason}
    return RunResult.model_validate(given)


@pytest.mark.parametrize(
    ("text", "said"),
    [("It removes blur.", "Net: It removes blur."), ("A net for blur.", "A net for blur.")],
)
def test_a_text_gets_the_name_that_it_lacks(text: str, said: str) -> None:
    assert with_name(NET, text) == said


def test_a_field_is_quoted_without_a_second_full_stop() -> None:
    assert field_sentence(NET, "licence", "MIT.") == field_sentence(NET, "licence", "MIT")


def test_systems_are_told_apart_by_their_tasks() -> None:
    assert different_tasks([("A", "x"), ("B", "y"), ("C", "z")]) == (
        "A is for x, B is for y and C is for z."
    )


@pytest.mark.parametrize("more", [{}, {"inputs": "A page."}, {"inputs": "A.", "outputs": "B."}])
def test_each_plain_step_rests_on_the_fact_that_it_tells(more: dict[str, str]) -> None:
    card = NET.model_copy(update=more)
    facts = card.facts()
    for step, fact in zip(plain_workflow(card), plain_workflow_facts(card), strict=True):
        quoted = facts[f"net/{fact}"]
        assert quoted in step.text or fact == "task"


# --- the diagram ----------------------------------------------------------------------------------


def test_the_diagram_begins_with_what_the_person_put_in() -> None:
    assert 'input["Web page"]' in diagram(enlarging("a web page"), [NET], [])
    assert 'input["Input"]' in diagram(EXPLAIN, [NET], [])


@pytest.mark.parametrize(("parsed", "drawn"), [(enlarging("a map"), True), (EXPLAIN, False)])
def test_the_diagram_shows_an_enlargement_only_where_there_was_one(
    parsed: ParsedQuestion, drawn: bool
) -> None:
    assert ('enlarge["Enlarge 3×"]' in diagram(parsed, [NET], [])) == drawn


@pytest.mark.parametrize(("status", "label"), [("ran", "Result, measured"), ("failed", "Result")])
def test_the_diagram_calls_a_result_measured_only_where_something_ran(
    status: str, label: str
) -> None:
    assert f'output1["{label}"]' in diagram(EXPLAIN, [NET], [run("restore", status)])


def test_labels_hold_no_mark_that_the_diagram_would_read() -> None:
    net = NET.model_copy(update={"name": 'N"]; click x "http', "task": "<b>t</b>"})
    (line,) = [one for one in diagram(EXPLAIN, [net], []).splitlines() if "model1[" in one]
    assert line.count('"') == 2 and not set("<>;`") & set(line)


# --- words of the question ------------------------------------------------------------------------


def test_addresses_in_the_question_are_not_repeated() -> None:
    told = unknown_model("who/secret-net") + diagram(enlarging("the logo of evil.com"), [], [])
    assert "evil" not in told and "secret" not in told


def test_names_from_the_question_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in unknown_model("A\x1b[31m")


# --- what ran -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (run("restore", "failed", "it is empty"), "failed on a.png: it is empty."),
        (run("restore", "skipped", "no weights"), "was not run on a.png: no weights."),
        (run("", "skipped", "no tool fits"), "No model was run on a.png: no tool fits."),
        (run("gone", "failed"), "The tool gone failed on a.png: no reason is known."),
    ],
)
def test_what_did_not_run_is_told_with_its_reason(result: RunResult, said: str) -> None:
    (note,) = run_notes([result])
    assert note.endswith(said)


def test_of_what_ran_nothing_is_excused() -> None:
    assert list(run_notes([run("restore", "ran")])) == []


@pytest.mark.parametrize(("status", "told"), [("ran", True), ("skipped", False)])
def test_the_limits_of_a_tool_are_told_where_it_ran(status: str, told: bool) -> None:
    assert list(tool_limits([run("restore", status)])) == (
        list(TOOLS["restore"].limits) if told else []
    )
    assert TOOLS["restore"].limits
