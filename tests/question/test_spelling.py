"""Misspelt words are put right, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.parse import parse
from agent.question.spelling import corrected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("wich modle shoud i use", "which model should i use"),
        ("teh pciture is blury agian", "the picture is blurry again"),
        ("what is the reslution", "what is the resolution"),
        ("Wich licsense has it?", "Which license has it?"),
        ("featrue maps and strucure", "feature maps and structure"),
        ("can it enlage my vacaton pics", "can it enlarge my vacation pics"),
        ("pleeease, whyyyy is it soooo slow", "please, why is it so slow"),
        ("it has artefcats becuase of jpg", "it has artefacts because of jpg"),
        ("definately comercial use", "definitely commercial use"),
        ("the txt is unreedable", "the txt is unreadable"),
        ("is the sharpnes beter", "is the sharpness better"),
        ("it keeps bluring", "it keeps blurring"),
    ],
)
def test_misspelt_words_are_corrected(written: str, meant: str) -> None:
    assert corrected(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "I upscaled a web image by 3× and the AI kept edges sharp and text readable.",
        "garbled contours, dummies, invoices, retraining and halos",
        "it doesn't, isnt, wont, cant and dunno",
        "grayscale and greyscale, color and colour, licence and license",
        "NAFNet, Restormer and SwinIR on GoPro with 32.45 dB",
        "my WICH and ModleNet stay",
        "IMG_2034.jpg, www.exampel.com/teh, modle@exmaple.org, --modle and #modle",
        "bokeh, vignetting, dithering, sepia and matte prints",
        "gaussian sobel laplacian deconvolution",
        "the deblurrer oversharpens whiteboards",
        "a smear, a shrunken scan, flashy colours and reuse of generative chatbots",
        "multiply convolutional maps",
    ],
)
def test_what_is_spelt_right_stays(text: str) -> None:
    assert corrected(text) == text


def test_names_of_systems_are_not_corrected() -> None:
    assert corrected("is llavar like modle or recieve", ["llavar", "modle-recieve"]) == (
        "is llavar like modle or recieve"
    )


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("wich modle can enlage pictures 4x without bluring", None),
        ("how mcuh memroy does it neeed", "how much memory does it need"),
        ("whcih lisence has FeatSharp?", "which licence has FeatSharp?"),
        ("the reslut is still blury, why", "the result is still blurry, why"),
        ("comapre the two modles", "compare the two models"),
        ("what is saliancy", "what is saliency"),
        ("my foto is blurry, waht can i do", "my foto is blurry, what can i do"),
    ],
)
def test_a_misspelt_question_is_understood(misspelt: str, meant: str | None) -> None:
    parsed = parse(misspelt)
    wanted = parse(meant or "which model can enlarge pictures 4x without blurring")
    assert parsed.model_copy(update={"search_text": ""}) == wanted
    assert meant is None or parsed.search_text == meant


def test_german_is_not_put_right() -> None:
    text = "Wie kann ich mein Foto schaerfer machen und ist die Software frei?"
    assert parse(text).search_text == ""


@given(st.text(max_size=120))
def test_any_text_can_be_put_right(text: str) -> None:
    assert len(corrected(text).split()) == len(text.split())


@given(st.lists(st.sampled_from(["blury", "modle", "42", "NASA", "the"]), max_size=12))
def test_putting_right_twice_changes_nothing(words: list[str]) -> None:
    once = corrected(" ".join(words))
    assert corrected(once) == once
