"""Which words of a question an answer prints, and how they are spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.answer.printable import LONGEST, SPACE, Names, begun, prepared
from agent.text import first_unsafe
from agent.types import Card, ParsedQuestion

CARDS = [
    Card(
        id="mimo", name="MIMO-UNet+", task="deblurring", summary="s", links={},
        aliases=("Deblur MIMO",),
    ),
    Card(id="llavar", name="LLaVAR", task="reading", summary="s", links={}),
]  # fmt: skip
NAMES = Names(ParsedQuestion(intent="fact", models=("restormer",)), CARDS)


def printed(text: str) -> str | None:
    words = prepared(text, NAMES)
    return None if words is None else " ".join(words).replace(SPACE, " ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is mimo-unet+ fast", "is MIMO-UNet+ fast"),
        ("is MIMO UNet+ fast", "is MIMO-UNet+ fast"),
        ("Is llavar fast?", "is LLaVAR fast"),
        ("does restormer blur", "does Restormer blur"),
        ("what does deblur mimo do", "what does Deblur MIMO do"),
    ],
)
def test_names_are_spelt_as_on_their_cards(text: str, expected: str) -> None:
    assert printed(text) == expected


def test_a_name_of_several_words_is_one_word() -> None:
    assert prepared("why Deblur MIMO?", NAMES) == ["why", f"Deblur{SPACE}MIMO"]


def test_a_part_of_a_longer_word_is_no_name() -> None:
    assert NAMES.join_names("a/LLaVAR and LLaVARs") == "a/LLaVAR and LLaVARs"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what's the loss", "what is the loss"),
        ("if it's sharp im happy", "if it is sharp I am happy"),
        ("it doesn't blur", "it does not blur"),
        ("my pics are sharp", "my pictures are sharp"),
        ("can't it be faster", "cannot it be faster"),
    ],
)
def test_short_forms_are_written_out(text: str, expected: str) -> None:
    assert printed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("does it need a gpu", "does it need a GPU"),
        ("is a jpeg enough", "is a JPEG enough"),
        ("it runs in pytorch", "it runs in PyTorch"),
    ],
)
def test_names_of_the_field_get_their_capitals(text: str, expected: str) -> None:
    assert printed(text) == expected


def test_shouting_is_not_repeated() -> None:
    assert printed("WHY ARE THE EDGES SO SHARP") == "why are the edges so sharp"


@pytest.mark.parametrize("text", ["so why is it sharp?", "Okay, why is it sharp", "Hi! "])
def test_words_that_only_lead_to_a_question_are_left_out(text: str) -> None:
    assert not (printed(text) or "").startswith(("so", "okay", "hi"))


@pytest.mark.parametrize("text", ["Thanks a lot", "thank you", "I have a question"])
def test_nothing_is_told_back_of_thanks_and_announcements(text: str) -> None:
    assert prepared(text, NAMES) == []


@pytest.mark.parametrize(
    "text",
    [
        "why is it shrap",  # a slip
        "why is it xqzt",  # no word at all
        "see https://evil.example for it",
        "why\x1b[2J is it sharp",
        "why \u202eis it sharp",
        "why is it <b>sharp</b>",
        'why is it "sharp',
        "why is it sharp;; really",
        "is it sharp " * 40,
    ],
)
def test_what_may_be_no_english_or_does_harm_is_not_printed(text: str) -> None:
    assert prepared(text, NAMES) is None


@given(st.text(max_size=LONGEST + 20))
def test_nothing_that_steers_a_terminal_or_leads_elsewhere_is_printed(text: str) -> None:
    words = prepared(text, NAMES)
    if words:
        line = " ".join(words).replace(SPACE, " ")
        assert first_unsafe(line) is None
        assert len(line.splitlines()) == 1
        assert not set("<>`|[]{}\\") & set(line)


@given(st.lists(st.sampled_from(["so", "and", "why", "is", "it", "then"])))
def test_what_begins_a_sentence_is_left_out_and_the_rest_stays(words: list[str]) -> None:
    rest = begun(words)
    assert words[len(words) - len(rest) :] == rest
    assert rest[:1] in ([], ["why"], ["is"], ["it"])
