"""The measure of matching: on data made for the test, whose figures are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest

from agent.errors import InputError
from agent.lab.evaluation import matching
from agent.lab.evaluation.matching import evaluate, read_models, read_questions
from agent.search.embedding import EmbeddingUnavailableError

MODELS = [
    {"id": "m0", "name": "hear", "task": "Speech", "functionality": "Speech to text",
     "description": "Writes down spoken words.",
     "call": "torch.hub.load(repo_or_dir='a/b.c', model='hear')"},
    {"id": "m1", "name": "hear2", "task": "Speech", "functionality": "Speech to text",
     "description": "Writes down recordings of meetings.", "call": "x.from_pretrained('d/e-f')"},
    {"id": "m2", "name": "birds", "task": "Birds", "functionality": "Bird classification",
     "description": "Tells birds apart.", "call": "hub.load('https://tfhub.dev/g/birds/1')"},
    {"id": "m3", "name": "none", "task": "Paint", "description": "Paints.", "call": ""},
]  # fmt: skip
QUESTIONS = [
    {"question": "Write down spoken words", "gold": "m0", "task": "Speech"},
    {"question": "tell birds apart", "gold": "m2", "task": "Birds"},
    {"question": "record meetings and write them down", "gold": "m0", "task": "Speech"},
]


def files(folder: Path, models: Any = MODELS, questions: Any = QUESTIONS) -> tuple[Path, Path]:
    paths = folder / "models.jsonl", folder / "questions.jsonl"
    for path, lines in zip(paths, (models, questions), strict=True):
        path.write_text("\n".join(map(json.dumps, lines)))
    return paths


def test_models_become_cards_with_their_links(tmp_path: Path) -> None:
    cards = read_models(files(tmp_path)[0])
    assert [card.links for card in cards] == [
        {"code": "https://github.com/a/b.c"},
        {"model": "https://huggingface.co/d/e-f"},
        {"model": "https://tfhub.dev/g/birds/1"},
        {},
    ]
    assert cards[0].summary == "Speech to text. Writes down spoken words"
    assert cards[3].summary == "Paints"


def test_figures_of_known_data_are_those_computed_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable() -> NoReturn:
        raise EmbeddingUnavailableError("not in this test")

    monkeypatch.setattr(matching, "model_file", unavailable)
    found = evaluate(*files(tmp_path))
    assert (found.cards, found.questions) == (4, 3)
    assert found.retrieval == "lexical: not in this test"
    assert found.recall_at_1.value == pytest.approx(2 / 3, abs=1e-3)
    assert found.recall_at_5.value == 1
    assert found.task_at_1.value == 1
    assert found.reciprocal_rank.value == pytest.approx((1 + 1 + 1 / 2) / 3, abs=1e-3)
    assert found.abstention_auroc.value > 0.9
    assert json.loads(json.dumps(found.to_dict()))["recall_at_1"]["high"] <= 1
    table = found.to_table()
    assert "4 cards, 3 questions" in table
    assert "recall at 1        0.667" in table


def test_faults_are_named(tmp_path: Path) -> None:
    models, questions = files(tmp_path, questions=[{**QUESTIONS[0], "gold": "m9"}])
    with pytest.raises(InputError, match=r"questions\.jsonl:1: .*'m9'"):
        evaluate(models, questions)
    questions.write_text("")
    with pytest.raises(InputError, match="has no questions"):
        read_questions(questions, read_models(models))
    models.write_text('{"id": "a"}')
    with pytest.raises(InputError, match=r"models\.jsonl:1: .*'name'"):
        read_models(models)


def test_the_development_data_are_read(shared: Path) -> None:
    for hub, models, questions in (("torchhub", 94, 186), ("tensorflowhub", 80, 687)):
        folder = shared / "data" / "matching" / hub
        cards = read_models(folder / "models.jsonl")
        assert len(cards) == models
        assert len(read_questions(folder / "questions.jsonl", cards)) == questions
        assert sum(bool(card.links) for card in cards) > 0.9 * models
