"""Values belong to the subjects that stand right beside them."""

from __future__ import annotations

import re
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.llm.author.subjects import subjects, wrong_subjects

GAINS = (
    "LLaVAR improves on LLaVA in each of the published tests of reading: by 19.6 points on "
    "TextVQA, 17.1 on ST-VQA and 7.1 on DocVQA."
)
SCORES = "On the OCR part of MME LLaVAR scores 80 and LLaVA 50."
PEERS = "On GoPro, MPRNet reports 32.66 dB, MAXIM-3S 32.86 dB and Restormer 32.92 dB."
WENT = "The median width went from 2.93 px to 1.51 px."
BRAIN = "V1v follows saliency (0.081) more than meaning (0.057)."
NAMES_WITH_DIGITS = re.compile(r"[A-Z][A-Za-z]*-\d\w*|V1v")
NONE = frozenset[str]()


def split(text, language="en", shared=False):
    masked = NAMES_WITH_DIGITS.sub(lambda found: " " * len(found[0]), text)
    return subjects(text, masked, language, NONE, shared)


def bound(text, language="en"):
    """Labels by value."""
    return {
        float(b.quantity.written_value or b.quantity.value): {label.text for label in b.labels}
        for b in split(text, language, shared=True).bindings
    }


def wrong(text, *sources, language="en"):
    theirs = [split(source, shared=True) for source in sources]
    return list(wrong_subjects(split(text, language), theirs, language))


def test_texts_are_split_into_values_with_their_subjects():
    assert bound(GAINS) == {19.6: {"textvqa"}, 17.1: {"st-vqa"}, 7.1: {"docvqa"}}
    assert bound(SCORES)[80] == {"mme", "llavar"}
    assert bound(SCORES)[50] == {"llava"}
    assert list(bound(PEERS).values()) == [{"mprnet"}, {"maxim-3s"}, {"restormer"}]
    assert bound(WENT) == {2.93: {"before"}, 1.51: {"after"}}
    assert bound(BRAIN) == {0.081: {"v1v", "saliency"}, 0.057: {"meaning"}}
    assert bound("It rises on GoPro from 32.45 to 32.68 dB.")[32.68] == {"gopro", "after"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The widest gap is 19.6 points.", "en"),
        ("On TextVQA, LLaVAR is ahead of LLaVA by 19.6 points.", "en"),
        ("19.6 points on TextVQA is the most, and 7.1 on DocVQA the least.", "en"),
        ("It leads on DocVQA, though by 7.1 points only; TextVQA gives it 19.6.", "en"),
        ("LLaVAR beats LLaVA by 19.6 points.", "en"),
        ("Auf TextVQA sind es 19,6 Punkte, auf DocVQA nur 7,1 Punkte.", "de"),
        ("在TextVQA上是19.6分，在DocVQA上是7.1分。", "zh"),
        ("TextVQAでは19.6ポイント、DocVQAでは7.1ポイントです。", "ja"),
        ("На TextVQA прирост 19,6 пункта, на DocVQA только 7,1.", "ru"),
    ],
)
def test_the_right_subject_or_none_passes(text, language):
    assert wrong(text, GAINS, language=language) == []


@pytest.mark.parametrize(
    ("text", "source", "language"),
    [
        ("LLaVAR improves on LLaVA by 19.6 points on DocVQA.", GAINS, "en"),
        ("DocVQA: 19.6 points.", GAINS, "en"),
        ("LLaVAR scores 50 and LLaVA 80.", SCORES, "en"),
        ("Restormer is at 32.66 dB.", PEERS, "en"),
        ("The width went from 1.51 to 2.93 px.", WENT, "en"),
        ("It was 1.51 px before and 2.93 px after.", WENT, "en"),
        ("Die Breite ging von 1,51 auf 2,93 px zurück.", WENT, "de"),
        ("宽度从1.51像素变为2.93像素。", WENT, "zh"),
        ("The score of 0.057 for saliency is low.", BRAIN, "en"),
        ("Auf DocVQA sind es 19,6 Punkte.", GAINS, "de"),
        ("DocVQAでは19.6ポイントです。", GAINS, "ja"),
        ("DocVQA에서 19.6점 앞섭니다.", GAINS, "ko"),
        ("It works at two sizes.", "It works at three sizes, with two views.", "en"),
    ],
)
def test_another_subject_is_told(text, source, language):
    assert wrong(text, source, language=language)


def test_a_value_may_have_several_subjects():
    twice = "LLaVAR scores 80 on MME and GPT-4 80 too."
    assert wrong("GPT-4 scores 80.", twice) == []
    other = "On POPE, GPT-4 scores 32.86 dB."
    assert wrong("GPT-4 scores 32.86 dB.", PEERS, other) == []


SETS = ("TextVQA", "DocVQA", "GoPro-X", "HIDE")


@given(
    st.lists(st.integers(13, 99), min_size=4, max_size=4, unique=True),
    st.sampled_from(list(permutations(range(4)))),
)
def test_only_the_pairs_of_the_source_pass(numbers, order):
    source = ", ".join(f"{n}.5 dB on {name}" for n, name in zip(numbers, SETS, strict=True))
    for i, j in enumerate(order):
        assert bool(wrong(f"It gets {numbers[j]}.5 dB on {SETS[i]}.", source)) == (i != j)
