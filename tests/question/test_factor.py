"""Factors of enlargement, and multiples of other things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.factor import enlargement_factor


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("upscaled by 3×", 3),
        ("upscaled 3x", 3),
        ("upscaled x3", 3),
        ("upscaled 3 x", 3),
        ("enlarged three times", 3),
        ("enlarged it three times its size", 3),
        ("a 4-fold enlargement", 4),
        ("enlarged fourfold", 4),
        ("the image doubled in size", 2),
        ("doubled the resolution", 2),
        ("twice as large as the photo", 2),
        ("tripled my image", 3),
        ("zoomed to 200 %", 2),
        ("upscaled by 200%", 2),
        ("enlarged by 20 %", 1.2),
        ("50% larger after upscaling", 1.5),
        ("from 640 to 1920 px", 3),
        ("from 640x480 to 1920x1440", 3),
        ("640×480 → 1280×960", 2),
        ("upscaled 1080p to 4k", 2),
        ("upscaled by a factor of 2.5", 2.5),
        ("upscaled by 1,5x", 1.5),
        ("upscale factor 4", 4),
        ("upscaled by 3", 3),
        ("upscaled by three.", 3),
        ("the 4x model made my photo crisp", 4),
        ("8x faster than a 4x upscaler", 4),
        ("enlarged my 1920x1080 frame 2x", 2),
        ("um das Dreifache vergrößert", 3),
        ("3-fach vergrößert", 3),
        ("agrandi 2 fois", 2),
        ("ampliado tres veces", 3),
        ("图片放大了3倍", 3),
        ("upscaled ３倍", 3),
    ],
)
def test_a_factor_is_found(text: str, factor: float) -> None:
    assert enlargement_factor(text) == pytest.approx(factor)


@pytest.mark.parametrize(
    "text",
    [
        "a 1920x1080 image",
        "a 1920 x 1080 picture",
        "3x3 convolutions over the image",
        "a 2×2 grid of photos",
        "8x faster on images",
        "upscaling runs at 8x speed",
        "a speed-up of 4x for upscaling",
        "our 10x engineer upscaled it",
        "I tried three times to upscale it",
        "upscaling failed 3 times a day",
        "95 % accuracy in upscaling",
        "upscaling takes 100 % of my CPU",
        "from 2015 to 2021 we used it",
        "an x64 laptop and a photo",
        "upscaled by 1x",
        "reduced from 1920 to 640 px",
        "doubled my income",
        "double check the picture",
        "enlarged by 20 people",
        "a 3x larger model for images",
        "2502.16025",
        "",
    ],
)
def test_what_is_no_enlargement_is_none(text: str) -> None:
    assert enlargement_factor(text) is None


@given(st.floats(1.01, 16).map(lambda f: round(f, 2)))
def test_every_spelling_of_a_factor_agrees(factor: float) -> None:
    shown = f"{factor:g}"
    spelt = [f"upscaled {shown}x", f"upscaled by {shown}×", f"upscaled by a factor of {shown}"]
    assert {enlargement_factor(text) for text in spelt} == {round(factor, 4)}


@given(st.text(max_size=200))
def test_it_is_above_one_or_none(text: str) -> None:
    factor = enlargement_factor(text)
    assert factor is None or 1 < factor <= 100


def test_a_multiple_alone_is_a_factor_where_the_text_is_known_to_be_about_a_picture() -> None:
    assert enlargement_factor("Which is sharper at 4x?") is None
    assert enlargement_factor("Which is sharper at 4x?", about_picture=True) == 4
    assert enlargement_factor("Which runs 2x faster?", about_picture=True) is None
