"""Words that mean the same must meet; words that do not must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.search.stems import stems

FAMILIES = [
    "classify classification classifier classifying classifies classified",
    "segment segmentation segmenting segments",
    "sharp sharper sharpen sharpness sharpened sharpening sharpest sharply",
    "blur blurry blurred blurring blurs",
    "deblur deblurring deblurred",
    "colour color colours coloured colorize colourise",
    "licence license licences licensed licensing",
    "readable read reading reads readability",
    "noise noisy",
    "denoise denoising denoised",
    "similar similarity similarities",
    "recognise recognize recognition recognizer",
    "run runs running runner",
]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_one_stem(family: str) -> None:
    assert len(set(stems(family))) == 1


def test_families_differ() -> None:
    firsts = [stems(family.split()[0])[0] for family in FAMILIES]
    assert len(set(firsts)) == len(firsts)
    assert stems("loss") != stems("less lose")
    assert stems("motion") != stems("motor")


def test_stop_words_do_not_count() -> None:
    assert stems("What is it that they would like to do?") == []


def test_composed_words_count_whole_and_in_parts() -> None:
    assert {"mobilenetv2", "mobilenet", "v2"} <= set(stems("MobileNetV2"))
    assert set(stems("mobilenet_v2")) <= set(stems("MobileNetV2"))
    assert "resnet" in stems("ResNet-50")


def test_accents_and_full_width_letters_do_not_matter() -> None:
    assert stems("Naïve ＢＬＵＲ") == stems("naive blur")


@given(st.text(max_size=200))
def test_any_text_has_stems_in_lower_case(text: str) -> None:
    assert all(stem and stem == stem.casefold() for stem in stems(text))
