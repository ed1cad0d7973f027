"""A thousand questions at once: in order, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.errors import GroundglassError, InputError
from agent.lab.evaluation.bulk import bulk_search
from agent.registry import Registry
from agent.search import Index
from agent.types import Card

CARDS = [
    Card(id="hear", name="Hear", task="speech recognition", summary="Writes speech.", links={}),
    Card(id="birds", name="Birds", task="bird classification", summary="Tells birds.", links={}),
    Card(id="paint", name="Paint", task="painting", summary="Paints birds.", links={}),
]
REGISTRY = Registry.from_cards(CARDS)
INDEX = Index.build(REGISTRY, "not in this test")


def run(folder: Path, lines: list[Any], top: int = 2) -> list[dict[str, Any]]:
    questions, out = folder / "q.jsonl", folder / "out.jsonl"
    questions.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    assert bulk_search(REGISTRY, INDEX, questions, top, out) == len(lines)
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_a_line_for_each_question_in_order(tmp_path: Path) -> None:
    first, second, third = run(
        tmp_path,
        [
            {"id": "q1", "question": "bird classification"},
            {"id": 2, "question": "speech recognition\nplease", "more": "is ignored"},
            {"id": "q3", "question": "capital of Brazil"},
        ],
    )
    assert first.keys() == {"id", "results", "scores", "abstain", "confidence"}
    assert (first["id"], second["id"], third["id"]) == ("q1", 2, "q3")
    assert first["results"] == ["birds", "paint"]
    assert first["scores"][0] == first["confidence"] > first["scores"][1]
    assert first["abstain"] is False
    assert second["results"] == ["hear"]
    assert third == {"id": "q3", "results": [], "scores": [], "abstain": True, "confidence": 0.0}


def test_a_question_about_a_picture_is_searched_all_the_same(tmp_path: Path) -> None:
    (row,) = run(tmp_path, [{"id": "q", "question": "Is my picture of birds blurred? bird"}])
    assert row["results"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not valid JSON"),
        ({"question": "x"}, "has no id"),
        ({"id": None, "question": "x"}, "has no id"),
        ({"id": True, "question": "x"}, "has no id"),
        ({"id": "a"}, "no text under 'question'"),
        ({"id": "a", "question": " "}, "question is empty"),
        ({"id": "a", "question": "x" * 20_001}, "20,001 characters"),
        ({"id": "a", "question": "\x1b[2J"}, "control character"),
    ],
)
def test_a_bad_line_stops_all_before_anything_is_written(
    tmp_path: Path, line: Any, why: str
) -> None:
    with pytest.raises(InputError, match=rf"q\.jsonl:2: .*{why}"):
        run(tmp_path, [{"id": "q1", "question": "birds"}, line])
    assert [path.name for path in tmp_path.iterdir()] == ["q.jsonl"]


def test_an_earlier_result_is_replaced_whole_or_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out.jsonl").write_text("earlier")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(INDEX, "search", killed)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, [{"id": "q", "question": "birds"}])
    assert (tmp_path / "out.jsonl").read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "q.jsonl"]
    run(tmp_path, [{"id": "q", "question": "birds"}])
    assert (tmp_path / "out.jsonl").read_text().startswith('{"id": "q"')


def test_what_cannot_be_written_or_asked(tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": 1, "question": "birds"}')
    with pytest.raises(GroundglassError, match="cannot be written"):
        bulk_search(REGISTRY, INDEX, questions, 1, tmp_path / "no" / "folder" / "out.jsonl")
    with pytest.raises(InputError, match="top is 0"):
        bulk_search(REGISTRY, INDEX, questions, 0, tmp_path / "out.jsonl")
