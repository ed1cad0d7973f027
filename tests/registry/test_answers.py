"""Curated answers, through the file check that users see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.registry import Registry, check, load
from agent.registry.answers import faults_of
from agent.registry.program import FILE, program
from agent.registry.rules import check_entry
from agent.registry.strict_yaml import read_lists
from agent.systems.catalogue import TOOLS
from agent.types import PROGRAM

DEEP = {
    "id": "deep",
    "name": "DeepNet",
    "task": "t",
    "summary": "It has 12 layers.",
    "links": {"paper": "https://example.org/a"},
}
WIDE = {"id": "wide", "name": "WideNet", "task": "t", "summary": "It has 9 layers, NAFNet 36.",
        "links": {"paper": "https://example.org/b"}}  # fmt: skip
ANSWER = {"ask": ["How deep is it?"], "answer": "12 layers.", "facts": ["summary"]}
SPANNING = {"ask": ["Which is deeper?"], "answer": "DeepNet, with 12 layers; WideNet has 9.",
            "facts": ["deep/summary", "wide/summary"]}  # fmt: skip


def written(folder: Path, answers: list[Any], spanning: list[Any]) -> Path:
    path = folder / "registry.yaml"
    cards = [{**DEEP, "questions": answers} if answers else DEEP, WIDE]
    content = {"models": cards} | ({"questions": spanning} if spanning else {})
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def test_answers_are_read_with_their_card_and_those_of_the_registry_beside_it(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, [ANSWER], [SPANNING])
    for registry in (load(path), load(path, tmp_path / "cache"), load(path, tmp_path / "cache")):
        assert [answer.ask for answer in registry["deep"].questions] == [("How deep is it?",)]
        assert [answer.facts for answer in registry.questions] == [("deep/summary", "wide/summary")]
        assert list(registry) == ["deep", "wide"]
        assert len(registry) == len(list(registry.cards())) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "13 layers."}, "key questions[1].answer: the number 13 is in none"),
        ({"answer": "It beats NAFNet."}, "key questions[1].answer: 'NAFNet' is in none"),
        ({"answer": "See https://a.org."}, "is an address"),
        (
            {"facts": ["sumary"]},
            "key questions[1].facts: 'deep/sumary' is not a fact of any card; did",
        ),
        ({"facts": []}, "key questions[1].facts: is empty"),
        ({"ask": ["x", "X"]}, "key questions[1].ask[2]: 'X' occurs twice"),
        ({"facts": ["other/summary"]}, "'other/summary' is not a fact"),
        (
            {"rows": [{"label": "a", "text": "13", "facts": ["summary"]}]},
            "rows[1].text: the number",
        ),
    ],
)
def test_an_answer_that_its_facts_do_not_hold_is_reported_where_it_stands(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    (problem,) = check(written(tmp_path, [ANSWER | change], []))
    assert "card deep: " in problem
    assert message in problem


def test_an_answer_may_rest_on_facts_of_another_card_and_is_held_to_them(tmp_path: Path) -> None:
    other = ANSWER | {"answer": "12 layers; WideNet has 9.", "facts": ["summary", "wide/summary"]}
    assert check(written(tmp_path, [other], [])) == []
    (problem,) = check(written(tmp_path, [other | {"answer": "WideNet has 8."}], [SPANNING]))
    assert "the number 8" in problem
    (problem,) = check(written(tmp_path, [], [SPANNING | {"answer": "DeepNet has 13."}]))
    assert "question 1: key answer: the number 13" in problem


def test_the_program_has_a_card_of_its_own_that_is_not_among_those_of_the_registry() -> None:
    registry = Registry.from_cards([])
    assert registry[PROGRAM] is program()
    assert PROGRAM in registry
    assert list(registry) == []


def test_no_card_may_take_the_id_of_the_program(tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(yaml.safe_dump({"models": [{**DEEP, "id": PROGRAM}]}))
    (problem,) = check(path)
    assert "is the id of this program" in problem


def test_the_card_of_the_program_keeps_the_rules_of_a_card() -> None:
    ((_, entry),) = read_lists(FILE.read_bytes(), "models")
    assert check_entry(entry, TOOLS) is not None, entry.faults
    card = program()
    for answer in card.questions:
        assert list(faults_of(answer.within(card.id), {card.id: card})) == [], answer.ask[0]
