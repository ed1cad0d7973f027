"""BM25F against a plain implementation, and what it promises."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.search import lexical
from agent.search.lexical import FIELDS, LENGTH, SATURATION, WEIGHTS, Lexical, Term, fingerprints

Cards = list[list[list[str]]]
stem = st.sampled_from("abcdefg")
cards = st.lists(
    st.lists(st.lists(stem, max_size=6), min_size=len(FIELDS), max_size=len(FIELDS)),
    min_size=1,
    max_size=6,
)


def plain(cards: Cards, query: dict[str, float]) -> list[float]:
    typical = []
    for field in range(len(FIELDS)):
        lengths = [len(card[field]) for card in cards if card[field]]
        typical.append(max(sum(lengths) / max(len(lengths), 1), 1))
    holders = {s: sum(any(s in field for field in card) for card in cards) for s in query}
    size = len(cards)
    rarity = {
        s: w * math.log(1 + (size - holders[s] + 0.5) / (holders[s] + 0.5))
        for s, w in query.items()
    }
    scores = []
    for card in cards:
        score = 0.0
        for s in query:
            weight = sum(
                WEIGHTS[f] * Counter(words)[s] / (1 - LENGTH + LENGTH * len(words) / typical[f])
                for f, words in enumerate(card)
                if words
            )
            score += rarity[s] / sum(rarity.values()) * weight / (SATURATION + weight)
        scores.append(score)
    return scores


def index(cards: Cards) -> Lexical:
    return Lexical(lexical.build(cards))


def look_up(ours: Lexical, query: Mapping[str, float]) -> list[Term]:
    return ours.look_up(query, fingerprints(query))


def card(**fields: str) -> list[list[str]]:
    return [fields.get(name, "").split() for name in FIELDS]


@settings(max_examples=50)
@given(cards, st.dictionaries(st.sampled_from("abcdefgxyz"), st.sampled_from((0.5, 1.0))))
def test_equals_a_plain_implementation(found: Cards, query: dict[str, float]) -> None:
    ours = index(found)
    scores = ours.scores(look_up(ours, query))
    np.testing.assert_allclose(scores, plain(found, query) if query else 0, atol=1e-5)
    assert ((scores >= 0) & (scores < 1)).all()


def test_rare_words_and_short_fields_weigh_more() -> None:
    ours = index([card(task="blur", summary="sharp"), card(summary="blur"), card(task="sound")])
    first, second, third = ours.scores(look_up(ours, {"blur": 1.0}))
    assert first > second > third == 0
    both = ours.scores(look_up(ours, {"sound": 1.0, "blur": 1.0}))
    assert both[2] > both[0]


def test_a_word_that_no_card_has_lowers_the_score() -> None:
    ours = index([card(task="blur")])
    alone = ours.scores(look_up(ours, {"blur": 1.0}))[0]
    assert ours.scores(look_up(ours, {"blur": 1.0, "soup": 1.0}))[0] < alone


def test_shared_words_come_with_their_fields_weightiest_first() -> None:
    ours = index([card(task="blur edge", claims="blur"), card(claims="edge")])
    terms = look_up(ours, dict.fromkeys(("edge", "blur", "soup"), 1.0))
    assert ours.shared(terms, 0) == [("blur", ("task", "claims")), ("edge", ("task",))]
    assert ours.shared(terms, 1) == [("edge", ("claims",))]
    assert "edge" in ours
    assert "soup" not in ours


def test_no_cards() -> None:
    ours = index([])
    assert ours.scores(look_up(ours, {"blur": 1.0})).shape == (0,)
