"""The closed set of tags, and the words that lead to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import ConfigError
from agent.question.lexicon import EFFECTS, TAGS, TOPICS, Tag, operations, tags_in
from agent.question.words import fold, pattern_of, words


def test_every_tag_is_an_effect_or_a_topic() -> None:
    assert sorted(TAGS) == sorted((*EFFECTS, *TOPICS))


@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
def test_every_tag_has_words_for_prose_and_an_effect_has_others_for_a_complaint(tag: Tag) -> None:
    assert tag.phrase and tag.complaint
    assert (tag.phrase != tag.complaint) is (tag.id in EFFECTS)


@pytest.mark.parametrize("tag", TAGS)
def test_every_tag_is_triggered_by_its_own_name(tag: str) -> None:
    assert tag in tags_in(f"tell me about the {tag.replace('-', ' ')}")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("without introducing blur", "blur"),
        ("it hallucinates letters", "hallucination"),
        ("Lossy? no: which LOSSES", "loss"),
        ("coarse-to-fine", "multi-scale"),
        ("die Ränder sind unscharf", "edges"),
        ("la netteté", "sharpness"),
        ("文字清晰", "text"),
        ("What does it take as input?", "inputs"),
        ("what goes into FeatSharp", "inputs"),
        ("What does the network output?", "outputs"),
        ("which output formats are there", "outputs"),
    ],
)
def test_words_as_people_write_them(text: str, tag: str) -> None:
    assert tag in tags_in(text)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("explain it in detail", "detail"),
        ("a loss of colour", "loss"),
        ("it is clear to me", "sharpness"),
        ("in other words", "text"),
        ("a licence plate", "licence"),
        ("how much context", "text"),
        ("the company converted", "architecture"),
        ("the conversation", "comparison"),
        ("add it to the input", "inputs"),
        ("the picture that comes out of it is sharp", "outputs"),
    ],
)
def test_words_that_mean_something_else(text: str, tag: str) -> None:
    assert tag not in tags_in(text)


def test_an_idiom_hides_only_itself() -> None:
    assert "detail" in tags_in("explain in detail the loss of detail")
    assert "loss" not in tags_in("explain in detail the loss of detail")


def test_tags_come_in_text_order_once() -> None:
    assert tags_in("sharp edges, text, and sharp edges") == ("sharpness", "edges", "text")


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("I blew the picture up", "enlarge"),
        ("transcribe the sign in the picture", "read_text"),
        ("transcribe my podcast to text", None),
        ("increase the image resolution", "enlarge"),
        ("remove the motion blur", "deblur"),
        ("read the text", "read_text"),
        ("readable text", None),
        ("sharper feature maps", "sharpen_features"),
        ("representational similarity analysis", "compare_representations"),
        ("what does the licence say", None),
    ],
)
def test_words_lead_to_the_operation_that_they_ask_for(text: str, operation: str | None) -> None:
    found = operations(words(text))
    assert (found[0][0] if found else None) == operation


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("How are upsampled features made?", ["sharpen_features", "enlarge"]),
        ("sharpen the features", ["sharpen_features", "deblur"]),
        ("make it bigger and sharper", ["enlarge", "deblur"]),
        ("make it sharper and bigger", ["enlarge", "deblur"]),
    ],
)
def test_at_one_word_more_words_come_first_and_then_the_catalogue(
    text: str, named: list[str]
) -> None:
    assert [operation for operation, _, _ in operations(words(text))] == named


@pytest.mark.parametrize("trigger", ["", "..", "sharp* ..", "a.b", "*", "sharp, crisp"])
def test_a_trigger_that_no_text_could_hold_is_refused(trigger: str) -> None:
    with pytest.raises(ConfigError, match="triggers nothing"):
        pattern_of(trigger)


@given(st.text(max_size=200))
def test_words_stand_where_they_say(text: str) -> None:
    for word in words(text):
        assert word.text
        assert text[word.start : word.end]


@given(st.text(max_size=100))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
