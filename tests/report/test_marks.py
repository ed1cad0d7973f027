"""Marks: how citations are numbered and shortened."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from agent.report.marks import Mark, Marker, spans
from agent.types import Statement


def labels(marks: list[Mark]) -> list[tuple[str, str]]:
    return [(first.label, last.label) for first, last in spans(marks)]


def evidence(*numbers: int) -> list[Mark]:
    return [Mark(f"E{number}", f"e{number}") for number in numbers]


def test_three_measurements_or_more_in_a_row_are_a_span() -> None:
    one = Mark("1", "ref-1")
    assert labels([one, *evidence(1, 2, 3, 4, 6)]) == [("1", "1"), ("E1", "E4"), ("E6", "E6")]


@pytest.mark.parametrize(
    "marks",
    [
        pytest.param(evidence(1, 2), id="two"),
        pytest.param(evidence(3, 2, 1), id="downwards"),
        pytest.param([Mark(n, f"ref-{n}") for n in "123"], id="references"),
        pytest.param([Mark("E1"), Mark("E2"), Mark("E3")], id="measured nowhere"),
        pytest.param([], id="none"),
    ],
)
def test_all_other_marks_stand_alone(marks: list[Mark]) -> None:
    assert labels(marks) == [(mark.label, mark.label) for mark in marks]


def test_a_card_is_cited_once_a_sentence_and_unknown_ids_are_shown(make: SimpleNamespace) -> None:
    marker = Marker(make.answer(), [make.run()])
    sentence = marker.sentence(
        Statement(
            section="limits",
            text="Said.",
            claims=("llavar/a", "llavar/b", "mimo-unet-plus/c", "stranger/d"),
            evidence=("shot.edge-width-restored", "made-up"),
        )
    )
    assert sentence.marks == (
        Mark("2", "ref-2"),
        Mark("1", "ref-1"),
        Mark("stranger"),
        Mark("E2", "e2"),
        Mark("made-up"),
    )


def test_a_run_that_did_not_run_measures_nothing(make: SimpleNamespace) -> None:
    assert Marker(make.answer(), []).rows == ()


def test_of_the_lines_of_a_page_those_that_are_quoted_stand_in_the_table(
    make: SimpleNamespace,
) -> None:
    run = make.run()
    lines = [
        run.evidence[0].model_copy(update={"id": f"shot.text-line-{i}", "text": f"line {i}"})
        for i in (1, 2)
    ]
    quoted = Statement(section="evidence", text="It says “line 2”.", evidence=(lines[1].id,))
    answer = make.answer()
    answer = answer.model_copy(update={"statements": (*answer.statements, quoted)})
    marker = Marker(answer, [run.model_copy(update={"evidence": (*run.evidence, *lines)})])
    assert [row.label for row in marker.rows] == ["E1", "E2", "E3"]
    assert "“line 2”" in marker.rows[2].quantity
