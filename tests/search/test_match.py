"""Which cards are offered, in which order, with what reasons; and when none is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent import registry as registries
from agent.files import DEFAULT_REGISTRY
from agent.question.parse import parse
from agent.registry import Registry
from agent.search import Hit, Index, Named
from agent.search.match import abstain_unseen, fitted, match, rank
from agent.types import Abstention, Card, Match, ParsedQuestion, Question, RunResult

SEED = (
    "I upscaled a web image by 3× and the AI kept edges sharp and text readable. How does this "
    "model preserve structure so clearly without introducing blur?"
)


class Shipped:
    """The registry that ships, with its index."""

    def __init__(self, cache: Path) -> None:
        self.registry = registries.load(DEFAULT_REGISTRY, cache)
        self.index = Index.open(self.registry, cache)

    def ask(self, text: str, **more: Any) -> tuple[tuple[Match, ...], Abstention | None]:
        return match(Question(text=text, **more), parse(text), self.registry, self.index)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    return Shipped(tmp_path_factory.getbasetemp() / "cache")


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
    assert "below the" in abstention.explanation or "shares a word" in abstention.explanation


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


def card(id: str, task: str, **more: Any) -> Card:
    return Card(id=id, name=id.upper(), task=task, summary="s", links={}, **more)


class Told:
    """An index that finds what it is told to."""

    mode = "hybrid"
    tasks, texts_per_card = 4, 10.0

    def __init__(self, scores: dict[str, float], named: Sequence[Named] = ()) -> None:
        self._scores, self._named = scores, list(named)

    def search(self, query: str, limit: int = 10, hints: Sequence[str] = ()) -> list[Hit]:
        ordered = sorted(self._scores.items(), key=lambda item: -item[1])
        return [Hit(id, score, score, score, lambda: ("why",)) for id, score in ordered][:limit]

    def named(self, text: str) -> list[Named]:
        return self._named


PARSED = ParsedQuestion(intent="explain")


def asked(
    cards: Sequence[Card],
    scores: dict[str, float],
    parsed: ParsedQuestion = PARSED,
    named: Sequence[Named] = (),
    images: tuple[Path, ...] = (),
) -> tuple[tuple[Match, ...], Abstention | None]:
    index: Any = Told(scores, named)
    question = Question(text="a question", images=images)
    return match(question, parsed, Registry.from_cards(cards), index)


def test_unrelated_cards_that_are_equally_likely_are_ambiguous() -> None:
    pair = [card("a", "deblurring"), card("b", "translation")]
    close = {"a": 0.36, "b": 0.355}
    matches, abstention = asked(pair, close)
    assert matches == ()
    assert abstention is not None
    assert abstention.reason == "ambiguous"
    assert "A (deblurring) and B (translation)" in abstention.explanation
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
    matches, abstention = asked(pair, {"a": 0.4, "b": 0.1}, named=[Named("b", 1.0, "Bee", "name")])
    assert abstention is None
    assert matches[0].card == "b"
    assert matches[0].reasons[0] == "named in the question: “Bee”"


def test_a_named_card_that_the_search_does_not_find_is_matched() -> None:
    matches, _ = asked([card("a", "x")], {}, named=[Named("a", 1.0, "arxiv:1", "arXiv id")])
    assert [m.card for m in matches] == ["a"]
    assert matches[0].reasons == ("its arXiv id is in the question: 1",)


def test_a_misspelling_counts_less_than_the_name() -> None:
    def score(kind: str, certainty: float) -> float:
        return asked([card("a", "x")], {"a": 0.1}, named=[Named("a", certainty, "Ay", kind)])[0][
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
        ("features taken from NAFNet", False),
        ("a NAFNet checkpoint as the backbone", False),
        ("What does NAFNetwork do?", False),
    ],
)
def test_a_question_about_another_model_lowers_the_confidence(text: str, foreign: bool) -> None:
    index: Any = Told({"a": 0.4})
    registry = Registry.from_cards([card("a", "x")])
    (known,) = rank(Question(text=text), PARSED, registry, index, 5)
    mentions = ParsedQuestion(intent="fact", models=("NAFNet",))
    (asked,) = rank(Question(text=text), mentions, registry, index, 5)
    assert (asked.score < known.score) == foreign


def test_at_most_five_cards_are_offered() -> None:
    many = [card(f"c{i}", "same") for i in range(9)]
    matches, _ = asked(many, {c.id: 0.8 for c in many})
    assert [m.card for m in matches] == ["c0", "c1", "c2", "c3", "c4"]


def test_no_cards_at_all() -> None:
    matches, abstention = asked([], {})
    assert matches == ()
    assert abstention is not None
    assert abstention.nearest == ()


# --- what was fitted ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["hybrid", "lexical"])
def test_the_fitted_file_justifies_its_threshold(mode: str) -> None:
    found = fitted(mode)
    assert 0 < found["threshold"] < 1
    assert found["weights"]["score"] > 0 > found["weights"]["foreign"]
    full = found["held_out"]["as it ships"]
    assert full["auroc"][1] > 0.8
    assert full["false positive rate"] <= 0.2


@pytest.mark.parametrize(
    ("needs_image", "statuses", "abstains"),
    [
        (True, ("skipped", "failed"), True),
        (True, ("skipped", "ran"), False),
        (True, (), False),
        (False, ("failed",), False),
    ],
)
def test_a_question_about_a_picture_that_no_tool_saw_is_not_answered(
    needs_image: bool, statuses: tuple[Any, ...], abstains: bool
) -> None:
    parsed = ParsedQuestion(intent="explain", needs_image=needs_image)
    runs = [
        RunResult(card="net", tool="t", image="a.png", status=status, reason=f"was {status}")
        for status in statuses
    ]
    abstention = abstain_unseen(parsed, runs)
    assert (abstention is not None) == abstains
    if abstention:
        assert abstention.reason == "image_unusable" and abstention.nearest == ("net",)
        assert "a.png: was skipped; a.png: was failed" in abstention.explanation
