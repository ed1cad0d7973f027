"""What counts as a changed letter, on readings made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from agent.measures.legibility import Word
from agent.systems.model_comparison.text_as_read import changed_places, text_measurements
from agent.systems.text.ocr import Reading
from agent.systems.text.tool import Line

TEXT = "Depth of field and other matters"


def reading(text: str, sure: float = 0.99) -> Reading:
    words = tuple(Word(word, sure) for word in text.split())
    return Reading(text, sure, words, ink=len(text) / 2)


def line(before: Reading, after: Reading, top: int = 10) -> Line:
    box = np.array([[9, top], [300, top], [300, top + 30], [9, top + 30]], np.float32)
    return Line(box, (before, after))


def found(*lines: Line) -> dict[str, float]:
    return {item.key: item.value for item in text_measurements(lines, "a reader")}


def test_the_same_letters_agree_wholly() -> None:
    same = [line(reading(TEXT), reading(TEXT), 40 * i) for i in range(5)]
    assert found(*same) == {
        "text-agreement": 100, "text-changed": 0, "text-doubtful": 0, "text-alone": 0
    }  # fmt: skip
    (first, *_) = text_measurements(same, "a reader")
    assert first.interval == (100, 100)


def test_a_changed_letter_counts_and_both_readings_are_told() -> None:
    changed = line(reading(TEXT), reading(TEXT.replace("Depth", "Dopth"), 0.7))
    values = found(changed)
    assert (values["text-changed"], values["text-doubtful"]) == (1, 1)
    assert values["text-agreement"] == pytest.approx(100 * (1 - 1 / 27), abs=0.1)
    (place,) = changed_places([changed], (400, 400))
    assert (place.before, place.after, place.doubtful) == ("Depth", "Dopth", True)
    assert place.line == (9, 10, 300, 40) and place.words == (0, 1) and 9 <= place.x <= 100
    assert place.where == "near the top left"


def test_a_space_read_otherwise_changes_no_letter() -> None:
    joined = line(reading(TEXT), reading(TEXT.replace("of field", "offield")))
    assert found(joined)["text-agreement"] == 100 and not found(joined)["text-changed"]
    assert list(changed_places([joined], (400, 400))) == []


def test_a_picture_that_cannot_be_read_is_no_witness() -> None:
    unreadable = line(reading("Dcbth nf fjcld anb othcr nattors", 0.3), reading(TEXT))
    assert found(unreadable) == {"text-alone": 1}
    assert list(changed_places([unreadable], (400, 400))) == []


def test_a_few_characters_say_nothing() -> None:
    assert found(line(reading("a b"), reading("a c"))) == {"text-alone": 0}
    assert found() == {"text-alone": 0}


def test_words_of_a_picture_steer_nothing() -> None:
    hostile = line(reading(TEXT), reading(TEXT.replace("Depth", "\x1b[2J“https://evil.example”")))
    (place,) = changed_places([hostile], (400, 400))
    assert "\x1b" not in place.after and "evil.example" not in place.after
