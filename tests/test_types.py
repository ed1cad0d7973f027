"""Nouns: what is kept of a card is kept for what the card says, not for its name."""

from __future__ import annotations

import pytest

from agent.report.citations import to_bibtex, to_csl_json
from agent.types import Card, Reference

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
