"""Verb forms and word classes, as telling a question back needs them."""

from __future__ import annotations

import pytest

from agent.answer import english
from agent.answer.english import (
    AUXILIARIES,
    DETERMINERS,
    EITHER,
    VERBS,
    is_finite,
    is_participle,
    is_third_person,
    past,
    third_person,
)


@pytest.mark.parametrize(
    ("verb", "third", "went"),
    [
        ("sharpen", "sharpens", "sharpened"),
        ("restore", "restores", "restored"),
        ("carry", "carries", "carried"),
        ("play", "plays", "played"),
        ("process", "processes", "processed"),
        ("sketch", "sketches", "sketched"),
        ("do", "does", "did"),
        ("be", "is", "was"),
        ("have", "has", "had"),
        ("make", "makes", "made"),
        ("cut", "cuts", "cut"),
        ("fix", "fixes", "fixed"),
    ],
)
def test_a_verb_has_a_third_person_and_a_past(verb: str, third: str, went: str) -> None:
    assert (third_person(verb), past(verb)) == (third, went)


@pytest.mark.parametrize(
    ("verb", "went"),
    [
        ("blur", "blurred"),
        ("deblur", "deblurred"),
        ("crop", "cropped"),
        ("prefer", "preferred"),
        ("overlap", "overlapped"),
        ("offer", "offered"),
        ("clean", "cleaned"),
        ("show", "showed"),
        ("print", "printed"),
    ],
)
def test_the_last_letter_is_doubled_where_spelling_wants_it(verb: str, went: str) -> None:
    assert past(verb) == went


def test_the_past_of_every_verb_is_finite() -> None:
    assert [verb for verb in VERBS if not is_finite(past(verb))] == []


def test_the_third_person_of_what_is_no_noun_is_finite() -> None:
    assert [verb for verb in VERBS - EITHER if not is_finite(third_person(verb))] == []


def test_the_third_person_of_what_may_be_a_noun_is_only_possibly_a_verb() -> None:
    forms = {third_person(verb) for verb in EITHER}
    assert all(map(is_third_person, forms))
    assert not any(map(is_finite, forms))


def test_auxiliaries_are_finite_and_determine_nothing() -> None:
    assert all(map(is_finite, AUXILIARIES))
    assert AUXILIARIES.isdisjoint(DETERMINERS)


@pytest.mark.parametrize("word", ["trained", "shown", "made", "blurred", "written"])
def test_past_participles_are_recognised(word: str) -> None:
    assert is_participle(word)


@pytest.mark.parametrize("word", ["need", "speed", "seed", "hundred", "red", "run", "sharpen"])
def test_words_that_only_end_like_a_participle_are_none(word: str) -> None:
    assert not is_participle(word)


@pytest.mark.parametrize(
    "name", [name for name, value in vars(english).items() if isinstance(value, frozenset)]
)
def test_every_word_is_in_lower_case(name: str) -> None:
    assert all(word == word.lower() for word in vars(english)[name])
