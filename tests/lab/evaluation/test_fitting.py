"""The fit of the match: the method on made-up data, and the questions that ship."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from agent import registry as registries
from agent.files import DEFAULT_REGISTRY
from agent.lab.evaluation import fitting
from agent.lab.evaluation.fitting import CARDS, QUESTIONS, fit_threshold
from agent.registry import Registry
from agent.types import Card


@pytest.mark.parametrize(("share", "threshold"), [(0.1, 0.9), (0.25, 0.75)])
def test_the_threshold_lets_the_share_of_unfit_questions_through(
    share: float, threshold: float
) -> None:
    unfit = [i / 100 for i in range(100)]
    assert fit_threshold(unfit, share) == pytest.approx(threshold)


def test_the_threshold_is_no_higher_than_the_unfit_questions_make_it() -> None:
    assert fit_threshold([0.05] * 10, 0.1) == pytest.approx(0.06)


def test_without_unfit_questions_any_confidence_is_enough() -> None:
    assert fit_threshold([], 0.1) == pytest.approx(0.01)


def test_the_regression_finds_the_weights_that_made_the_data() -> None:
    draw = random.Random(0)
    rows = [{"score": draw.random(), "idle": draw.random()} for _ in range(4000)]
    right = [
        draw.random() < fitting._logistic({"bias": -3, "score": 8, "idle": 0}, r) for r in rows
    ]
    weights = fitting._logistic_regression(rows, right)
    assert weights["bias"] == pytest.approx(-3, abs=0.4)
    assert weights["score"] == pytest.approx(8, abs=0.7)
    assert weights["idle"] == pytest.approx(0, abs=0.4)


@pytest.mark.slow
def test_questions_that_fit_get_more_confidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = [
        Card(id="hear", name="Hear", task="speech recognition", summary="Writes.", links={}),
        Card(id="birds", name="Birds", task="bird classification", summary="Tells.", links={}),
    ]
    lines = [
        {"question": f"{text} {i}", "card": card, "kind": kind, "split": split}
        for text, card, kind in (
            ("recognise speech", "hear", "fits"), ("classify a bird", "birds", "fits"),
            ("recipe for soup", None, "off"), ("write about trains", None, "near"),
            ("what is NAFNet", None, "foreign"),
        )
        for i, split in enumerate(("fit", "held out") * 3)
    ]  # fmt: skip
    questions = tmp_path / "q.jsonl"
    questions.write_text("\n".join(map(json.dumps, lines)))
    monkeypatch.setattr(fitting, "_embedder", lambda: "not in this test")
    more = tmp_path / "cards.jsonl"
    more.write_text('{"id": "soup", "name": "Soup", "task": "cookery", "summary": "Cooks."}')
    found = fitting.fit(Registry.from_cards(cards), questions, more)["hybrid"]
    assert found["weights"]["score"] > 0
    full = found["held_out"]["as it ships"]
    assert full["questions"] == 15
    assert full["first card right"] == 1
    assert full["auroc"][0] == 1
    assert full["false negative rate"] == 0


def test_a_question_that_names_a_card_is_left_out_since_it_needs_no_confidence(
    tmp_path: Path,
) -> None:
    named = Card(id="c", name="FeatSharp", task="t", summary="s", links={})
    questions = tmp_path / "q.jsonl"
    line = {"question": "What is FeatSharp?", "card": "c", "kind": "fits", "split": "fit"}
    questions.write_text(json.dumps(line))
    registry = Registry.from_cards([named])
    assert fitting._examples(registry, "not in this test", questions) == []


def test_the_questions_that_ship() -> None:
    lines = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    registry = registries.load(DEFAULT_REGISTRY)
    texts = [line["question"].casefold() for line in lines]
    assert len(set(texts)) == len(texts)
    others = [json.loads(line)["id"] for line in CARDS.read_text("utf-8").splitlines()]
    assert {line["card"] for line in lines} == {*registry, *others, None}
    for line in lines:
        fits = "fits" if line["card"] in registry else "others" if line["card"] else None
        assert line["kind"] == fits or (fits is None and line["kind"] in ("near", "foreign", "off"))
    by_split = Counter((line["split"], line["card"] is None) for line in lines)
    assert by_split.keys() == {(s, n) for s in ("fit", "held out") for n in (True, False)}
    assert min(by_split.values()) >= 60
    examples = {example.casefold() for card in registry.cards() for example in card.examples}
    assert not examples.intersection(texts), "what a card gives as an example is no test of it"
