"""The text of `upscalers.yaml`: right where a figure can be redone, every fact within reach."""

from __future__ import annotations

import re
from functools import cache

import pytest

from agent.files import UPSCALERS
from agent.registry import Registry, load
from agent.types import CuratedAnswer

CARDS = ("real-esrgan", "real-cugan", "waifu2x")
every_card = pytest.mark.parametrize("id", CARDS)


@cache
def upscalers() -> Registry:
    return load(UPSCALERS)


def sentence(card: str, claim: str) -> str:
    return upscalers()[card].facts()[f"{card}/{claim}"]


def facts_of(answer: CuratedAnswer) -> set[str]:
    return {*answer.facts, *(fact for row in answer.rows for fact in row.facts)}


def test_they_stand_in_this_order() -> None:
    assert tuple(upscalers()) == CARDS


@every_card
def test_every_fact_is_reached_by_a_question(id: str) -> None:
    card = upscalers()[id]
    reached = {fact for q in card.questions for fact in facts_of(q.within(id))}
    assert set(card.facts()) <= reached


@every_card
def test_people_ask_in_several_ways(id: str) -> None:
    card = upscalers()[id]
    assert len(card.questions) >= 15
    assert all(3 <= len(question.ask) <= 8 for question in card.questions)


@every_card
def test_what_must_not_be_missed_is_among_the_limits(id: str) -> None:
    told = {tag for limit in upscalers()[id].limits for tag in limit.tags}
    assert told >= {"text", "hallucination", "colour", "enlargement"}


def convolution(inputs: int, outputs: int, side: int = 3) -> int:
    return inputs * outputs * side**2 + outputs


def dense_network(blocks: int, width: int = 64, growth: int = 32) -> int:
    """Learned numbers of the network of ESRGAN for four times."""
    dense = sum(convolution(width + i * growth, growth) for i in range(4))
    dense += convolution(width + 4 * growth, width)
    around = convolution(3, width) + 4 * convolution(width, width) + convolution(width, 3)
    return blocks * 3 * dense + around


def compact_network(layers: int, width: int = 64, factor: int = 4) -> int:
    """Learned numbers of a row of convolutions, each with a slope for every channel."""
    inner = layers * (convolution(width, width) + width)
    return convolution(3, width) + width + inner + convolution(width, 3 * factor**2)


def test_sizes_follow_from_the_architecture() -> None:
    sizes = (dense_network(23), dense_network(6), compact_network(16))
    assert re.findall(r"\d[\d,]+\d", sentence("real-esrgan", "parameters")) == [
        f"{size:,}" for size in sizes
    ]


def test_speeds_are_those_of_the_measures() -> None:
    said = sentence("real-esrgan", "speed-hd") + sentence("real-esrgan", "speed-sizes")
    for measure in upscalers()["real-esrgan"].measures:
        assert f"{measure.value:.1f}" in said


def test_quality_is_that_of_the_measures() -> None:
    said = sentence("waifu2x", "quality-on-drawings") + sentence("waifu2x", "quality-on-photos")
    for measure in upscalers()["waifu2x"].measures:
        assert f"{measure.value:.3f} dB" in said


@pytest.mark.parametrize(
    ("card", "claim", "fragments"),
    [
        ("real-esrgan", "fixed-factor", ["four times and nothing else", "resizing"]),
        ("real-esrgan", "licence-of-weights", ["no answer", "weights"]),
        ("real-esrgan", "not-made-for-text", ["not trained for text"]),
        ("real-cugan", "whole-factors", ["two, three or four"]),
        ("real-cugan", "anime-alone", ["photographs", "faces"]),
        ("waifu2x", "doubles-only", ["doubles and no more", "3× is not"]),
        ("waifu2x", "no-adversary", ["none is an adversary"]),
    ],
)
def test_what_is_often_got_wrong_is_told_right(card: str, claim: str, fragments: list[str]) -> None:
    assert [f for f in fragments if f not in sentence(card, claim)] == []
