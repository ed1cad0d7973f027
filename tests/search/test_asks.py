"""How near a question is to those that curated answers are given to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.registry import Registry
from agent.search import Index
from agent.search.asks import holders, neutral, outside_questions
from agent.search.stems import stems
from agent.types import PROGRAM, SPANNING, Card, Claim, CuratedAnswer


class Bag:
    """Meaning as the sum of a random direction for each stem: enough to tell texts apart."""

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        vectors = np.array([self._vector(text) for text in texts], np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def _vector(self, text: str) -> NDArray[np.float64]:
        seeds = [list(stem.encode()) for stem in stems(text)] or [[0]]
        return np.sum([np.random.default_rng(s).standard_normal(384) for s in seeds], axis=0)


def answer(text: str, *asks: str, facts: tuple[str, ...] = ("task",)) -> CuratedAnswer:
    return CuratedAnswer(ask=asks, answer=text, facts=facts)


def card(id: str, *questions: CuratedAnswer, **more: Any) -> Card:
    name = id.capitalize()
    return Card(
        id=id, name=name, task="deblurring", summary="s", links={}, questions=questions, **more
    )


NET = card(
    "net",
    answer("Half a second.", "how quickly does it finish", "what is its tempo",
           facts=("fast",)),
    answer("It was taught with an L1 penalty.", "which penalty taught it"),
    aliases=("NetPlus",),
    claims=(Claim(id="fast", text="Net renders a postcard in half a second.", source="s"),),
)  # fmt: skip
EAR = card("ear", answer("It hears.", "can it transcribe a podcast"))
MUTE = card("mute")
SPANS = answer("It depends.", "which one yodels best", facts=("net/task", "ear/task"))
OUTSIDE = ["how long does an egg boil", "who won the cup", "where is my bus"]
REGISTRY = Registry.from_cards([NET, EAR, MUTE], questions=[SPANS])


@pytest.fixture(scope="module", params=["by meaning", "by words"])
def index(request: pytest.FixtureRequest) -> Index:
    """With and without a model of sentences."""
    embedder: Any = Bag() if request.param == "by meaning" else "none here"
    return Index.build(REGISTRY, embedder, OUTSIDE)


def test_all_hold_their_answers_and_cards_without_any_hold_none() -> None:
    assert [holder for holder, _ in holders(REGISTRY)] == ["net", "ear", PROGRAM, SPANNING]


@pytest.mark.parametrize(
    ("text", "holder", "said"),
    [
        ("what is its tempo", "net", "Half a second."),
        ("which penalty taught it", "net", "It was taught with an L1 penalty."),
        ("can it transcribe my podcast", "ear", "It hears."),
        ("which one yodels best", SPANNING, "It depends."),
    ],
)
def test_the_answer_to_the_nearest_question_is_nearest(
    index: Index, text: str, holder: str, said: str
) -> None:
    best = index.nearness(text).answers[0]
    assert (best.holder, best.answer.answer) == (holder, said)


def test_an_answer_is_near_by_the_words_of_its_facts_too(index: Index) -> None:
    with_fact = index.nearness("what is its tempo for a postcard").answers[0].score
    assert with_fact > index.nearness("what is its tempo for a cucumber").answers[0].score


def test_facts_of_an_answer_are_ids_that_hold_anywhere(index: Index) -> None:
    best = index.nearness("how quickly does it finish").answers[0]
    assert best.answer.facts == ("net/fast",)


def test_answers_come_best_first_and_no_more_than_wanted(index: Index) -> None:
    scores = [match.score for match in index.nearness("what is its tempo", limit=3).answers]
    assert len(scores) == 3 and scores == sorted(scores, reverse=True)


def test_each_holder_is_as_near_as_the_nearest_of_its_questions(index: Index) -> None:
    near = index.nearness("can it transcribe a podcast").holders
    assert set(near) == {"net", "ear", PROGRAM, SPANNING}
    assert max(near, key=lambda holder: near[holder]) == "ear"


def test_a_question_from_outside_is_nearer_to_those_than_one_from_inside(index: Index) -> None:
    outside = index.nearness("how long does my egg boil").outside
    assert outside > index.nearness("which penalty taught it").outside


def test_an_answer_to_the_same_kind_of_question_is_nearer(index: Index) -> None:
    def score(intent: Any) -> float:
        return index.nearness("what is its tempo", intent=intent).answers[0].score

    assert score("fact") > score(None) == score("chat")


@pytest.mark.parametrize("text", ["", "???", "日本語", "x" * 500])
def test_any_text_has_a_nearness(index: Index, text: str) -> None:
    found = index.nearness(text)
    assert all(-2 <= match.score <= 2 for match in found.answers)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("Is Net fast?", "Is it fast?"),
        ("Is NetPlus fast?", "Is it fast?"),
        ("Is the model fast?", "Is it fast?"),
        ("Is this deblurring network fast?", "Is it fast?"),
        ("Is the speech model fast?", "Is the speech model fast?"),
        ("Is Network fast?", "Is Network fast?"),
        ("Is Ear fast?", "Is Ear fast?"),
    ],
)
def test_it_stands_for_whatever_a_text_calls_a_card_and_for_no_other(text: str, alone: str) -> None:
    assert neutral(NET)(text) == alone


def test_a_question_that_a_card_puts_with_its_name_is_known_without_it() -> None:
    named = card("net", answer("Half a second.", "what is the tempo of Net"))
    nameless = card("net", answer("Half a second.", "what is the tempo of it"))
    near = [
        Index.build(Registry.from_cards([one]), "none here", OUTSIDE).nearness("the tempo of it")
        for one in (named, nameless)
    ]
    assert near[0].answers[0].score == near[1].answers[0].score


# --- a registry without questions -----------------------------------------------------------------


@pytest.mark.parametrize("embedder", [Bag(), "none here"])
@pytest.mark.parametrize("cards", [[], [MUTE]])
def test_without_questions_only_this_program_answers(cards: list[Card], embedder: Any) -> None:
    plain = Index.build(Registry.from_cards(cards), embedder, OUTSIDE)
    assert not plain.knows_questions
    found = plain.nearness("how do I run it on my picture")
    assert set(found.holders) == {PROGRAM}
    assert {match.holder for match in found.answers} == {PROGRAM}


def test_questions_that_span_cards_do_not_say_which_card_is_meant() -> None:
    spans = Registry.from_cards([MUTE], questions=[answer("Both.", "which", facts=("mute/task",))])
    assert not Index.build(spans, "none here", OUTSIDE).knows_questions


def test_the_outside_questions_that_ship_differ_and_name_no_card() -> None:
    texts = [text.casefold() for text in outside_questions()]
    assert len(set(texts)) == len(texts) >= 100
    assert all(text.strip() for text in texts)
