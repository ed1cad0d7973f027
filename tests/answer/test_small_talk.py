"""Small talk gets a line that states nothing about a system."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.answer.small_talk import LONGEST, reply_to
from agent.question.names import models
from agent.references import references_in
from agent.types import ParsedQuestion, Turn

CHAT = ParsedQuestion(intent="chat")
TURNS = (Turn(question="How fast is it?", cards=("mimo",)),)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("thanks", "You’re welcome."),
        ("ok thank you so much", "You’re welcome."),
        ("Hello there!", "Hello."),
        ("good morning", "Hello."),
        ("good night", "Goodbye."),
        ("bye", "Goodbye."),
        ("how are you today?", "Ready when you are."),
        ("tell me a joke", "That is not what"),
        ("this is useless", "Sorry"),
        ("that is wrong", "Sorry"),
        ("I don't get it", "Say which sentence is unclear"),
        ("why?", "Please ask the whole question"),
        ("and why", "Please ask the whole question"),
        ("hm", "All right."),
        ("shorter", "There is no earlier answer to refer to."),
        ("the other one", "There is no earlier answer to refer to."),
        ("🙂", "Ask a question"),
    ],
)
def test_each_kind_of_small_talk_has_its_reply(text: str, begins: str) -> None:
    assert reply_to(text, CHAT).startswith(begins)


@pytest.mark.parametrize(
    ("text", "language"), [("vielen Dank", "de"), ("merci beaucoup", "fr"), ("谢谢", "zh")]
)
def test_thanks_are_understood_in_other_languages(text: str, language: str) -> None:
    assert reply_to(text, ParsedQuestion(intent="chat", language=language)) == "You’re welcome."


def test_within_a_conversation_nobody_is_told_that_it_has_not_begun() -> None:
    assert reply_to("the other one", CHAT, TURNS) == (
        "Ask the whole question again, with the name of the system."
    )
    assert reply_to("ok", CHAT, TURNS).startswith("All right.")


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=600))
def test_a_reply_is_short_and_holds_nothing_of_the_text(text: str) -> None:
    for turns in ((), TURNS):
        reply = reply_to(text, CHAT, turns)
        assert 0 < len(reply.split()) <= LONGEST
        assert reply.isprintable() and not references_in(reply) and not models(reply)
