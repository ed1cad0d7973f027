"""Placeholders become what they stand for, and nothing else becomes anything."""

from __future__ import annotations

import pytest
from hypothesis import given as given_values
from hypothesis import strategies as st

from agent.llm.author.placeholders import Known, read
from agent.types import Card, Claim, Evidence

CARD = Card(
    id="net", name="NetOne", title="NetOne: Sharp", task="deblurring", summary="It removes blur.",
    links={"code": "https://github.com/who/net"},
    claims=(Claim(id="size", text="It has 16,107,651 parameters and 20 blocks.", source="s"),),
)  # fmt: skip
WIDTH = Evidence(
    id="a.w", quantity="q", value=1.65, unit="px", measured_on="a", method="m", text="Exit {x}"
)  # fmt: skip
KNOWN = Known({"net": CARD}, CARD.facts(), {"a.w": WIDTH}, 3.0)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("{claim:net/size}", "It has 16,107,651 parameters and 20 blocks."),
        ("In short: {claim:net/size}.", "In short: It has 16,107,651 parameters and 20 blocks."),
        ("{claim:net/summary}, so", "It removes blur, so"),
        ("It has {number:net/size#1} of them.", "It has 16,107,651 of them."),
        ("in {number:net/size#2} blocks", "in 20 blocks"),
        ("{evidence:a.w} wide", "1.65 px wide"),
        ("{name:net}, {title:net}: {link:net/code}",
         "NetOne, NetOne: Sharp: https://github.com/who/net"),
        ("at {factor}", "at 3×"),
        ("It reads {read:a.w}", "It reads “Exit {x}”"),
    ],
)  # fmt: skip
def test_a_placeholder_becomes_what_it_stands_for(text, expanded):
    found = read(text, KNOWN)
    assert found.expanded == expanded and found.unknown == ()


@pytest.mark.parametrize(
    "text",
    [
        "{claim:net/none}", "{claim:ghost/size}", "{number:net/size#0}", "{number:net/size#3}",
        "{number:net/size#-1}", "{number:net/size#²}", "{evidence:b.w}", "{link:net/evil}",
        "{name:ghost}", "{name:net/x}", "{factor:9}", "{evil:net}", "{claim:}", "{claim}",
    ],
)  # fmt: skip
def test_a_placeholder_that_stands_for_nothing_is_told_and_gone(text):
    found = read(f"a {text} b", KNOWN)
    assert found.unknown == (text,) and found.expanded == "a b"


def test_what_is_put_in_is_never_read_again():
    card = CARD.model_copy(update={"name": "{link:net/code}"})
    known = Known({"net": card}, card.facts(), {}, None)
    assert read("{name:net}", known).expanded == "{link:net/code}"


def test_ids_and_own_words_are_told_apart():
    found = read("So {claim:net/size} at {evidence:a.w}, by {name:net}", KNOWN)
    assert found.claims == ("net/size", "net/task") and found.evidence == ("a.w",)
    assert found.verbatim == ("net/size",)
    assert found.own.split() == ["So", "at", ",", "by"]


@given_values(st.text())
def test_any_text_is_read(text):
    assert read(text, KNOWN).expanded == " ".join(read(text, KNOWN).expanded.split())
