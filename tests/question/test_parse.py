"""What a reader sees first: a question, understood."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.question.parse import parse
from agent.types import MAX_QUESTION_CHARACTERS, ParsedQuestion

SEED = (
    '"I upscaled a web image by 3× and the AI kept edges sharp and text readable. How does this '
    'model preserve structure so clearly without introducing blur?"'
)

# Question, and what must be understood of it. `effects` and `topics` must be among those found.
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    (SEED, dict(intent="explain", operation="enlarge", factor=3, subject="a web image",
                effects="edges sharpness text structure blur", language="en", needs_image=False)),
    ("why did the upscaled image keep sharp edges?",
     dict(intent="explain", operation="enlarge", factor=None, subject="the upscaled image",
          effects="edges sharpness", needs_image=False)),
    ("Hi there! Quick question: how fast is MIMO-UNet+ on a 1280x720 picture? Thanks!",
     dict(intent="fact", operation=None, factor=None, subject=None, topics="speed",
          models=("MIMO-UNet+",))),
    ("Which loss does MIMO-UNet+ use?",
     dict(intent="fact", operation=None, topics="loss", effects="", models=("MIMO-UNet+",))),
    ("Is it true that FeatSharp doubles the resolution of CLIP features?",
     dict(intent="verify", operation="sharpen_features", factor=2, models=("FeatSharp", "CLIP"),
          topics="resolution features")),
    ("Does MIMO-UNet+ really enlarge images?",
     dict(intent="verify", operation="enlarge", factor=None, effects="enlargement")),
    ("How do I deblur my holiday photos?",
     dict(intent="how_to", operation="deblur", subject="my holiday photos", needs_image=False)),
    ("my photo is blurry, what can i do",
     dict(intent="how_to", operation="deblur", subject="my photo", effects="blur")),
    ("Can I use LLaVAR commercially?",
     dict(intent="verify", topics="licence", models=("LLaVAR",), needs_image=False)),
    ("Compare MIMO-UNet and NAFNet on GoPro.",
     dict(intent="compare", models=("MIMO-UNet", "NAFNet"), topics="comparison data")),
    ("What's the difference between MIMO-UNet and MIMO-UNet+?",
     dict(intent="compare", models=("MIMO-UNet", "MIMO-UNet+"))),
    ("MIMO-UNet+ or Restormer: which is better for motion blur?",
     dict(intent="compare", operation="deblur", models=("MIMO-UNet+", "Restormer"))),
    ("what does the sign in my photo say?",
     dict(intent="look", subject="my photo", needs_image=True)),
    ("is this picture blurry?", dict(intent="look", effects="blur", needs_image=True)),
    ("Did it change the letters in my image?",
     dict(intent="look", effects="text", subject="my image", needs_image=True)),
    ("I upscalled my screenshot 4x with Real-ESRGAN and the text came out redable, how come?",
     dict(intent="explain", operation="enlarge", factor=4, subject="my screenshot",
          effects="text", models=("Real-ESRGAN",), needs_image=False)),
    ("i enlarged the scanned receipt three times and now i can read the prices. why no blur?",
     dict(intent="explain", operation="enlarge", factor=3, subject="the scanned receipt",
          effects="blur")),
    ("I tried three times to upscale my photo with SwinIR, but it crashes. out of memory on my "
     "RTX 3090",
     dict(operation="enlarge", factor=None, subject="my photo", models=("SwinIR",),
          topics="memory")),
    ("Our 10x engineer says MIMO-UNet runs 8x faster than MPRNet. Is that right?",
     dict(intent="verify", operation=None, factor=None, topics="speed",
          models=("MIMO-UNet", "MPRNet"))),
    ("Went from 640 to 1920 px and lettering is still crisp — what makes that possible?",
     dict(intent="explain", operation="enlarge", factor=3, effects="text sharpness")),
    ("I blew up an old family portrait to 200 % and the faces stayed sharp. Explain please",
     dict(intent="explain", operation="enlarge", factor=2, subject="an old family portrait")),
    ("The logo was doubled in size and its contours stayed clean. Why?",
     dict(intent="explain", operation="enlarge", factor=2, subject="The logo", effects="edges")),
    ("How does \"FeatSharp: Your Vision Model Features, Sharper\" upsample feature maps?",
     dict(intent="explain", operation="sharpen_features", topics="features",
          papers=("FeatSharp: Your Vision Model Features, Sharper",))),
    ("see https://arxiv.org/abs/2502.16025v2 and cs/0112017, doi 10.1109/ICCV48922.2021.00460. "
     "which datasets?",
     dict(intent="fact", topics="data", arxiv_ids=("2502.16025", "cs/0112017"), models=(),
          papers=("https://arxiv.org/abs/2502.16025v2", "10.1109/ICCV48922.2021.00460"))),
    ("Do ResNets suppress saliency more than ViTs?",
     dict(intent="compare", operation="compare_representations", topics="saliency", models=())),
    ("How similar are CLIP's representations to the human brain?",
     dict(operation="compare_representations", topics="brain", models=("CLIP",))),
    ("Which layers suppress salient information?",
     dict(intent="fact", operation="compare_representations", topics="layers saliency")),
    ("Can LLaVAR read text in movie posters?",
     dict(intent="verify", operation="read_text", topics="ocr", needs_image=False)),
    ("How does LLaVAR do compared with BLIP-2?",
     dict(intent="compare", models=("LLaVAR", "BLIP-2"))),
    ("What licence do the weights have and where can I download them?",
     dict(intent="fact", topics="licence weights")),
    ("Is there a way to make the small print on my scan legible?",
     dict(intent="how_to", operation="deblur", subject="my scan", effects="text",
          needs_image=False)),
    ("Please deblur this photo",
     dict(intent="how_to", operation="deblur", subject="this photo", needs_image=True)),
    ("Could you explain in detail how the multi-input multi-output design handles coarse-to-fine?",
     dict(intent="explain", topics="multi-scale", effects="", operation=None)),
    ("what is the PSNR on GoPro", dict(intent="fact", topics="evaluation data", models=())),
    ("How much memory does it need for a 12 megapixel image?",
     dict(intent="fact", topics="memory input-size", factor=None)),
    ("EDSR vs HAT", dict(intent="compare", models=("EDSR", "HAT"), language="en")),
    ("Which model should I use to sharpen a blurry licence plate?",
     dict(intent="compare", operation="deblur", subject="a blurry licence plate", topics="")),
    ("tell me about the asymmetric feature fusion", dict(intent="explain", topics="fusion")),
    ("My upscaled picture has halos and jpeg artifacts around the letters",
     dict(intent="complain", operation="enlarge", subject="My upscaled picture",
          effects="artefacts text", models=())),
    ("I scaled the 1920x1080 frame up by a factor of 2 and noise got worse. Why?",
     dict(intent="complain", operation="enlarge", factor=2, subject="the 1920x1080 frame",
          effects="noise")),
    ("What happens to high frequencies in the FFT loss?",
     dict(intent="explain", topics="frequency loss", models=())),
    ("who wrote the FeatSharp paper?", dict(intent="fact", models=("FeatSharp",))),
    ("Was MIMO-UNet++ an ensemble?",
     dict(intent="verify", models=("MIMO-UNet++",), topics="ensemble")),
    ("Why the heck does zooming in on my cat pic keep every whisker crisp???",
     dict(intent="explain", operation="enlarge", subject="my cat pic", effects="sharpness")),
    ("I took a 2x2 grid of photos, why are the middle ones soft?",
     dict(intent="explain", factor=None, operation=None)),
    ("What makes the 4x upscaler keep line art so clean?",
     dict(intent="explain", operation="enlarge", factor=4, effects="edges")),
    ("WHY IS MY UPSCALED IMAGE SO SHARP??? I USED SWINIR 4X",
     dict(intent="explain", operation="enlarge", factor=4, models=("SWINIR",),
          effects="sharpness")),
    ("hey, pls tell me: whats the diff between upscaling and deblurring",
     dict(intent="compare", language="en")),
    ("My friend said AI upscalers just invent detail. True?",
     dict(intent="verify", effects="hallucination detail", models=())),
    ("what dataset was it trained on & how long did training take",
     dict(intent="fact", topics="data training")),
    ("Can it handle grayscale or CMYK images?", dict(intent="verify", effects="colour", models=())),
    ("Could MIMO-UNet+ run in real time on a laptop cpu?", dict(intent="verify", topics="speed")),
    ("I used Topaz Gigapixel AI and the 6x enlargement of my X-ray looks fake — did it invent "
     "detail?",
     dict(operation="enlarge", factor=6, models=("Topaz Gigapixel AI",),
          effects="hallucination detail")),
    ("What does AFF do?", dict(intent="explain", topics="fusion", models=())),
    ("give me the bibtex of the saliency paper", dict(intent="fact", topics="saliency")),
    ("I resized a PNG of a map from 1000x800 to 3000x2400 and street names are still legible, how?",
     dict(intent="explain", operation="enlarge", factor=3, subject="a PNG of a map",
          effects="text")),
    ("how can i check whether the upscaled text is faithful to the original",
     dict(intent="how_to", effects="text hallucination")),
    ("Which of these two photos is sharper?", dict(intent="look", needs_image=True)),
    ("Are the numbers in my scanned invoice correct after upscaling?",
     dict(intent="look", operation="enlarge", subject="my scanned invoice", needs_image=True)),
    ("I need a network that removes camera shake from night shots, runs on CPU, and has a "
     "permissive licence.",
     dict(intent="how_to", operation="deblur", topics="licence", models=())),
    ("can you read the licence plate in this image?",
     dict(subject="this image", needs_image=True, topics="")),
    ("is mimo unet plus good for faces", dict(intent="verify", models=("mimo unet plus",))),
    ("I compared the output with the original and the text is sharper than before. How?",
     dict(intent="explain", effects="text sharpness")),
    ("The paper with DOI 10.48550/arXiv.2108.05054 claims 8 ms. true?",
     dict(intent="verify", papers=("10.48550/arXiv.2108.05054",), arxiv_ids=("2108.05054",))),
    ("see (https://github.com/chosj95/MIMO-UNet). Is there a licence?",
     dict(topics="licence", papers=("https://github.com/chosj95/MIMO-UNet",), models=())),
    ("How much faster is MIMO-UNet than MPRNet?", dict(intent="compare", topics="speed")),
    ("I enlarged my screenshot and it's clear to me that text is better, but not clear why.",
     dict(intent="explain", operation="enlarge", subject="my screenshot", effects="text")),
    ("Which model can rescue my shaky photos?",
     dict(intent="how_to", subject="my shaky photos", needs_image=False)),
    ("my scanned receipt is blurry, can it be sharpend",
     dict(intent="how_to", operation="deblur", subject="my scanned receipt")),
    ("CLIP features are only 24 by 24, can they be upsampled without retraining the encoder?",
     dict(operation="sharpen_features", factor=None, topics="features training")),
    ("Create a feature extractor for images of 224x224x3", dict(factor=None)),
    ("May a company ship the deblurring weights?", dict(intent="verify", topics="licence weights")),
    ("does feature upsampling enlarge the picture itself or only what the network sees",
     dict(intent="verify", operation="sharpen_features", subject="the picture")),
    ("How do I make a picture of a moving car sharper?",
     dict(intent="how_to", operation="deblur", subject="a picture of a moving car")),
    ("Identify the objects in the image for an image index.", dict(needs_image=False)),
    ("How was the upsampler trained without labels?", dict(effects="", topics="training")),
    ("sharpen blurry image", dict(intent="how_to", operation="deblur", language="en")),
    ("Write me a poem about autumn.", dict(operation=None, factor=None, models=(), topics="")),
    ("Ich habe ein Webbild um das Dreifache vergrößert und die Kanten blieben scharf. Warum ist "
     "der Text lesbar?",
     dict(intent="explain", operation="enlarge", factor=3, subject="ein Webbild",
          effects="edges sharpness text", language="de")),
    ("J'ai agrandi une image web par 3 et le texte est resté lisible. Comment le modèle "
     "préserve-t-il les contours sans flou ?",
     dict(intent="explain", operation="enlarge", factor=3, subject="une image web",
          effects="text edges blur", language="fr")),
    ("Amplié una imagen web 3x y los bordes siguen nítidos. ¿Por qué no aparece desenfoque?",
     dict(intent="explain", operation="enlarge", factor=3, subject="una imagen web",
          effects="edges sharpness blur", language="es")),
    ("我把一张网页图片放大了3倍，边缘依然清晰，文字可读。为什么没有模糊？",
     dict(intent="explain", operation="enlarge", factor=3, effects="edges sharpness text blur",
          language="zh")),
    ("Warum ist the text nach dem upscaling so sharp?",
     dict(intent="explain", operation="enlarge", effects="text sharpness", language="de")),
    ("a picture enlarged fourfold still looks crisp, wie macht das Modell das?",
     dict(intent="explain", operation="enlarge", factor=4, subject="a picture")),
]  # fmt: skip


@pytest.mark.parametrize(("question", "expected"), QUESTIONS, ids=[q[:48] for q, _ in QUESTIONS])
def test_a_question_is_understood(question: str, expected: dict[str, Any]) -> None:
    parsed = parse(question)
    for field, value in expected.items():
        found = getattr(parsed, field)
        if field in ("effects", "topics"):
            wanted = set(value.split())
            assert wanted <= set(found), field
            assert found == () or wanted, f"{field}: expected none, got {found}"
        else:
            assert found == value, field


def _understood(parsed: ParsedQuestion) -> dict[str, Any]:
    """All but the text to search, which is empty where the question is that text."""
    return parsed.model_dump(exclude={"search_text"})


def _meaning(parsed: ParsedQuestion) -> dict[str, Any]:
    """All but what is given as written."""
    return parsed.model_dump(exclude={"models", "papers", "subject", "search_text", "parts"})


ASKED = st.sampled_from([question for question, _ in QUESTIONS])
ORDINARY = [
    question for question, _ in QUESTIONS if not re.search(r"FeatSharp:|CLIP|EDSR", question)
]
POLITE = [
    "Thanks!",
    "thank you very much",
    "please",
    "Thanks in advance!",
    "Cheers",
    "🙏",
    "Danke!",
    "Merci beaucoup.",
    "please, thanks",
]


@given(ASKED, st.text(" \t\n\r", max_size=5), st.text(" \t\n\r", max_size=5))
def test_white_space_around_it_changes_nothing(question: str, before: str, after: str) -> None:
    assert _understood(parse(before + question + after)) == _understood(parse(question))


@example("sharpen blurry image", " — ", "🙏")
@given(ASKED, st.sampled_from([" ", ", ", "\n", " — "]), st.sampled_from(POLITE))
def test_politeness_after_it_changes_nothing(question: str, joint: str, polite: str) -> None:
    assert _understood(parse(question + joint + polite)) == _understood(parse(question))


@given(ASKED, st.sampled_from(["Hi, ", "Hello there! ", "Hey — ", "Please, ", "Good morning. "]))
def test_a_greeting_before_it_changes_nothing(question: str, greeting: str) -> None:
    assert _meaning(parse(greeting + question)) == _meaning(parse(question.strip('"')))


@pytest.mark.parametrize("question", ORDINARY)
def test_case_changes_nothing_but_names_as_written(question: str) -> None:
    assert _meaning(parse(question.lower())) == _meaning(parse(question))
    assert _meaning(parse(question.upper())) == _meaning(parse(question))


@settings(max_examples=150)
@given(st.text(max_size=300))
@example("")
@example("\ud800\x00 3x \x1b[31m")
def test_no_text_makes_it_raise(text: str) -> None:
    parsed = parse(text)
    assert ParsedQuestion.model_validate_json(parsed.model_dump_json()) == parsed


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "A-b",
        "3x ",
        "1x1 ",
        "640 to ",
        "my photo of ",
        "what does the ",
        '"A b ',
        "((",
        "http://a(",
        "10.1234/",
        "please ",
        "sorry if ",
        "read ",
        "SwinIR ",
        "模糊",
        "!? ",
        "x" * 30 + " ",
        "in ",
        "1,",
        "fast ",
        "upscaled ",
        "is it, ",
        "modlee ",
        "<b",
        "**a ",
        "because it fails ",
    ],
)
def test_repetition_does_not_make_it_slow(unit: str) -> None:
    # A pattern that backtracks would take minutes here; nothing is timed.
    parse((unit * MAX_QUESTION_CHARACTERS)[:MAX_QUESTION_CHARACTERS])
    parse(("why " + unit * MAX_QUESTION_CHARACTERS)[: MAX_QUESTION_CHARACTERS - 4] + " x3?")


def test_the_same_text_parses_the_same() -> None:
    assert parse(SEED) == parse(SEED)


def test_effects_come_in_the_order_of_the_question() -> None:
    assert parse("Why is text readable and why are edges sharp?").effects[:2] == ("text", "edges")
