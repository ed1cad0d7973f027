"""A follow-up becomes a question that stands alone, or a look at the last answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.registry import Registry
from agent.search.follow_up import FollowUp, Look, follow_up
from agent.search.index import Index
from agent.types import Card, Turn

LINKS = {"paper": "https://example.org/paper"}
REGISTRY = Registry.from_cards(
    [
        Card(
            id="mimo", name="MIMO-UNet-Plus", aliases=("MIMO-UNet+",), task="deblurring",
            summary="It deblurs.", links=LINKS,
        ),
        Card(id="llavar", name="LLaVAR", task="reading", summary="It reads.", links=LINKS),
        Card(id="sharp", name="FeatSharp", task="features", summary="It refines.", links=LINKS),
    ]
)  # fmt: skip
INDEX = Index.build(REGISTRY, "no embedder")
FAST = Turn(question="How fast is FeatSharp?", cards=("sharp", "mimo"))


def after(turn: Turn, text: str) -> FollowUp:
    return follow_up(text, (turn,), REGISTRY, INDEX)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("and how many parameters?", "How many parameters does FeatSharp have?"),
        ("how much memory", "How much memory does FeatSharp have?"),
        ("how big?", "How big is FeatSharp?"),
        ("which loss?", "Which loss does FeatSharp use?"),
        ("what licence", "What licence does FeatSharp have?"),
        ("what about licence?", "What about the licence of FeatSharp?"),
        ("and training data?", "What about the training data of FeatSharp?"),
        ("and its licence?", "FeatSharp’s licence?"),
        ("does it need a GPU?", "Does FeatSharp need a GPU?"),
        ("who made it?", "Who made FeatSharp?"),
        ("when?", "When was FeatSharp published?"),
        ("who?", "Who made FeatSharp?"),
        ("and on a laptop?", "How fast is FeatSharp on a laptop?"),
        ("and LLaVAR?", "How fast is LLaVAR?"),
        ("what about llavar", "How fast is LLaVAR?"),
        ("no, I meant mimo-unet+", "How fast is MIMO-UNet+?"),
        ("and SwinIR?", "How fast is SwinIR?"),
        ("the other one", "How fast is MIMO-UNet-Plus?"),
        ("say that in simple words", "How fast is FeatSharp, in simple words?"),
        ("explain it like i'm five", "How fast is FeatSharp, in simple words?"),
    ],
)
def test_what_is_left_out_comes_from_the_question_before(text: str, alone: str) -> None:
    assert after(FAST, text) == FollowUp(alone)


@pytest.mark.parametrize(
    "text",
    [
        "How does LLaVAR read a poster?",
        "Why is the sky blue?",
        "Is my photo sharp?",
        "is it true that letters are invented?",
        "does it matter?",
        "and if I enlarge it first?",
        "it is wrong",
        "how much better?",
        "what now?",
        "thanks",
        "and?",
        "x" * 600,
        "Was kostet das?",
    ],
)
def test_what_stands_alone_or_cannot_be_completed_stays(text: str) -> None:
    assert after(FAST, text) == FollowUp(text)


@pytest.mark.parametrize(
    ("text", "look", "number"),
    [
        ("shorter", "shorter", None),
        ("can you make it a bit shorter, please?", "shorter", None),
        ("too long", "shorter", None),
        ("tl;dr", "shorter", None),
        ("in one sentence", "shorter", None),
        ("longer", "longer", None),
        ("more detail please", "longer", None),
        ("tell me more", "longer", None),
        ("show me the table", "table", None),
        ("what did you measure?", "table", None),
        ("what was the second reference", "reference", 2),
        ("show the last source", "reference", -1),
        ("reference 3", "reference", 3),
        ("the 3rd reference", "reference", 3),
        ("references", "reference", None),
        ("where is that from?", "reference", None),
        ("are you sure?", "sure", None),
        ("really?", "sure", None),
        ("how do you know that", "sure", None),
        ("repeat", "repeat", None),
        ("say that again", "repeat", None),
        ("why?", "longer", None),
    ],
)
def test_some_look_at_the_last_answer(text: str, look: Look, number: int | None) -> None:
    assert after(FAST, text) == FollowUp(text, look, number)


@pytest.mark.parametrize(
    ("earlier", "text", "alone"),
    [
        ("Is LLaVAR better than FeatSharp?", "why?", "Why is LLaVAR better than FeatSharp?"),
        ("my picture is still blurry", "why?", "my picture is still blurry. Why?"),
        ("Is LLaVAR better than FeatSharp?", "and MIMO-UNet+?",
         "Is LLaVAR better than MIMO-UNet+?"),
        ("is it free to use?", "and LLaVAR?", "Is LLaVAR free to use?"),
        ("What is blur?", "and LLaVAR?", "What about LLaVAR? What is blur?"),
        ("How fast is FeatSharp on a GPU?", "and on a laptop?",
         "How fast is FeatSharp on a laptop?"),
    ],
)  # fmt: skip
def test_it_depends_on_the_question_before(earlier: str, text: str, alone: str) -> None:
    assert after(Turn(question=earlier, cards=("mimo", "llavar")), text) == FollowUp(alone)


def test_a_chain_of_follow_ups_keeps_its_subject() -> None:
    turns = [FAST]
    for text in ("and how many parameters?", "and LLaVAR?", "and its licence?"):
        alone = follow_up(text, turns, REGISTRY, INDEX).text
        turns.append(Turn(question=alone, cards=("llavar",) if "LLaVAR" in alone else ("sharp",)))
    assert [turn.question for turn in turns[1:]] == [
        "How many parameters does FeatSharp have?",
        "How many parameters does LLaVAR have?",
        "LLaVAR’s licence?",
    ]


def test_without_a_question_before_or_a_card_that_is_still_there_nothing_is_added() -> None:
    assert follow_up("shorter", (), REGISTRY, INDEX) == FollowUp("shorter")
    gone = Turn(question="How fast is it?", cards=("gone",))
    for text in ("and how many parameters?", "the other one"):
        assert after(gone, text) == FollowUp(text)


@settings(max_examples=150, deadline=None)
@given(text=st.text(min_size=1, max_size=80), earlier=st.text(min_size=1, max_size=80))
def test_any_text_comes_back_as_a_question(text: str, earlier: str) -> None:
    follow = after(Turn(question=earlier, cards=("mimo", "llavar")), text)
    assert isinstance(follow.text, str)
    assert len(follow.text) <= len(text) + len(earlier) + 60
