"""Names of persons: what is family, given and suffix."""

from __future__ import annotations

import pytest

from agent.report.author_names import Name, split_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sung-Jin Cho", Name("Cho", "Sung-Jin")),
        ("Victor G. Turrisi da Costa", Name("da Costa", "Victor G. Turrisi")),
        ("Luc Van Gool", Name("Van Gool", "Luc")),
        ("Charles-Jean de la Vallée Poussin", Name("de la Vallée Poussin", "Charles-Jean")),
        ("Cho, Sung-Jin", Name("Cho", "Sung-Jin")),
        ("King, Jr., Martin Luther", Name("King", "Martin Luther", "Jr.")),
        ("Martin Luther King Jr.", Name("King", "Martin Luther", "Jr.")),
        ("Le Zhang", Name("Zhang", "Le")),
        ("OpenAI", Name("OpenAI")),
        ("", Name("")),
        ("\x1b[2JAda  Lovelace", Name("Lovelace", "\\x1b[2JAda")),
    ],
)
def test_names_are_split(text: str, name: Name) -> None:
    assert split_name(text) == name
