"""Equal numbers share a form, however a language spells them; others never do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.numbers import numbers_in, value_of

COMMAS = ("de", "es", "fr", "it", "nl", "pt", "ru")
POINTS = ("en", "zh", "ja", "ko")


@pytest.mark.parametrize(
    ("number", "language", "form"),
    [
        ("2,103", "en", "2103"),
        ("2.103", "en", "2.103"),
        ("2.103", "de", "2103"),
        ("1,234.5", "en", "1234.5"),
        ("1.234,5", "de", "1234.5"),
        ("19,6", "de", "19.6"),
        ("19.6", "de", "19.6"),
        ("19,6", "en", "19,6"),
        ("0.282", "de", "0.282"),
        ("47.40", "en", "47.4"),
        ("47\u202f000", "en", "47000"),
        ("47’000", "de", "47000"),
        ("٤٧", "en", "47"),
        ("４７", "ja", "47"),
        ("0.12.1", "en", "0.12.1"),
        ("007", "en", "7"),
    ],
)
def test_a_number_has_one_form(number, language, form):
    assert value_of(number, language) == form


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_a_number_has_one_form_in_every_language(whole, hundredths):
    plain = f"{whole}.{hundredths:02d}"
    english = f"{whole:,}.{hundredths:02d}"
    german = english.replace(",", " ").replace(".", ",").replace(" ", ".")
    spaced = english.replace(",", " ").replace(".", ",")
    for language in POINTS:
        assert value_of(english, language) == value_of(plain)
    for language in COMMAS:
        assert value_of(german, language) == value_of(plain)
        assert [value_of(n, language) for n in numbers_in(spaced, frozenset(), language)] == [
            value_of(plain)
        ]


@given(st.integers(1, 999), st.integers(100, 999))
def test_a_point_in_english_and_a_comma_elsewhere_are_not_taken_for_groups(whole, rest):
    assert value_of(f"{whole}.{rest}") != value_of(f"{whole},{rest}")
    assert value_of(f"{whole}.{rest}", "de") != value_of(f"{whole},{rest}", "de")
