"""False variants of the registry's claims, and how many of them the exact checks let pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.lab.evaluation.swaps import KINDS, Swap, passes_exact_checks, rates, source, swaps
from agent.registry import Registry, load
from agent.types import Card, Claim


def registry(*claims: str) -> Registry:
    each = tuple(Claim(id=f"c{i}", text=text, source="s") for i, text in enumerate(claims))
    links = {"paper": "https://example.org/p"}
    return Registry.from_cards(
        [Card(id="net", name="NetOne", task="t", summary="NetOne.", links=links, claims=each)]
    )


@pytest.fixture(scope="module")
def ours() -> Registry:
    return load(Path(__file__).parents[3] / "model_registry.yaml")


def test_every_kind_is_made_of_our_claims_and_none_is_a_claim(ours):
    made = swaps(ours)
    assert {swap.kind for swap in made} == set(KINDS)
    assert len(made) > 500
    assert len(set(made)) == len(made)
    for swap in made:
        assert swap.text.strip() and swap.text != source(swap, ours).text


@pytest.mark.parametrize(
    ("claim", "swap"),
    [
        ("The encoder finds edges.", ("role", "The decoder finds edges.")),
        ("It reads half the size.", ("size", "It reads full the size.")),
        ("It adds detail.", ("effect", "It removes detail.")),
        ("It keeps more detail.", ("degree", "It keeps less detail.")),
        ("Pad it before it runs.", ("order", "Pad it after it runs.")),
        ("It has 20 blocks.", ("number", "It has 23 blocks.")),
        ("It has three sizes.", ("number", "It has four sizes.")),
        ("It does not enlarge.", ("negation", "It does enlarge.")),
        ("It cannot enlarge.", ("negation", "It can enlarge.")),
        ("It narrows edges, if it was trained for it.", ("condition", "It narrows edges.")),
        (
            "NAFNet-32 reports 32.87 dB and NAFNet-64 33.71 dB.",
            ("subject", "NAFNet-64 reports 32.87 dB and NAFNet-32 33.71 dB."),
        ),
        ("BLIP-2 is better than LLaVAR.", ("subject", "LLaVAR is better than BLIP-2.")),
    ],
)
def test_a_swap_says_otherwise(claim, swap):
    assert swap in [(one.kind, one.text) for one in swaps(registry(claim))]


@pytest.mark.parametrize(
    "claim",
    ["It works at full, half and quarter size.", "It is shown before and after.", "It is a net."],
)
def test_what_says_the_same_either_way_is_no_swap(claim):
    assert swaps(registry(claim)) == []


def test_exact_checks_tell_numbers_and_subjects_and_leave_meaning_to_a_judge(ours):
    found = rates(swaps(ours), passes_exact_checks(ours))
    assert found.rate("number") <= 0.05
    assert found.rate("subject") <= 0.05
    assert found.rate("negation") > 0.5  # nobody may take exact checks for more than they are


def test_rates_are_told_by_kind_and_for_all():
    tried = [Swap("a/b", "role", "x"), Swap("a/b", "role", "y"), Swap("a/b", "number", "z")]
    found = rates(tried, lambda swap: swap.text == "x")
    assert found.to_dict() == {
        "role": {"cases": 2, "passed": 1, "rate": 0.5},
        "number": {"cases": 1, "passed": 0, "rate": 0.0},
        "all": {"cases": 3, "passed": 1, "rate": 0.3333},
    }
    assert json.dumps(found.to_dict())
    assert found.to_table().splitlines()[1].split() == ["role", "2", "1", "50.0%"]
    assert rates([], lambda _: True).rate() == 0.0
