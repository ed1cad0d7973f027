"""What a question says of a comparison of models."""

from __future__ import annotations

import pytest

from agent.files import default_cache
from agent.question.parse import parse
from agent.search.comparison import AskedComparison, comparison_in
from agent.systems.model_comparison.contenders import BICUBIC, contenders


def read(text: str) -> AskedComparison:
    return comparison_in(text, parse(text), default_cache())


@pytest.mark.parametrize(
    ("text", "models"),
    [
        (
            "Does Real-ESRGAN or waifu2x keep letters intact?",
            ("realesr-animevideov3", "waifu2x-cunet-noise0"),
        ),
        ("real cugan against MIMO UNet", ("realcugan-conservative", "mimo-unet-plus")),
        (
            "Real-ESRGAN x4plus-anime or Real-ESRGAN x4plus?",
            ("realesrgan-x4plus-anime", "realesrgan-x4plus"),
        ),
        (
            "RealESRGAN_x4plus_anime_6B or R-ESRGAN 4x+?",
            ("realesrgan-x4plus-anime", "realesrgan-x4plus"),
        ),
        ("waifu2x CUNet, waifu2x-photo-noise2", ("waifu2x-cunet", "waifu2x-photo-noise2")),
        ("Is bicubic as good as waifu2x, and is waifu2x slow?", ("waifu2x-cunet-noise0",)),
        ("Which of these is the sharpest?", ()),
    ],
)
def test_models_are_those_that_the_question_names(text, models):
    assert read(text).models == models and read(text).strangers == ()


@pytest.mark.parametrize("key", [key for key in contenders() if key != BICUBIC])
def test_every_model_is_known_by_its_key_and_its_name(key):
    assert read(f"Is {key} any good?").models == (key,)
    assert read(f"How does {contenders()[key].name} do?").models == (key,)


@pytest.mark.parametrize(
    ("text", "strangers"),
    [
        ("Is SwinIR sharper than waifu2x?", ("SwinIR",)),
        ("Real-ESRGAN x4plus or Real-ESRGAN x2plus?", ("Real-ESRGAN x2plus",)),
    ],
)
def test_a_model_that_cannot_be_compared_is_told_apart(text, strangers):
    assert read(text).strangers == strangers


@pytest.mark.parametrize(
    ("text", "criterion"),
    [
        ("Which leaves the words legible?", "text"),
        ("Which of them is sharper?", "edges"),
        ("Which one gives the fewest halos?", "halos"),
        ("Which stays closest to the original?", "fidelity"),
        ("Which invents the least?", "texture"),
        ("Which keeps the colours right?", "colour"),
        ("Which upscaler is the fastest?", "speed"),
        ("Which needs the least memory?", "memory"),
        ("Welches Modell hält den Text lesbar?", "text"),
        ("Which is best?", None),
        ("Which has the sharpest edges and readable text?", "several"),
    ],
)
def test_what_it_asks_about_decides(text, criterion):
    assert read(text).criterion == (None if criterion == "several" else criterion)


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("Which is sharper at 4x?", 4),
        ("Which is better when a page is enlarged three times?", 3),
        ("R-ESRGAN 4x+ or waifu2x?", None),
        ("Is Real-ESRGAN x4plus sharper?", None),
        ("Which is sharper at 1.5x?", 1.5),
    ],
)
def test_the_factor_is_that_of_the_question_and_not_of_a_name(text, factor):
    assert read(text).factor == factor
