"""Which models are offered for a wish: what they must do filters, what they are made for orders."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent import Agent
from agent.question.parse import parse
from agent.registry import Registry, load
from agent.registry.openmodeldb import import_openmodeldb
from agent.search import Index
from agent.search.recommending import recommend
from agent.settings import Settings
from agent.types import Card, Match, Question, Report

Recommend = Callable[[str], list[str]]


def model(id: str, **keys: Any) -> Card:
    licence = {"name": keys.pop("licence")} if "licence" in keys else None
    return Card.model_validate(
        {"id": id, "name": id, "task": "enlarging pictures", "summary": f"{id} enlarges.",
         "links": {}, "licence": licence, **keys}
    )  # fmt: skip


MODELS = [
    model("wide-net", scale=(4,), subjects=("photo", "anime", "faces"), removes=("jpeg", "noise"),
          licence="MIT", commercial_use=True),
    model("photos", scale=(4,), subjects=("photo",), licence="CC-BY-NC-4.0", commercial_use=False),
    model("copyleft", scale=(4,), subjects=("photo",), licence="GPL-3.0-only", commercial_use=True),
    model("unlicensed", scale=(4,), subjects=("manga",)),
    model("manga", scale=(2,), subjects=("manga",), licence="MIT", commercial_use=True),
    model("general", scale=(8,), subjects=("any",), licence="MIT", commercial_use=True),
    model("anything", scale=(8,), subjects=("pixel-art",), licence="MIT", commercial_use=True),
    model("cleaner", scale=(1,), subjects=("photo",), removes=("noise",), licence="MIT",
          commercial_use=True),
    model("prose"),
]  # fmt: skip


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Recommend:
    registry = Registry.from_cards(MODELS)
    index = Index.open(registry, tmp_path_factory.getbasetemp() / "cache")

    def matches(text: str) -> list[str]:
        return [match.card for match in recommended(text, registry, index)]

    return matches


def recommended(text: str, registry: Registry, index: Index) -> tuple[Match, ...]:
    return recommend(Question(text=text), parse(text), registry, index)


def test_models_that_do_all_of_it_are_offered_and_the_most_specific_leads(ask: Recommend) -> None:
    assert set(ask("Which model enlarges photos 4x?")) == {"photos", "copyleft", "wide-net"}
    assert ask("Which model enlarges photos 4x?")[-1] == "wide-net"
    assert ask("Which model enlarges photos 4x and removes noise?") == ["wide-net"]
    assert ask("Which model removes noise from photos?") == ["cleaner"]


def test_what_is_to_be_sold_is_offered_under_a_licence_that_allows_it(ask: Recommend) -> None:
    sold = ask("Which model enlarges photos 4x? I sell the prints.")
    assert sold == ["wide-net", "copyleft"], "a licence that binds whoever sells comes after"


def test_commercial_use_gives_way_to_no_other_condition(ask: Recommend) -> None:
    first, *others = ask("Which model enlarges manga 4x for my shop?")
    assert first == "manga", "the factor is given up, not the licence"
    assert others == ["wide-net", "unlicensed"], (
        "what has no licence comes last, as what it would take"
    )


def test_where_nothing_fits_the_nearest_by_each_condition_are_offered(ask: Recommend) -> None:
    assert ask("Which model enlarges manga 8x?") == ["unlicensed", "general"], (
        "the nearest factor, and the model that is made for no subject in particular"
    )


def test_the_work_is_given_up_after_the_subject(ask: Recommend) -> None:
    assert ask("Which model removes noise from manga?")[0] == "cleaner"


def test_what_is_shown_counts_before_what_it_is_shown_in(ask: Recommend) -> None:
    assert ask("Which model enlarges photos of manga 2x?") == ["manga"]


def test_nobody_who_asks_for_no_size_and_no_work_wants_a_picture_of_the_same_size(
    ask: Recommend,
) -> None:
    assert ask("What is the best model for photos?")[-1] == "cleaner"


def test_other_questions_and_those_that_name_a_model_are_left_to_the_search(
    ask: Recommend,
) -> None:
    assert ask("How does this model keep text sharp at 4x?") == []
    assert ask("Is wide-net the best model for photos?") == []


def test_a_registry_whose_cards_say_nothing_in_keys_recommends_nothing(tmp_path: Path) -> None:
    registry = Registry.from_cards([model("prose")])
    index = Index.open(registry, tmp_path)
    assert recommended("Which model enlarges photos 4x?", registry, index) == ()


def test_reasons_say_which_condition_is_not_met(tmp_path: Path) -> None:
    registry = Registry.from_cards(MODELS)
    index = Index.open(registry, tmp_path)
    (first, *_) = recommended("Which model enlarges manga 8x?", registry, index)
    assert first.reasons == ("does not meet the condition on size",)
    (first, *_) = recommended("Which model enlarges photos 4x?", registry, index)
    assert (first.reasons, first.score) == (("meets every condition",), 1.0)


def test_an_answer_keeps_the_terms_that_another_of_its_questions_names(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    cards = [
        {
            **card.model_dump(exclude_defaults=True),
            "links": {"page": f"https://a.example/{card.id}"},
        }
        for card in MODELS
    ]
    path.write_text(yaml.safe_dump({"models": json.loads(json.dumps(cards))}), "utf-8")
    agent = Agent(Settings(registry=path, cache=tmp_path / "cache"))
    report = agent.ask(Question(text="Which model enlarges photos 4x? May I sell the results?"))
    first = report.answer.statements[0]
    assert first.text.startswith("Use wide-net: ")
    assert "allows commercial use" in first.text
    assert report.verification.passed
    assert {reference.card for reference in report.answer.references} == {"wide-net", "copyleft"}
    assert Report.model_validate_json(report.model_dump_json()).parsed.wish == report.parsed.wish


@pytest.mark.slow
def test_the_questions_on_a_snapshot_of_openmodeldb(tmp_path: Path) -> None:
    if not (place := os.environ.get("OPENMODELDB")):
        pytest.skip("set OPENMODELDB to a folder with open-model-database.tar.xz, questions.jsonl")
    path = tmp_path / "models.yaml"
    path.write_text(import_openmodeldb(Path(place, "open-model-database.tar.xz")).yaml, "utf-8")
    registry = load(path, tmp_path)
    index = Index.open(registry, tmp_path)
    lines = Path(place, "questions.jsonl").read_text("utf-8").splitlines()
    first = 0
    for asked in map(json.loads, lines):
        best = recommended(asked["question"], registry, index)[0].card
        first += best in {name.lower() for name in asked["fits"]}
        assert registry[best].commercial_use or not asked["commercial"], asked["question"]
    assert first >= 56
