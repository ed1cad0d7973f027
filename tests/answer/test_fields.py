"""Fields of a card as facts that an answer may tell."""

from __future__ import annotations

from typing import Any

import pytest

from agent.answer.fields import claimed_tags, field_claims
from agent.types import Card, Claim

FULL = Card.model_validate(
    {
        "id": "net", "name": "Net", "task": "deblurring", "summary": "s", "links": {},
        "inputs": "One picture.", "outputs": "a mask", "weights": "on request",
        "licence": {"name": "MIT", "forbids": "Selling it."},
        "measures": [{"quantity": "PSNR", "value": 31.5, "unit": "dB", "dataset": "SIDD",
                      "source": "table 2"}],
    }
)  # fmt: skip


def field(card: Card, id: str) -> Claim:
    return next(fact for fact in field_claims(card) if fact.id == id)


@pytest.mark.parametrize(
    ("id", "sentence"),
    [
        ("inputs", "On the input of Net, the registry says: “One picture”."),
        ("outputs", "On the output of Net, the registry says: “a mask”."),
        ("weights", "On the weights of Net, the registry says: “on request”."),
        ("licence", "On the licence of Net, the registry says: “MIT. Selling it”."),
        ("measure-1", "On the published figures of Net, the registry says: "
                      "“PSNR 31.5 dB on SIDD (table 2)”."),
    ],
)  # fmt: skip
def test_a_field_is_told_in_a_sentence_that_names_the_system(id: str, sentence: str) -> None:
    assert field(FULL, id).text == sentence


def test_by_whom_and_when_it_was_published_is_told_as_the_sentence_it_is() -> None:
    card = FULL.model_copy(update={"authors": ("Ada Miller",), "year": 2020})
    assert field(card, "publication").text == card.facts()["net/publication"]
    assert "publication" not in [fact.id for fact in field_claims(FULL)]


def test_a_field_that_is_a_sentence_already_is_told_as_it_is() -> None:
    card = FULL.model_copy(update={"scale": (4,), "commercial_use": False})
    assert field(card, "scale").text == "Net enlarges a picture 4×."
    assert field(card, "scale").tags == ("enlargement",)
    assert field(card, "commercial-use").text == "The licence of Net forbids commercial use."


def test_every_field_is_a_fact_of_the_card() -> None:
    assert {f"net/{fact.id}" for fact in field_claims(FULL)} <= set(FULL.facts())


def test_a_card_without_fields_has_none_to_tell() -> None:
    bare = Card(id="b", name="B", task="t", summary="s", links={})
    assert field_claims(bare) == ()


@pytest.mark.parametrize(
    ("id", "tag"), [("licence", "licence"), ("inputs", "input-size"), ("measure-1", "evaluation")]
)
def test_a_field_answers_what_it_is_about(id: str, tag: str) -> None:
    assert tag in field(FULL, id).tags


@pytest.mark.parametrize("kind", ["claims", "limits"])
def test_a_field_leaves_a_tag_to_the_claim_or_limit_that_has_it(kind: str) -> None:
    free = Claim(id="free", text="Net is free.", source="s", tags=("licence",))
    changed: dict[str, Any] = {kind: (free,)}
    card = FULL.model_copy(update=changed)
    assert "licence" not in field(card, "licence").tags
    assert claimed_tags(card) == {"licence"}
