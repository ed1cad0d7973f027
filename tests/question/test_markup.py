"""The words of a question, without what it came wrapped in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.markup import words_only
from agent.question.parse import parse


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How <b>fast</b> is it?", "How fast is it?"),
        ("<p>My scan is soft.</p><p>Why?</p>", "My scan is soft. Why?"),
        ("<div class='x'>what is <i>FeatSharp</i></div>", "what is FeatSharp"),
        ("<script>alert(1)</script>which loss<!-- no -->", "which loss"),
        ("5 &lt; 7 &amp; why&#63;", "5 < 7 & why?"),
        ("is a < b and c > d", "is a < b and c > d"),
        ("what is **FeatSharp**, and _why_?", "what is FeatSharp, and why?"),
        ("see [the paper](https://a.org/b.pdf) first", "see the paper first"),
        ("![a cat](cat.png) why", "a cat why"),
        ("# Speed\n\nHow fast?", "Speed. How fast?"),
        ("- which loss\n- which data", "which loss. which data"),
        ("why?\n```py\nloss = 0\n```\nthanks", "why? thanks"),
        ("I ran `LLaVAR` and `x = y(2)` once", "I ran LLaVAR and once"),
        ("look at https://example.com/x?y=1 please", "look at please"),
        ("why??? really!!!", "why? really!"),
        ("what?!?! no...", "what? no"),
        ("fast 🚀🚀 and free 😀?", "fast and free ?"),
        ("MIMO-UNet+ by 3× → 4×", "MIMO-UNet+ by 3× → 4×"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
    ],
)
def test_markup_is_removed_and_words_are_kept(text: str, words: str) -> None:
    assert words_only(text) == words


def test_an_email_is_read_for_its_question() -> None:
    mail = (
        "From: Jo <jo@example.org>\nTo: help@example.org\nDate: Mon, 1 Jan 2024\n"
        "Subject: Re: Fwd: soft scans\n\nDear all,\n\nI scanned old slides and some are soft.\n"
        "Which tool should I use?\n\nKind regards,\nJo Smith\nSmith Photo Ltd\n"
    )
    parsed = parse(mail)
    assert parsed.intent == "compare"
    assert parsed.search_text == (
        "soft scans. Dear all, I scanned old slides and some are soft. Which tool should I use?"
    )


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        ("How fast is it?", ""),
        ("Could you please tell me how fast it is? Thanks!", "how fast it is?"),
        ("Hi all! Thanks for the tool. Which loss does it use?", "Which loss does it use?"),
        ("Please, which licence has it?", "which licence has it?"),
        ("thanks", ""),
        ("???", "?"),
    ],
)
def test_politeness_is_not_searched(text: str, searched: str) -> None:
    assert parse(text).search_text == searched


def test_of_a_long_text_the_asking_sentences_are_searched() -> None:
    idle = "I have been walking in the hills for many years and it was sunny. " * 10
    text = f"{idle}Now my scans come out soft. Can MIMO-UNet+ mend that? {idle}"
    assert parse(text).search_text == "Now my scans come out soft. Can MIMO-UNet+ mend that?"


@given(st.text("<>`*_[]()#-&;!?.@:/ \nabc", max_size=200))
def test_broken_markup_does_no_harm(text: str) -> None:
    words_only(text)
    parse(text)
