"""The full-text search against a plain BM25, and what it promises."""

from __future__ import annotations

import math
import threading
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.files.database import create
from agent.search import lexical
from agent.search.bags import FIELD_WEIGHTS
from agent.search.lexical import SATURATION, Lexical
from agent.search.stems import stems

Bags = list[list[list[str]]]
LENGTH = 0.75
"""b of FTS5: how far a long text discounts its words."""
WEIGHTS = tuple(FIELD_WEIGHTS.values())
texts = st.lists(
    st.lists(
        st.lists(st.sampled_from("abcdefg"), max_size=6),
        min_size=len(FIELD_WEIGHTS),
        max_size=len(FIELD_WEIGHTS),
    ),
    min_size=1,
    max_size=6,
)


def plain(bags: Bags, query: dict[str, float]) -> list[float]:
    size = len(bags)
    lengths = [sum(map(len, bag)) for bag in bags]
    typical = sum(lengths) / size
    holders = {s: sum(any(s in field for field in bag) for bag in bags) for s in query}
    rarity = {
        s: w * math.log(1 + (size - holders[s] + 0.5) / (holders[s] + 0.5))
        for s, w in query.items()
    }
    scores = []
    for bag, length in zip(bags, lengths, strict=True):
        score = 0.0
        for s in query:
            weight = sum(w * Counter(words)[s] for w, words in zip(WEIGHTS, bag, strict=True))
            if weight:
                discount = SATURATION * (1 - LENGTH + LENGTH * length / typical)
                score += rarity[s] / sum(rarity.values()) * weight / (weight + discount)
        scores.append(score)
    return scores


def index(bags: Bags) -> Lexical:
    database = create()
    lexical.build(database, "cards", bags, tuple(FIELD_WEIGHTS))
    return Lexical(database, "cards", WEIGHTS)


def scores(ours: Lexical, *words: str) -> list[float]:
    return [float(score) for score in ours.scores(ours.look_up(dict.fromkeys(words, 1.0)))]


def bag(**fields: str) -> list[list[str]]:
    return [fields.get(name, "").split() for name in FIELD_WEIGHTS]


@settings(max_examples=50)
@given(texts, st.dictionaries(st.sampled_from("abcdefgxyz"), st.sampled_from((0.5, 1.0))))
def test_equals_a_plain_bm25(bags: Bags, query: dict[str, float]) -> None:
    ours = index(bags)
    result = ours.scores(ours.look_up(query))
    np.testing.assert_allclose(result, plain(bags, query) if query else 0, atol=1e-5)
    assert ((result >= 0) & (result < 1)).all()


def test_rare_words_and_weighty_fields_count_more() -> None:
    ours = index([bag(task="blur", summary="sharp"), bag(summary="blur fog"), bag(task="sound")])
    first, second, third = scores(ours, "blur")
    assert first > second > third == 0
    assert scores(ours, "sound", "blur")[2] > scores(ours, "sound", "blur")[0]


def test_a_word_that_all_texts_hold_still_counts() -> None:
    ours = index([bag(task="blur"), bag(summary="blur fog fog fog")])
    assert scores(ours, "blur")[0] > scores(ours, "blur")[1] > 0


def test_a_word_that_no_text_holds_lowers_the_score() -> None:
    ours = index([bag(task="blur")])
    assert scores(ours, "blur", "soup")[0] < scores(ours, "blur")[0]
    assert "blur" in ours
    assert "soup" not in ours


def test_among_very_many_texts_the_rarest_words_of_a_question_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lexical, "ROWS", 5)
    ours = index([bag(task="blur edge"), *[bag(task="blur")] * 9, bag(task="rain")])
    assert np.flatnonzero(scores(ours, "blur", "edge", "rain")).tolist() == [0, 10]
    assert np.flatnonzero(scores(ours, "blur")).tolist() == list(range(10))


def test_a_word_of_very_many_texts_counts_by_its_presence(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = index([bag(task="blur blur"), bag(summary="blur fog"), bag(task="rain"), bag()])
    ranked = scores(ours, "blur", "rain")
    monkeypatch.setattr(lexical, "COMMON", 1)
    present = scores(ours, "blur", "rain")
    assert present[0] == present[1] > 0
    assert ranked[0] > ranked[1]
    assert present[2:] == ranked[2:]


def test_no_texts() -> None:
    assert scores(index([]), "blur") == []


@given(st.text(max_size=60))
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    words = stems(text)
    ours = index([bag(task=" ".join(words)), bag()])
    assert all(0 <= score < 1 for score in scores(ours, *words))
    if any(word in ours for word in words):
        assert scores(ours, *words)[0] > 0


def test_several_threads_search_at_one_time() -> None:
    ours = index([bag(task="blur"), bag(task="rain")] * 200)
    expected = scores(ours, "blur", "rain")
    results: list[list[float]] = []

    def search() -> None:
        for _ in range(50):
            results.append(scores(ours, "blur", "rain"))

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 200
    assert all(result == expected for result in results)
