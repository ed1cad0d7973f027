"""Vectors: kept small, found fast, never embedded twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.files.database import create
from agent.search import semantic
from agent.search.semantic import Semantic, texts_of
from agent.types import Card, Claim


class Fake:
    """Random but repeatable directions, and a note of what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        self.asked += texts
        rows = [np.random.default_rng(list(text.encode())).standard_normal(384) for text in texts]
        vectors = np.array(rows, np.float32).reshape(-1, 384)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def cards(count: int) -> list[Card]:
    return [
        Card(id=f"c{i}", name=f"N{i}", task="deblurring", summary=f"summary {i}", links={})
        for i in range(count)
    ]


def built(
    cards: list[Card], embedder: Fake | None = None, earlier: Sequence[Any] = ()
) -> sqlite3.Connection:
    database = create()
    semantic.build(database, cards, embedder or Fake(), earlier, lambda _: None)
    return database


def test_texts_of_a_card_are_its_facts_and_examples() -> None:
    card = Card(
        id="c", name="Net", title="A Paper", task="deblurring", summary="It deblurs.", links={},
        claims=(Claim(id="fast", text="It is fast.", source="s"),), examples=("Why so fast?",),
    )  # fmt: skip
    fields, texts = zip(*texts_of(card), strict=True)
    assert fields == ("card", "summary", "task", "fast", "example")
    assert texts[0] == "Net. A Paper. deblurring. It deblurs."
    assert [f"c/{field}" for field in fields[1:-1]] == list(card.facts())


def test_equal_texts_are_embedded_once() -> None:
    fake = Fake()
    built(cards(50), fake)
    assert len(fake.asked) == len(set(fake.asked)) == 101


def test_cosines_survive_the_small_numbers() -> None:
    fake = Fake()
    database = built(cards(30), fake)
    query = fake.embed(["a question"])[0]
    exact = fake.embed([text for card in cards(30) for _, text in texts_of(card)]) @ query
    ours = Semantic(database).texts(np.arange(30)).cosines(query)
    np.testing.assert_allclose(ours, exact, atol=2e-3)


def test_a_score_is_half_the_whole_and_half_the_best_text() -> None:
    database = built(cards(3))
    query = Fake().embed(["deblurring"])[0]
    texts = Semantic(database).texts(np.array([0, 2]))
    near = texts.cosines(query).reshape(2, 3)
    np.testing.assert_allclose(
        texts.scores(texts.cosines(query)), (near[:, 0] + near.max(axis=1)) / 2
    )
    assert near.max() > 0.99


def test_a_large_registry_yields_the_nearest_cards_by_signs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(semantic, "EXACT", 100)
    monkeypatch.setattr(semantic, "CANDIDATES", 60)
    found = cards(400)
    search = Semantic(built(found))
    for i in (0, 7, 399):
        query = Fake().embed([texts_of(found[i])[1][1]])[0] + Fake().embed(["noise"])[0] / 2
        candidates = search.candidates(query, np.array([], np.int64))
        assert i in candidates
        assert len(candidates) < 200
        assert (np.diff(candidates) > 0).all()


def test_what_an_earlier_index_knows_is_taken_over() -> None:
    earlier = [semantic.read_all(built(some)) for some in ([], cards(20))]
    fake = Fake()
    changed = [*cards(20)[5:], Card(id="new", name="New", task="x", summary="other", links={})]
    again = built(changed, fake, earlier)
    assert sorted(fake.asked) == ["New. x. other", "other", "x"]
    np.testing.assert_array_equal(semantic.read_all(again), semantic.read_all(built(changed)))


def test_progress_is_told_in_large_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic, "CHUNK", 10)
    lines: list[str] = []
    semantic.build(create(), cards(10), Fake(), (), lines.append)
    assert lines == ["embedded 10 of 21 texts", "embedded 20 of 21 texts"]


def test_no_cards() -> None:
    search = Semantic(built([]))
    assert search.candidates(Fake().embed(["q"])[0], np.array([], np.int64)).shape == (0,)
