"""Which cards a text names: spellings that people use, and names that only look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.search.names import Names
from agent.types import Card


def card(id: str, name: str, **more: object) -> Card:
    return Card.model_validate(
        {"id": id, "name": name, "task": "t", "summary": "s", "links": {}} | more
    )


CARDS = [
    card(
        "c-mimo", "Deblur-MIMO-UNet-Plus", aliases=("MIMO-UNet+",), arxiv="2108.05054",
        title="Rethinking Coarse-to-Fine Approach in Single Image Deblurring",
        links={"code": "https://github.com/chosj95/MIMO-UNet",
               "paper": "https://example.org/papers/Cho%20Deblurring.pdf"},
    ),
    card("c-feat", "FeatSharp", arxiv="2502.16025v1",
         title="FeatSharp: Your Vision Model Features, Sharper"),
    card("c-llavar", "LLaVAR", links={"code": "https://github.com/SALT-NLP/LLaVAR",
                                    "paper": "https://arxiv.org/pdf/2306.17107v2.pdf"}),
    card("c-rsa", "Saliency-Semantic RSA",
         title="Saliency Suppressed, Semantics Surfaced: Visual Transformations"),
    card("c-whisper", "Whisper"),
    card("c-clip", "CLIP"),
    card("vector", "image_feature_vector"),
    card("plain", "segmentation"),
    card("midas-large", "MiDaS"),
    card("midas-small", "MiDaS"),
    card("resnet50", "ResNet-50"),
]  # fmt: skip


@pytest.fixture(scope="module")
def look() -> Names:
    return Names.of(CARDS)


def found(look: Names, text: str) -> list[tuple[str, str]]:
    return [(CARDS[hit.card].id, hit.kind) for hit in look.find(text)]


NAMED = [
    ("how does MIMO-UNet+ work?", [("c-mimo", "alias")]),
    ("mimo unet plus", [("c-mimo", "alias")]),
    ("MIMOUNetPlus vs FeatSharp", [("c-mimo", "alias"), ("c-feat", "name")]),
    ("FeatSharp versus MIMOUNetPlus", [("c-feat", "name"), ("c-mimo", "alias")]),
    ("deblur mimo unet plus", [("c-mimo", "name")]),
    ("What is MIMO-UNet++?", [("c-mimo", "variant")]),
    ("the base MIMO-UNet", [("c-mimo", "variant")]),
    ("Does LLaVa-R read?", [("c-llavar", "name")]),
    ("FEATSHARP!", [("c-feat", "name")]),
    ("ＦｅａｔＳｈａｒｐ", [("c-feat", "name")]),
    ("resnet50 or ResNet 50", [("resnet50", "name")]),
    ("what do MiDaS models do", [("midas-large", "name"), ("midas-small", "name")]),
    ("saliency semantic rsa", [("c-rsa", "name")]),
    ("In Saliency Suppressed, Semantics Surfaced they say", [("c-rsa", "title")]),
    ("Rethinking coarse to fine approach in single-image deblurring", [("c-mimo", "title")]),
    ("arXiv:2502.16025v3", [("c-feat", "arXiv id")]),
    ("see http://arxiv.org/abs/2108.05054.", [("c-mimo", "arXiv id")]),
    ("2306.17107", [("c-llavar", "arXiv id")]),
    ("https://www.github.com/chosj95/MIMO-UNet/", [("c-mimo", "link")]),
    ("github.com/chosj95/mimo-unet/blob/main/README.md", [("c-mimo", "link")]),
    ("HTTPS://EXAMPLE.ORG/papers/Cho Deblurring.pdf", []),
    ("https://example.org/papers/Cho%20Deblurring.pdf", [("c-mimo", "link")]),
    ("chosj95/MIMO-UNet", [("c-mimo", "link")]),
    ("FeatSharp/LLaVAR", [("c-feat", "name"), ("c-llavar", "name")]),
    ("FeatSharp是什么？MIMO-UNet+为什么快", [("c-feat", "name"), ("c-mimo", "alias")]),
    ("Whisper hears, CLIP sees", [("c-whisper", "name"), ("c-clip", "name")]),
    ("call image_feature_vector", [("vector", "name")]),
]

MISSPELT: list[tuple[str, str]] = [
    ("FeetSharp", "c-feat"),
    ("featshrap", "c-feat"),
    ("MINO-UNet+", "c-mimo"),
    ("is Fetasharp any good", "c-feat"),
    ("LLavvar", "c-llavar"),
    ("saliencey semantic RSA", "c-rsa"),
]

NOT_NAMED = [
    "", "???", "how do I keep features sharp?", "the features sharpen", "NAFNet", "LLaVA",
    "LLaVA-1.5", "llava next", "FeatUp", "UNet", "U-Net plus attention", "MPRNet", "DeblurGAN-v2",
    "ResNet-101", "ResNet-18", "resnet", "MiDaS2", "FeatSharper", "a whisper in the dark",
    "clip the image", "image feature vector", "segmentation", "saliency", "semantic RSA",
    "antonbaumann/MIMO-Unet", "https://github.com/antonbaumann/MIMO-Unet",
    "https://github.com/other/FeatSharp", "2502.16026", "version 2502.160", "2108.050541",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_named(look: Names, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(look, text) == expected


@pytest.mark.parametrize(("text", "expected"), MISSPELT)
def test_misspelt(look: Names, text: str, expected: str) -> None:
    assert found(look, text) == [(expected, "misspelling")]


@pytest.mark.parametrize("text", NOT_NAMED)
def test_not_named(look: Names, text: str) -> None:
    assert found(look, text) == []


def test_a_word_of_the_registry_is_no_misspelt_name(look: Names) -> None:
    assert look.find("featsharb featsharp") != []
    near = "featshorp"
    assert [hit.kind for hit in look.find(near)] == ["misspelling"]
    assert look.find(near, is_known=lambda word: True) == []


def test_every_card_is_found_by_its_arxiv_id_among_many() -> None:
    many = [card(f"c{i}", f"Net{i}x", arxiv=f"21{i // 1000 + 1:02}.{i:05}") for i in range(1200)]
    look = Names.of(many)
    for i in (0, 17, 1199):
        assert [many[h.card].id for h in look.find(f"is {many[i].arxiv} right?")] == [f"c{i}"]
        assert [many[h.card].id for h in look.find(f"net-{i}X")] == [f"c{i}"]


def test_a_long_text_is_read_to_its_end(look: Names) -> None:
    text = "Some Words OfNoMeaning " * 400 + "FeatSharp"
    assert found(look, text) == [("c-feat", "name")]


@pytest.mark.parametrize("piece", ["a", "-.", "a.b-", "a/", "a:", "www", "漢", "é", "(", "=+ "])
def test_hostile_texts_take_no_longer_than_others(look: Names, piece: str) -> None:
    """A pattern that looks back over and over would take half a minute each."""
    assert found(look, piece * (40_000 // len(piece)) + " FeatSharp") == [("c-feat", "name")]


def test_no_cards() -> None:
    assert Names.of([]).find("FeatSharp arXiv:2502.16025") == []


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    look = Names.of(CARDS[:3])
    assert all(0 <= hit.card < 3 for hit in look.find(text))


@pytest.mark.parametrize("text", ["FeatSharp/24", "24/FeatSharp", "./FeatSharp", "or/FeatSharp"])
def test_a_slash_after_a_word_a_number_or_a_mark_joins_alternatives(look: Names, text: str) -> None:
    assert found(look, text) == [("c-feat", "name")]


UPSCALERS = [
    card("4x-bsrgan", "4x-BSRGAN", title="BSRGAN"),
    card("8x-esrgan", "8x-ESRGAN", title="ESRGANx8"),
    card("4x-ultrasharp", "4x-UltraSharp", title="UltraSharp"),
    card("4x-ultrasharpv2", "4x-UltraSharpV2", title="UltraSharpV2"),
]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Who made 4x-BSRGAN?", ["4x-bsrgan"]),
        ("who made 4x bsrgan", ["4x-bsrgan"]),
        ("4x_BSRGAN or bsrgan", ["4x-bsrgan"]),
        ("What does 4x-UltraSharp remove?", ["4x-ultrasharp"]),
        ("ultrasharp v2", ["4x-ultrasharpv2"]),
        ("8x-BSRGAN", []),
        ("4x-UltraSharpV9", []),
        ("4x-NoSuchThing", []),
    ],
)
def test_a_name_that_begins_with_a_factor(text: str, named: list[str]) -> None:
    look = Names.of(UPSCALERS)
    assert [UPSCALERS[hit.card].id for hit in look.find(text)] == named
