"""Nouns: what is kept of a card is kept for what the card says, not for its name."""

from __future__ import annotations

from typing import get_args

import pytest

from agent.report.citations import to_bibtex, to_csl_json
from agent.types import DEFECT_NAMES, SUBJECT_NAMES, Card, Defect, Evidence, Reference, Subject

CARD = Card(
    id="net",
    name="Net",
    task="deblurring",
    summary="Net deblurs.",
    links={"paper": "https://a.example/1"},
)


def test_a_changed_card_of_the_same_id_is_told_and_cited_as_it_is_now() -> None:
    moved = CARD.model_copy(update={"links": {"paper": "https://b.example/2"}})
    reworded = CARD.model_copy(update={"summary": "Net sharpens."})
    assert Reference.of(CARD).links == CARD.links
    assert Reference.of(moved).links == moved.links
    assert CARD.facts()["net/summary"] == "Net deblurs."
    assert reworded.facts()["net/summary"] == "Net sharpens."
    for convert in (to_bibtex, to_csl_json):
        assert "a.example/1" in convert([Reference.of(CARD)])
        assert "b.example/2" in convert([Reference.of(moved)])


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CARD.facts()["net/summary"] = "Net does all."  # type: ignore[index]


MODEL = CARD.model_copy(
    update={
        "scale": (2, 3, 4),
        "subjects": ("anime", "photo"),
        "removes": ("jpeg", "noise", "halftone"),
        "architecture": "ESRGAN",
        "sha256": ("0" * 64, "1" * 64),
        "commercial_use": False,
        "based_on": ("ESRGAN",),
    }
)


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        ("scale", "Net enlarges a picture 2×, 3× or 4×."),
        ("subjects", "Net is made for anime and photographs."),
        ("removes", "Net removes JPEG artefacts, noise and halftone dots."),
        ("architecture", "The architecture of Net is ESRGAN."),
        ("sha256", f"Net comes in files with the SHA-256 {'0' * 64} and {'1' * 64}."),
        ("commercial-use", "The licence of Net forbids commercial use."),
        ("based-on", "Net was trained from the weights of ESRGAN."),
    ],
)
def test_what_a_card_tells_of_its_model_in_keys_is_a_sentence(fact: str, sentence: str) -> None:
    assert MODEL.facts()[f"net/{fact}"] == sentence
    assert f"net/{fact}" not in CARD.facts()


def test_a_model_that_keeps_the_size_of_a_picture_is_not_said_to_enlarge_it() -> None:
    same = CARD.model_copy(update={"scale": (1,), "commercial_use": True})
    assert same.facts()["net/scale"] == "Net keeps the size of a picture (1×)."
    assert same.facts()["net/commercial-use"] == "The licence of Net allows commercial use."


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1, "places", "1 place"),
        (2, "places", "2 places"),
        (1, "grey levels (0–255)", "1 grey level (0–255)"),
        (1, "s", "1 s"),
        (1, "%", "1 %"),
        (1, "", "1"),
    ],
)
def test_one_of_a_unit_is_singular(value: float, unit: str, text: str) -> None:
    number = Evidence(
        id="E1", quantity="q", value=value, unit=unit, method="m",
        measured_on="a.png, input",
    )  # fmt: skip
    assert number.format() == text


def test_the_words_for_subjects_and_defects_are_those_of_legal_keys() -> None:
    assert set(SUBJECT_NAMES) <= set(get_args(Subject))
    assert set(DEFECT_NAMES) <= set(get_args(Defect))
