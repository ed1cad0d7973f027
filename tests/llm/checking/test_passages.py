"""Markdown comes apart into sentences, and nothing of it gets lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.llm.checking.passages import passages

PIECES = st.lists(
    st.sampled_from(
        ["```", "~~~", "\n", "\n\n", "| a | b |", "|---|---|", "# ", "- ", "> ", "1. ", "---", "  ",
         "[x](https://evil.test)", "<b>", "**", "_", "`", "Dr. No. ", "Fine. ", "\x1b[31m",
         "\u200b", "\u202e", "\x00", "编码器。", "3.5 dB", "…"]
    )
    | st.text(max_size=8),
    max_size=30,
).map("".join)  # fmt: skip


def texts(markdown: str) -> list[str]:
    return [passage.text for passage in passages(markdown)]


@pytest.mark.parametrize(
    ("markdown", "pieces"),
    [
        ("One is here. Two is there.", ["One is here.", "Two is there."]),
        ("It gains 1.5 dB, says Cho et al. In all.", ["It gains 1.5 dB, says Cho et al. In all."]),
        ("Wrapped\nlines are one.\n\nNext.", ["Wrapped lines are one.", "Next."]),
        ("# A head\ntext", ["A head", "text"]),
        ("A head\n===\ntext", ["A head", "text"]),
        ("- one\n* two\n3. three", ["one", "two", "three"]),
        ("> quoted\n> on", ["quoted on"]),
        ("**Bold.** *Next.*", ["**Bold.**", "*Next.*"]),
        ("```sh\npip install x\n```\nafter", ["```sh", "pip install x", "after"]),
        ("~~~\nnever closed", ["never closed"]),
        ("| M | dB |\n|---|---|\n| A | 3 |\nend", ["M, dB", "A: dB 3", "end"]),
        ("第一句。第二句。", ["第一句。", "第二句。"]),
        ("…\n\n---\n", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_is_checked_one_by_one(markdown: str, pieces: list[str]) -> None:
    assert texts(markdown) == pieces


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("The network adds a correction.", True),
        ("编码器同时看三种尺寸的图片。", True),
        ("Does the network add a correction?", False),
        ("Great question!", False),
        ("# The network adds a correction", False),
    ],
)
def test_a_passage_states_something_or_does_not(text: str, states: bool) -> None:
    assert passages(text)[0].states is states


def test_letters_that_hide_are_noticed_and_read_through() -> None:
    (passage,) = passages("MIMO\u200b-U\u2060Net+ adds \x1b[31ma correction.")
    assert passage.hidden and passage.words.startswith("MIMO-UNet+ adds a correction")
    assert passage.text.isprintable() or "\\x1b" in passage.text
    for harmless in ("Ver\u00adgrößerung", "👩\u200d🔬 looks", "\ufeffFirst"):
        assert not passages(harmless)[0].hidden


@given(PIECES)
def test_no_letter_gets_lost(markdown: str) -> None:
    letters = [c for c in markdown if c.isascii() and c.isalpha()]
    shown = re.sub(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})", "", " ".join(texts(markdown)))
    kept = iter(shown)
    if "|" not in markdown:  # where heads stand before each value
        assert all(c in kept for c in letters)
    for passage in passages(markdown):
        assert "\n" not in passage.text and len(passage.text) < 20_000


@pytest.mark.parametrize(
    "part", ["x", "# ", "a#", "|a", "A. ", "> ", ") ", "-", " ", "`", "[a](b) ", "**Bold ", "\x1b["]
)
def test_a_long_run_of_anything_comes_to_an_end(part: str) -> None:
    """A pattern that reads the text again at each place would take hours."""
    cut = passages(part * (200_000 // len(part)))
    assert all(len(passage.text) <= 4_000 for passage in cut)


def test_long_runs_are_cut_at_spaces() -> None:
    cut = texts("word " * 1_000)
    assert len(cut) > 3 and max(map(len, cut)) <= 1_000
    assert " ".join(cut).split() == ["word"] * 1_000
