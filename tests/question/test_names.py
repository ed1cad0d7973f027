"""Names as written: models, papers and arXiv ids; and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.names import (
    arxiv_ids,
    models,
    models_with_digits,
    papers,
    with_digits,
    without_names,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MIMO-UNet+, MIMO-UNet++ or MIMO-UNet?", ("MIMO-UNet+", "MIMO-UNet++", "MIMO-UNet")),
        ("Deblur-MIMO-UNet-Plus", ("Deblur-MIMO-UNet-Plus",)),
        ("mimo unet plus and featsharp", ("mimo unet plus", "featsharp")),
        ("Real-ESRGAN, SwinIR, HAT and waifu2x", ("Real-ESRGAN", "SwinIR", "HAT", "waifu2x")),
        ("BlurryNet9000 or Blind-SRGAN", ("BlurryNet9000", "Blind-SRGAN")),
        ("GPT-4 and ResNet50", ("GPT-4", "ResNet50")),
        ("FeatSharp featsharp FEATSHARP", ("FeatSharp",)),
        ("(SwinIR)", ("SwinIR",)),
        ("8x-BSRGAN, 4x-UltraSharpV9 or 1x_DeBLR", ("8x-BSRGAN", "4x-UltraSharpV9", "1x_DeBLR")),
        ("Stable Diffusion vs Topaz Gigapixel AI", ("Stable Diffusion", "Topaz Gigapixel AI")),
    ],
)
def test_names_of_models_are_recognised(text: str, found: tuple[str, ...]) -> None:
    assert models(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "my GPU saved a PNG, a JPEG and PDFs; OCR, AI, PSNR, SSIM and an API",
        "on an RTX 3090, an A100, an i7-9700K and an M2 with CUDA12 in fp16",
        "an iPhone photo on GitHub, YouTube and WhatsApp",
        "WHY IS IT SO SHARP AND WHY IS THEIR REPAIR UNFAIR",
        "The Internet, a Planet and a Transformer",
        "IMG_2034.png and DSC0001.jpg and myPhoto.png",
        "see https://github.com/xinntao/Real-ESRGAN",
        "ResNets and ViTs with U-Net and GANs",
        "in 4K at 1080p, 3x, x3, 2D and A4",
        "The AI-upscaled T-shirt, X-ray and Wi-Fi",
        "PyTorch, TensorFlow and OpenCV",
        "a Word document, e.g. this one.Why not",
    ],
)
def test_what_is_no_model(text: str) -> None:
    assert models(text) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://arxiv.org/abs/2502.16025v2", ("2502.16025",)),
        ("http://arxiv.org/pdf/2404.18772v1.pdf.", ("2404.18772",)),
        ("arXiv:0704.0001 and arxiv 2306.17107", ("0704.0001", "2306.17107")),
        ("10.48550/arXiv.2108.05054", ("2108.05054",)),
        ("cs/0112017v1, math.GT/0309136", ("cs/0112017", "math/0309136")),
        ("HEP-TH/9901001", ("hep-th/9901001",)),
        ("2502.16025 and 2502.16025v1", ("2502.16025",)),
    ],
)  # fmt: skip
def test_arxiv_ids_are_recognised(text: str, found: tuple[str, ...]) -> None:
    assert arxiv_ids(text) == found


@pytest.mark.parametrize(
    "text", ["12345.67890", "$2502.16025", "2513.12345", "1234.5678", "2502.160251",
             "2502.1602", "€1912.12345", "v2.2502.16025"]
)  # fmt: skip
def test_what_is_no_arxiv_id(text: str) -> None:
    assert arxiv_ids(text) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(see https://github.com/a/b).", ("https://github.com/a/b",)),
        ("https://en.wikipedia.org/wiki/Blur_(optics), ok", ("https://en.wikipedia.org/wiki/Blur_(optics)",)),
        ("github.com/a/b!", ("github.com/a/b",)),
        ("doi:10.1109/ICCV48922.2021.00460.", ("10.1109/ICCV48922.2021.00460",)),
        ('"FeatSharp: Your Model Features"', ("FeatSharp: Your Model Features",)),
        ("the paper “Rethinking coarse-to-fine approach”", ("Rethinking coarse-to-fine approach",)),
        ('the sign says "OPEN ALL DAY"', ()),
        ('it turned "hello there" into "hell"', ()),
        ('he asked "Why is it sharp and not blurred?"', ()),
    ],
)  # fmt: skip
def test_titles_of_papers_are_recognised(text: str, found: tuple[str, ...]) -> None:
    assert papers(text) == found


@given(st.text(max_size=200))
def test_names_are_returned_as_they_are_written(text: str) -> None:
    assert all(name in text for name in (*models(text), *papers(text)))


def test_names_with_digits() -> None:
    assert with_digits(("Net", "Net2", "2", "Some 2 Words")) == {"Net2", "Some 2 Words"}
    assert models_with_digits("GPT-4 and SwinIR on an RTX 3090") == {"GPT-4"}


@given(st.text(max_size=60), st.frozensets(st.text("aB2 .+(", min_size=1, max_size=6)))
def test_what_is_left_without_names_is_of_the_text(text: str, names: frozenset[str]) -> None:
    assert set(without_names(text, names)) <= {*text, " "}
    assert without_names(text, frozenset()) == text
