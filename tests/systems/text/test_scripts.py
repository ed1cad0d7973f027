"""Letters that the recogniser does not know, as it has read them, and lines that it does know."""

from __future__ import annotations

import pytest

from agent.measures.legibility import Word
from agent.systems.text.ocr import Reading

#: What PP-OCR made of lines in black on white: text, mean confidence, that of each word's least
#: sure letter, and width of the ink in heights.
UNKNOWN = {
    "Привет, как дела?": (",  ?", 0.90, (0.94, 0.94), 8.0),
    "Вход запрещён": ("", 0.0, (), 7.0),
    "Цена 250 рублей за килограмм": (" 250   ", 0.83, (0.87,), 14.0),
    "Улица Шипка номер 12": ("   12", 0.84, (0.86,), 10.0),
    "Καλημέρα σας": ("αλημρα σα", 0.87, (0.59, 0.90), 6.0),
    "Τιμή: 12,50 ευρώ": ("Tιμ: 12,50 ευρ", 0.94, (0.65, 0.98, 1.0), 8.0),
    "שלום עולם": ("071 0170", 0.71, (0.56, 0.49), 5.0),
    "יציאת חירום": ("DI'n '", 0.61, (0.33, 0.97), 6.0),
    "Բարի գալուստ": ("Fu qunum", 0.65, (0.39, 0.48), 6.5),
    "კეთილი იყოს": ("0 ogb od3o", 0.60, (0.57, 0.36, 0.24, 0.71), 8.0),
}
KNOWN = {
    "No entry": ("No entry", 1.0, (1.0, 1.0), 3.5),
    "12:45": ("12:45", 0.99, (0.99,), 2.0),
    "E X I T": ("E XIT", 0.91, (1.0, 0.53), 1.9),
    "Wyjście ewakuacyjne": ("Wyjście ewakuacyjne", 0.97, (1.0, 0.51), 6.9),
    "禁止吸烟请勿入内": ("禁止吸烟请勿入内", 0.98, (0.9,) * 8, 7.6),
    "出口はこちらです": ("出口はこちらです", 0.97, (0.9,) * 8, 7.2),
    "α = 2π / λ": ("α = 2π / λ", 0.92, (0.7, 1.0, 0.8, 0.9, 0.6), 3.0),
}


def reading(text: str, confidence: float, sure: tuple[float, ...], ink: float) -> Reading:
    words = text.split() if len(text.split()) == len(sure) else list(text.strip())
    return Reading(text, confidence, tuple(map(Word, words, sure)), ink)


@pytest.mark.parametrize("line", UNKNOWN)
def test_a_line_in_an_unknown_script_is_no_text(line: str) -> None:
    text, confidence, sure, ink = UNKNOWN[line]
    assert not reading(text, confidence, sure, ink).is_text


@pytest.mark.parametrize("line", KNOWN)
def test_a_line_in_a_known_script_is_text(line: str) -> None:
    text, confidence, sure, ink = KNOWN[line]
    assert reading(text, confidence, sure, ink).is_text
