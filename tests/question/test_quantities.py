"""Quantities are read in digits and in words, with their units, in every language of a lexicon."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.quantities import is_rounded, ordered_pairs, quantities


def read(text, language="en"):
    return [(q.value, q.base_unit) for q in quantities(text, language)]


def values(text, language="en"):
    return [q.value for q in quantities(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("forty-seven steps", "en", 47),
        ("four hundred and twenty-two thousand pictures", "en", 422_000),
        ("13 billion numbers", "en", 13 * 10**9),
        ("siebenundvierzig Schritte", "de", 47),
        ("zweitausenddreihundert Bilder", "de", 2_300),
        ("16,1 Millionen Werte", "de", 16_100_000),
        ("quatre-vingt-dix images", "fr", 90),
        ("47 000 images", "fr", 47_000),
        ("cuatrocientas veintidós mil imágenes", "es", 422_000),
        ("quattrocento immagini", "it", 400),
        ("vierhonderd drieëntwintig beelden", "nl", 423),
        ("quatrocentas e vinte e duas mil imagens", "pt", 422_000),
        ("422 тысячи картинок", "ru", 422_000),
        ("四十七张图片", "zh", 47),
        ("4.7万张图片", "zh", 47_000),
        ("三つのサイズ", "ja", 3),
        ("세 가지 크기", "ko", 3),
        ("4.7만 장", "ko", 47_000),
        ("٤٧ صورة", "ar", 47),
    ],
)
def test_numbers_are_read(text, language, value):
    assert values(text, language) == [value]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("half the size", "en", Fraction(1, 2)),
        ("three quarters", "en", Fraction(3, 4)),
        ("1/2 of it", "en", Fraction(1, 2)),
        ("¼ of it", "en", Fraction(1, 4)),
        ("Viertelgröße", "de", Fraction(1, 4)),
        ("drei Viertel", "de", Fraction(3, 4)),
        ("la moitié", "fr", Fraction(1, 2)),
        ("四分之一", "zh", Fraction(1, 4)),
        ("四分の一", "ja", Fraction(1, 4)),
        ("4분의 1", "ko", Fraction(1, 4)),
        ("половина размера", "ru", Fraction(1, 2)),
    ],
)
def test_shares_are_read(text, language, value):
    assert [q.value for q in quantities(text, language) if q.kind == "share"] == [value]
    assert len(quantities(text, language)) == 1


@pytest.mark.parametrize(
    ("text", "language", "quantity"),
    [
        ("19.6 points", "en", (Fraction("19.6"), "points")),
        ("19,6 Punkte", "de", (Fraction("19.6"), "points")),
        ("24-pixel smears", "en", (24, "pixels")),
        ("282 ms", "en", (Fraction("0.282"), "seconds")),
        ("64.4 MB", "en", (64_400_000, "bytes")),
        ("百分之六十", "zh", (60, "percent")),
        ("twice as wide", "en", (2, "times")),
        ("dreifach vergrößert", "de", (3, "times")),
        ("3× enlarged", "en", (3, "times")),
        ("два раза", "ru", (2, "times")),
    ],
)
def test_units_are_read(text, language, quantity):
    assert read(text, language) == [quantity]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("one of the first and second", "en"),
        ("eine von den ersten", "de"),
        ("un élément", "fr"),
        ("十分清晰", "zh"),
        ("一些图片", "zh"),
        ("한 가지", "ko"),
        ("deshalb", "de"),
    ],
)
def test_one_and_ordinals_are_no_quantities(text, language):
    assert values(text, language) == []


def test_a_size_has_two_numbers_and_no_factor():
    assert read("336×336 pixels") == [(336, None), (336, "pixels")]


def test_what_is_no_number_is_its_own_form():
    assert values("version 0.12.1") == ["0.12.1"]


@given(st.integers(2, 999_999), st.sampled_from(["en", "de", "fr", "zh", "ko", "ru"]))
def test_plain_digits_are_read_in_every_language(number, language):
    assert values(f"({number})", language) == [number]


@given(st.text(max_size=60), st.sampled_from(["en", "de", "fr", "zh", "ja", "ko", "ru", "xx"]))
def test_any_text_can_be_read(text, language):
    for quantity in quantities(text, language):
        assert 0 <= quantity.start < quantity.end <= len(text)


def test_a_rough_figure_may_be_rounded_to_two_digits():
    (exact,) = quantities("16,107,651 numbers")
    for text, right in (
        ("about 16 million", True),
        ("roughly 16.1 million", True),
        ("16 million", False),
        ("about 20 million", False),
        ("about 17 million", False),
    ):
        assert is_rounded(quantities(text)[0], exact) is right, text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("from 2.93 px to 1.51 px", "en"),
        ("von 2,93 auf 1,51 px", "de"),
        ("de 2,93 à 1,51 px", "fr"),
        ("с 2,93 до 1,51 пикселя", "ru"),
        ("从2.93像素降到1.51像素", "zh"),
        ("2.93ピクセルから1.51ピクセルに", "ja"),
        ("2.93픽셀에서 1.51픽셀로", "ko"),
    ],
)
def test_a_change_has_its_ends_in_order(text, language):
    found = quantities(text, language)
    assert [q.value for q in found] == [Fraction("2.93"), Fraction("1.51")]
    assert ordered_pairs(found, text, language) == [(0, 1)]
