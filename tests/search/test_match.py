"""Which cards are offered, in which order, with what reasons; and when none is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.question.parse import parse
from agent.registry import Registry
from agent.search import Index, Mention
from agent.search.asks import Nearness
from agent.search.match import NEAR, curated_answers, match, names_in
from agent.search.ranking import rank
from agent.types import (
    PROGRAM,
    SPANNING,
    Abstention,
    Card,
    CuratedAnswer,
    CuratedMatch,
    Match,
    ParsedQuestion,
    Question,
)
from tests.search.support import PARSED, ScriptedIndex, Shipped, card

SEED = (
    "I upscaled a web image by 3× and the AI kept edges sharp and text readable. How does this "
    "model preserve structure so clearly without introducing blur?"
)


@pytest.mark.parametrize(
    ("text", "card"),
    [
        (SEED, "mimo-unet-plus"),
        ("Why are the edges of my enlarged screenshot so crisp?", "mimo-unet-plus"),
        ("Warum sind die Kanten im vergrößerten Bild so scharf?", "mimo-unet-plus"),
        ("Which loss does MIMO-UNet+ use?", "mimo-unet-plus"),
        ("mimo-unet++", "mimo-unet-plus"),
        ("what is https://github.com/chosj95/MIMO-UNet good for?", "mimo-unet-plus"),
        ("Is FeetSharp free to use?", "featsharp"),
        ("How can vision transformer features get a higher resolution?", "featsharp"),
        ("arXiv 2502.16025", "featsharp"),
        ("Does LLaVa-R answer questions about posters?", "llavar"),
        ("Which model reads the text on a book cover?", "llavar"),
        ("Do networks suppress saliency the way the brain does?", "saliency-semantic-rsa"),
        ("2404.18772v1", "saliency-semantic-rsa"),
    ],
)
def test_the_first_card(shipped: Shipped, text: str, card: str) -> None:
    matches, abstention = shipped.ask(text)
    assert abstention is None
    assert matches[0].card == card
    assert matches[0].reasons


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of Brazil?", "recipe for onion soup", "hello", "???", "tell me a joke",
        "what optimiser is AdamW", "transcribe a podcast to text with timestamps",
        "Which Whisper size is best for German?", "predict house prices from tabular data",
        "Wie wird das Wetter morgen in Oslo?",
    ],
)  # fmt: skip
def test_nothing_fits(shipped: Shipped, text: str) -> None:
    matches, abstention = shipped.ask(text)
    assert matches == ()
    assert abstention is not None
    assert abstention.reason == "no_model"


def test_several_named_cards_all_match(shipped: Shipped) -> None:
    matches, _ = shipped.ask("What is the difference between FeatSharp and LLaVAR?")
    assert {m.card for m in matches[:2]} == {"featsharp", "llavar"}
    assert all(m.score > 0.9 for m in matches[:2])
    assert any("named in the question" in reason for reason in matches[0].reasons)


def test_scores_descend_and_margins_are_their_differences(shipped: Shipped) -> None:
    matches, _ = shipped.ask(SEED)
    scores = [m.score for m in matches]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= m.score <= 1 and m.margin >= 0 for m in matches)
    if len(matches) > 1:
        assert matches[0].margin == pytest.approx(scores[0] - scores[1], abs=2e-4)


def test_another_model_of_a_similar_name_is_not_named(shipped: Shipped) -> None:
    for text in ("How does LLaVA work?", "What does NAFNet do?"):
        matches, _ = shipped.ask(text)
        assert not any("in the question" in reason for m in matches for reason in m.reasons)


def test_a_picture_speaks_for_what_can_be_run_on_it(shipped: Shipped) -> None:
    text = "What keeps lines from being smeared?"
    bare, _ = shipped.ask(text)
    seen, _ = shipped.ask(text, images=(Path("shot.png"),))
    scores = [next(m for m in found if m.card == "mimo-unet-plus").score for found in (bare, seen)]
    assert 0 < scores[1] - scores[0] < 0.15
    reasons = next(m for m in seen if m.card == "mimo-unet-plus").reasons
    assert "a picture is attached and this system can be run on it" in reasons


def test_the_same_question_gets_the_same_matches(shipped: Shipped) -> None:
    assert shipped.ask(SEED) == shipped.ask(SEED)


# --- with a search that answers as told ---------------------------------------------------------


def asked(
    cards: Sequence[Card],
    scores: dict[str, float],
    parsed: ParsedQuestion = PARSED,
    named: Sequence[Mention] = (),
    images: tuple[Path, ...] = (),
) -> tuple[tuple[Match, ...], Abstention | None]:
    index: Any = ScriptedIndex(scores, named)
    question = Question(text="a question", images=images)
    return match(question, parsed, Registry.from_cards(cards), index)


def test_unrelated_cards_that_are_equally_likely_are_ambiguous() -> None:
    pair = [card("a", "deblurring"), card("b", "translation")]
    close = {"a": 0.36, "b": 0.355}
    matches, abstention = asked(pair, close)
    assert matches == ()
    assert abstention is not None
    assert abstention.reason == "ambiguous"
    assert "A (deblurring) about as well as B (translation)" in abstention.explanation
    assert abstention.nearest == ("a", "b")


@pytest.mark.parametrize(
    ("pair", "scores", "intent"),
    [
        ([card("a", "x", related=("b",)), card("b", "y")], {"a": 0.36, "b": 0.355}, "explain"),
        ([card("a", "x"), card("b", "x")], {"a": 0.36, "b": 0.355}, "explain"),
        ([card("a", "x"), card("b", "y")], {"a": 0.36, "b": 0.355}, "compare"),
        ([card("a", "x"), card("b", "y")], {"a": 0.44, "b": 0.34}, "explain"),
        ([card("a", "x"), card("b", "y")], {"a": 0.9, "b": 0.89}, "explain"),
    ],
)
def test_what_is_not_ambiguous(pair: list[Card], scores: dict[str, float], intent: Any) -> None:
    matches, abstention = asked(pair, scores, ParsedQuestion(intent=intent))
    assert abstention is None
    assert matches[0].card == "a"


def test_a_name_decides_and_a_weaker_card_can_come_first_by_it() -> None:
    pair = [card("a", "x"), card("b", "y")]
    matches, abstention = asked(
        pair, {"a": 0.4, "b": 0.1}, named=[Mention("b", 1.0, "Bee", "name")]
    )
    assert abstention is None
    assert matches[0].card == "b"
    assert matches[0].reasons[0] == "named in the question: “Bee”"


def test_a_named_card_that_the_search_does_not_find_is_matched() -> None:
    matches, _ = asked([card("a", "x")], {}, named=[Mention("a", 1.0, "arxiv:1", "arXiv id")])
    assert [m.card for m in matches] == ["a"]
    assert matches[0].reasons == ("its arXiv id is in the question: 1",)


def test_a_misspelling_counts_less_than_the_name() -> None:
    def score(kind: str, certainty: float) -> float:
        return asked([card("a", "x")], {"a": 0.1}, named=[Mention("a", certainty, "Ay", kind)])[0][
            0
        ].score

    assert score("misspelling", 0.7) < score("name", 1.0)


def test_a_question_about_a_picture_needs_one() -> None:
    looks = ParsedQuestion(intent="fact", needs_image=True)
    _, abstention = asked([card("a", "x")], {"a": 0.6}, looks)
    assert abstention is not None
    assert abstention.reason == "needs_image"
    assert abstention.nearest == ("a",)
    matches, abstention = asked([card("a", "x")], {"a": 0.6}, looks, images=(Path("p.png"),))
    assert abstention is None
    assert matches


def test_a_question_that_nothing_fits_does_not_ask_for_a_picture() -> None:
    _, abstention = asked(
        [card("a", "x")], {"a": 0.01}, ParsedQuestion(intent="fact", needs_image=True)
    )
    assert abstention is not None
    assert abstention.reason == "no_model"


def test_a_tool_that_does_what_is_asked_speaks_for_its_card() -> None:
    pair = [card("a", "x"), card("b", "y", tool="restore")]
    enlarge = ParsedQuestion(intent="explain", operation="enlarge")
    matches, _ = asked(pair, {"a": 0.4, "b": 0.39}, enlarge)
    assert matches[0].card == "b"
    assert matches[0].reasons == ("why", "it can be run to enlarge a picture")
    matches, _ = asked(pair, {"a": 0.4, "b": 0.3}, ParsedQuestion(intent="explain"))
    assert matches[0].card == "a"


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("What does NAFNet do?", True),
        ("the licence of NAFNet", True),
        ("NAFNet's loss?", True),
        ("Is the NAFNet faster?", True),
        ("may we use NAFNet commercially?", True),
        ("Who made NAFNet?", True),
        ("features taken from NAFNet", False),
        ("a NAFNet checkpoint as the backbone", False),
        ("What does NAFNetwork do?", False),
    ],
)
def test_a_question_about_another_model_lowers_the_confidence(text: str, foreign: bool) -> None:
    index: Any = ScriptedIndex({"a": 0.4})
    registry = Registry.from_cards([card("a", "x")])
    (known,) = rank(Question(text=text), PARSED, registry, index, 5)
    mentions = ParsedQuestion(intent="fact", models=("NAFNet",))
    (asked,) = rank(Question(text=text), mentions, registry, index, 5)
    assert (asked.score < known.score) == foreign


def test_a_named_card_comes_first_however_well_others_fit() -> None:
    many = [card(f"c{i}", "x") for i in range(20)]
    fits = {c.id: 0.9 for c in many[:-1]}
    matches, abstention = asked(many, fits, named=[Mention("c19", 1.0, "C19", "name")])
    assert abstention is None
    assert [(m.card, m.margin) for m in matches] == [("c19", 0.0)]


@pytest.mark.parametrize(
    ("summary", "is_offered"), [("Removes blur.", False), ("Learns from 8x-BSRGAN.", True)]
)
def test_a_model_without_a_card_is_answered_for_by_a_card_that_speaks_of_it_or_by_none(
    summary: str, is_offered: bool
) -> None:
    other = card("a", "x").model_copy(update={"summary": summary})
    index: Any = ScriptedIndex({"a": 0.9})
    mentions = ParsedQuestion(intent="verify", models=("8x-BSRGAN",))
    question = Question(text="8x-BSRGAN licence")
    matches, abstention = match(question, mentions, Registry.from_cards([other]), index)
    assert bool(matches) == is_offered
    assert is_offered or (abstention and "8x-BSRGAN" in abstention.explanation)


def test_at_most_five_cards_are_offered() -> None:
    many = [card(f"c{i}", "same") for i in range(9)]
    matches, _ = asked(many, {c.id: 0.8 for c in many})
    assert [m.card for m in matches] == ["c0", "c1", "c2", "c3", "c4"]


def test_no_cards_at_all() -> None:
    matches, abstention = asked([], {})
    assert matches == ()
    assert abstention is not None
    assert abstention.nearest == ()


# --- curated answers ------------------------------------------------------------------------------


def near(holder: str, score: float) -> CuratedMatch:
    answer = CuratedAnswer(ask=(f"{holder} {score}?",), answer="Yes.", facts=("a/task",))
    return CuratedMatch(answer=answer, holder=holder, score=score)


def holders(
    text: str,
    *answers: CuratedMatch,
    matches: Sequence[str] = (),
    named: Sequence[str] = (),
    outside: float = 0.0,
    intent: Any = "fact",
) -> list[str]:
    """Of the curated answers to a question, best first."""
    names = [Mention(card, 1.0, card, "name") for card in named]
    held = {one.holder: one.score for one in answers}
    index: Any = ScriptedIndex({}, names, Nearness(answers=answers, holders=held, outside=outside))
    found = [Match(card=card, score=0.9, margin=0, reasons=()) for card in matches]
    parsed = ParsedQuestion(intent=intent)
    return [m.holder for m in curated_answers(Question(text=text), parsed, found, index)]


def test_the_nearest_answer_of_the_card_that_matches_comes_first() -> None:
    answers = near("a", 0.5), near("a", 0.7), near(SPANNING, 0.6)
    assert holders("q", *answers, matches=["a", "b"]) == ["a", SPANNING, "a"]


def test_answers_of_a_card_that_the_question_is_not_about_are_none() -> None:
    assert holders("q", near("b", 0.9), matches=["a", "b"]) == []


def test_an_answer_that_is_not_near_enough_is_none() -> None:
    assert holders("q", near("a", NEAR - 0.01), matches=["a"]) == []
    assert holders("q", near("a", NEAR), matches=["a"]) == ["a"]


def test_where_no_card_matches_an_answer_must_be_nearer_than_questions_from_outside() -> None:
    assert holders("q", near(SPANNING, 0.6), outside=0.58) == []
    assert holders("q", near(SPANNING, 0.6), outside=0.5) == [SPANNING]


def test_what_holds_for_all_does_not_answer_for_the_one_that_is_named() -> None:
    answers = near("a", 0.5), near(SPANNING, 0.9)
    assert holders("q", *answers, matches=["a"], named=["a"]) == ["a"]


def test_of_several_that_are_named_what_spans_them_answers() -> None:
    answers = near("a", 0.5), near(SPANNING, 0.9)
    assert holders("q", *answers, matches=["a", "b"], named=["a", "b"]) == [SPANNING, "a"]


@pytest.mark.parametrize(("intent", "first"), [("how_to", PROGRAM), ("fact", "a")])
def test_how_to_do_it_with_a_named_system_is_answered_by_this_program(
    intent: str, first: str
) -> None:
    answers = near("a", 0.5), near(PROGRAM, 0.6)
    assert holders("q", *answers, matches=["a"], named=["a"], intent=intent)[0] == first


@pytest.mark.parametrize(("intent", "answered"), [("how_to", [PROGRAM]), ("fact", [])])
@pytest.mark.parametrize("named", [["a"], ["a", "b"]])
def test_a_named_card_without_answers_is_answered_for_by_its_facts_and_not_by_this_program(
    intent: str, answered: list[str], named: list[str]
) -> None:
    assert holders("q", near(PROGRAM, 0.9), matches=["a"], named=named, intent=intent) == answered


def test_a_question_that_names_this_program_is_about_no_card_that_matches() -> None:
    answers = near("a", 0.9), near(PROGRAM, 0.6)
    assert holders("Does Groundglass send my picture?", *answers, matches=["a"]) == [PROGRAM]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What is LLaVAR?", {"llavar"}),
        ("Does groundglass cost anything?", {PROGRAM}),
        ("Does Groundglass run LLaVAR?", {"llavar"}),
        ("Is FeatSharp or LLaVAR faster?", {"featsharp", "llavar"}),
        ("Is it free?", set()),
    ],
)
def test_names_in_a_question(shipped: Shipped, text: str, names: set[str]) -> None:
    assert names_in(text, shipped.index) == names


# --- by words alone -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words_alone(shipped: Shipped) -> Index:
    """An index where no sentence can be embedded."""
    return Index.build(shipped.registry, "no model here")


@pytest.mark.parametrize(
    ("text", "card"),
    [
        (SEED, "mimo-unet-plus"),
        ("Which model reads the text on a book cover?", "llavar"),
        ("How can vision transformer features get a higher resolution?", "featsharp"),
        ("Do networks suppress saliency the way the brain does?", "saliency-semantic-rsa"),
        ("What is the capital of Brazil?", None),
        ("recipe for onion soup", None),
    ],
)
def test_words_alone_tell_what_a_question_is_about(
    shipped: Shipped, words_alone: Index, text: str, card: str | None
) -> None:
    matches, abstention = match(Question(text=text), parse(text), shipped.registry, words_alone)
    assert (matches[0].card if matches else None) == card
    assert (abstention is None) == (card is not None)


def test_words_alone_find_a_curated_answer(shipped: Shipped, words_alone: Index) -> None:
    text = "is it free for commercial use?"
    found = curated_answers(Question(text=text), parse(text), (), words_alone)
    assert found[0].holder == SPANNING
