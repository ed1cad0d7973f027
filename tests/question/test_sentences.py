"""Sentences and clauses of a question, without what is only polite."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.sentences import plain, prose_sentences, sentences


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hi, why is it sharp?", "why is it sharp?"),
        ("Hello! Why is it sharp? Thanks!", "Why is it sharp?"),
        ("why is it sharp? thank you", "why is it sharp?"),
        ("“Why is it sharp?”", "Why is it sharp?"),
        ("  why   is it\nsharp? 🙏", "why is it sharp?"),
    ],
)
def test_greetings_thanks_and_quotation_marks_are_left_out(text: str, rest: str) -> None:
    assert plain(text) == rest


@pytest.mark.parametrize("text", ["Thanks!", "hi", "Hello 👍"])
def test_of_politeness_alone_something_is_left(text: str) -> None:
    assert plain(text)


@pytest.mark.parametrize("text", ['"a" and "b"', "is it 'sharp'"])
def test_quotation_marks_inside_a_question_stay(text: str) -> None:
    assert plain(text) == text


@given(st.text(max_size=60))
def test_what_is_plain_stays_on_one_line_and_invents_no_letter(text: str) -> None:
    rest = plain(text)
    assert rest in " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It is sharp. Why?", [("It is sharp", False), ("Why", True)]),
        ("why is it sharp", [("why is it sharp", False)]),
        ("它清晰吗？为什么？", [("它清晰吗", True), ("为什么", True)]),
        ("a.png is 2.5x larger. Why?", [("a.png is 2.5x larger", False), ("Why", True)]),
        ("It is sharp – why?", [("It is sharp", False), ("why", True)]),
    ],
)
def test_sentences_end_at_their_marks_and_not_inside_words_and_numbers(
    text: str, parts: list[tuple[str, bool]]
) -> None:
    found = [(s.text.strip(" .?？"), s.asks) for s in sentences(text)]
    assert found == parts


@given(st.text(max_size=60))
def test_there_is_always_a_sentence(text: str) -> None:
    assert sentences(text)


def test_clauses_are_parted_by_commas_and_not_by_hyphens() -> None:
    (sentence,) = sentences("I enlarged it, and the well-known edges, they're sharp")
    assert sentence.clauses == ["i enlarged it", "and the well known edges", "they re sharp"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It is fast, cf. Table 2. It is good.", ["It is fast, cf. Table 2.", "It is good."]),
        ("It reads text, e.g. Signs. Good.", ["It reads text, e.g. Signs.", "Good."]),
        ("**It is sharp.** Why? Ask.", ["**It is sharp.**", "Why?", "Ask."]),
        ("", []),
    ],
)  # fmt: skip
def test_prose_is_cut_after_sentences_and_not_after_abbreviations(
    text: str, parts: list[str]
) -> None:
    assert prose_sentences(text) == parts
