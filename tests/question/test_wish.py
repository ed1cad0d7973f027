"""Which model is wished for, read from a question; other questions wish for none."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.question.parse import parse
from agent.question.wish import on_terms_of, unmet, wish_in
from agent.types import Card, Condition, Defect, Subject, Wish

#: Question, factor, subjects, defects, whether it is to be used commercially.
WISHES: list[tuple[str, int | None, str, str, bool]] = [
    ("I'm after a model that doubles the size of my manga scans and gets rid of the "
     "screentone dots.",
     2, "manga", "halftone", False),
    ("Best upscaler for selfies at 4x, and it has to be okay to use for paid client "
     "work",
     4, "faces", "", True),
    ("what can i use to blow up old game textures four times that have DXT "
     "compression",
     4, "game-textures", "dds", False),
    ("Can you recommend something for cleaning grain from family photos without "
     "changing their size?",
     1, "photo", "noise", False),
    ("need a net for typed pages, 2x, blurry scans", 2, "text", "blur", False),
    ("Which checkpoint should I download to make SNES sprites 8 times bigger?",
     8, "pixel-art", "", False),
    ("Is there a model for de-halftoning scanned magazine photos at original size?",
     1, "photo", "halftone", False),
    ("suggest an upscaler, x2, for western cartoons from DVD",
     2, "cartoon video-frames", "", False),
    ("I sell posters. Which model quadruples photographs?", 4, "photo", "", True),
    ("Which network takes JPEG blocks out of screenshots of text and doubles them?",
     2, "text", "jpeg", False),
    ("Looking for an anime model, 4x, that may be used commercially", 4, "anime", "", True),
    ("What's good for denoising portraits? No enlargement needed.", 1, "faces", "noise", False),
    ("I'd like my drawings three times as large. What should I take?", 3, "cartoon", "", False),
    ("model to upscale comics 4x for my Etsy store please", 4, "cartoon", "", True),
    ("Which model should I use for manga 4x? It's only for personal use, nothing I'd "
     "sell.",
     4, "manga", "", False),
    ("Do you know a model for making webtoon panels twice as wide, with the licence "
     "allowing commercial projects?",
     2, "manga", "", True),
    ("I want to get the compression artefacts out of a video frame of an anime, same "
     "resolution. Which one?",
     1, "anime video-frames", "compression", False),
    ("Which weights remove colour banding from cartoons?", 1, "cartoon", "banding", False),
    ("Recommend a 4x model for faces which is not non-commercial.", 4, "faces", "", True),
    ("My scanned comic has halftone dots; which model gets rid of them and enlarges "
     "it by a factor of 4?",
     4, "cartoon", "halftone", False),
    ("what would you use on low quality JPEGs of anime, 2x", 2, "anime", "jpeg", False),
    ("Give me a model that sharpens out-of-focus photos", 1, "photo", "blur", False),
    ("Which upscaler for an old family portrait, 400%?", 4, "faces", "", False),
    ("For my company I need to enlarge handwritten letters to 200 %; which model?",
     2, "text", "", True),
    ("Which model for pixel art with dithering, 4×, MIT or CC0 licence?",
     4, "pixel-art", "dithering", True),
    ("which ai should i use to upscale a screenshot from a video game 2x",
     2, "game-screenshots", "", False),
    ("Which model would you pick to restore blurry text at the same size, free for "
     "business use?",
     1, "text", "blur", True),
    ("tell me the best model for 3x enlargement of photographs with heavy jpeg "
     "compression",
     3, "photo", "jpeg", False),
    ("Which model is best for line art with jaggies?", 1, "cartoon", "aliasing", False),
    ("Find me a model for renders (Blender), 2x, noise removal", 2, "cgi", "noise", False),
    ("I make money with my YouTube channel. What upscales gameplay footage 2x?",
     2, "game-screenshots video-frames", "", True),
    ("Which model makes a portrait 4x larger and fixes noise? I will not use it "
     "commercially.",
     4, "faces", "noise", False),
    ("a model for dedithering, 1x, pixel art?", 1, "pixel-art", "dithering", False),
    ("Which of your models can I use to clean JPEG damage from manga? I plan on "
     "selling prints.",
     1, "manga", "jpeg", True),
    ("enlarge x4 photo jpeg artefacts model?", 4, "photo", "jpeg", False),
    ("Which model should I choose for photos, 16x?", 16, "photo", "", False),
    ("What's the go-to for game textures at 4x with noise?", 4, "game-textures", "noise", False),
    ("what model would deblur a cartoon for commercial purposes", 1, "cartoon", "blur", True),
    ("Please help me pick a model: anime, double resolution, remove blur, no licence "
     "worries for my shop",
     2, "anime", "blur", True),
    ("Which model is right for printing a photo at eight times its size?", 8, "photo", "", False),
    ("Which model, scale 2, suits document scans with JPEG artifacts?", 2, "text", "jpeg", False),
    ("Which super-resolution model with factor 4 handles grainy manga pages and lets "
     "me sell the output?",
     4, "manga", "noise", True),
    ("Hi! any upscaler for AI art from Stable Diffusion, 4x?", 4, "ai-generated", "", False),
    ("I run a print shop; customers bring tiny logos with text. 8x upscaler?",
     8, "text", "", True),
    ("Which model would remove the blur of a pixel art sprite and can be used in a "
     "commercial game?",
     1, "pixel-art", "blur", True),
    ("Any recommendations for making anime wallpapers 4K, i.e. 2x, without blur?",
     2, "anime", "", False),
    ("Which model for a 2× enlargement of a human face with compression damage from "
     "JPEG?",
     2, "faces", "jpeg", False),
    ("what's best to get rid of speckles in real-life pictures", 1, "photo", "noise", False),
    ("which model may I use in a commercial product to enlarge drawings to four times "
     "their size?",
     4, "cartoon", "", True),
    ("Which model does denoising of cartoons and is free for commercial projects?",
     1, "cartoon", "noise", True),
    ("Portraits, twofold enlargement, commissioned work: which network?", 2, "faces", "", True),
    ("Which neural net removes dithering patterns from old game sprites without "
     "resizing them?",
     1, "pixel-art", "dithering", False),
    ("I've scanned a newspaper; its letters are fuzzy. Which 4x model helps?",
     4, "text", "blur", False),
    ("For a poster that I'll put on sale, what is the best way to scale a photo up 8 "
     "times?",
     8, "photo", "", True),
    ("What do you suggest for repairing jpg'd anime screencaps at double resolution?",
     2, "anime", "jpeg", False),
    ("Give me the name of a 4x upscaler meant for realistic pictures, noise reduction "
     "included",
     4, "photo", "noise", False),
    ("Which model is meant for Japanese comics, 4x, and also gets rid of noise? "
     "Commercial rights needed.",
     4, "manga", "noise", True),
    ("Is any model able to quadruple the dimensions of people's faces and undo JPEG "
     "compression?",
     4, "faces", "jpeg", False),
    ("which upscaling model suits texture packs of old games, 4x, and dedithers",
     4, "game-textures", "dithering", False),
    ("Model recommendation wanted: cartoons, 4x, usable in ads", 4, "cartoon", "", True),
    ("I have grainy Disney cartoons and want them twice the size – what should I go "
     "for?",
     2, "cartoon", "noise", False),
    ("Please recommend something to sharpen a blurred cartoon; result goes into a "
     "commercial product.",
     1, "cartoon", "blur", True),
    ("is there a 1x model to clean jpeg artifacts off manga pages?", 1, "manga", "jpeg", False),
    ("Which one would restore comic scans with printing dots and make them 4x bigger?",
     4, "cartoon", "halftone", False),
    ("hey, best 8x upscaler for anime?", 8, "anime", "", False),
    ("Which model do I need if I want my texts legible, i.e. letters at four times "
     "the size and no JPEG noise?",
     4, "text", "jpeg", False),
    ("Suggest a non-commercial or commercial model, I don't care, for 3x photos",
     3, "photo", "", False),
    ("Any model with a free licence (commercial allowed) for pixel graphics, 4x?",
     4, "pixel-art", "", True),
    ("What would be the right choice for upscaling headshots by 2 with JPEG damage?",
     2, "faces", "jpeg", False),
    ("I need to make a picture of my cat 4 times bigger, it's full of JPEG blocks. "
     "What model?",
     4, "photo", "jpeg", False),
    ("Which model for photographs, size unchanged, against noise", 1, "photo", "noise", False),
    ("My company prints anime merchandise. 4x model?", 4, "anime", "", True),
    ("we're a small studio and need 4x manga upscaling plus jpeg cleanup - licence "
     "must allow that",
     4, "manga", "jpeg", True),
    ("Which upscaler is licensed so that a game developer can ship the upscaled "
     "textures? 4x",
     4, "game-textures", "", True),
    ("which model takes compressed photos and makes them 2x larger?",
     2, "photo", "compression", False),
    ("Which model turns a low-res scan of a typewritten letter into something twice "
     "as large?",
     2, "text", "", False),
    ("What is best for a hand-drawn cartoon, 3x?", 3, "cartoon", "", False),
    ("Are there any 8x models for pixel art that remove dither?",
     8, "pixel-art", "dithering", False),
    ("Which model fits: anime, remove dithering, no upscaling?", 1, "anime", "dithering", False),
    ("Which of the models cleans noise in game textures while keeping their size?",
     1, "game-textures", "noise", False),
    ("For fun only: which model to blow my selfie up 4x and denoise it?",
     4, "faces", "noise", False),
    ("Can you name a model for photos, 2x, deblurring?", 2, "photo", "blur", False),
    ("Looking to upscale a scanned book page 8x and publish it for profit. Which?",
     8, "text", "", True),
    ("Which model gets rid of JPEG artifacts in portrait photos, enlarges four-fold "
     "and permits commercial use?",
     4, "faces photo", "jpeg", True),
    ("Which model would you run on a blurry manga page to get 2x?", 2, "manga", "blur", False),
    ("What removes jpeg compression from cartoon images?", 1, "cartoon", "jpeg", False),
    ("4x for cartoons with dithering - which?", 4, "cartoon", "dithering", False),
    ("I'd love a recommendation: 2x cartoon deblur", 2, "cartoon", "blur", False),
    ("Got anything for anime that has been saved as JPEG too often? No resizing "
     "please.",
     1, "anime", "jpeg", False),
    ("Which model enlarges an image of text by 200%, removing JPEG artefacts?",
     2, "text", "jpeg", False),
    ("Which upscaler is OK under a licence that doesn't restrict me to non-commercial "
     "use, for photos at 4x?",
     4, "photo", "", True),
    ("Which model can I use at work for enlarging faces 4x with JPEG artefacts, "
     "commercially?",
     4, "faces", "jpeg", True),
    ("What model would a webshop owner take for pixel art 4x?", 4, "pixel-art", "", True),
    ("Which model has no commercial restriction and does 8x on text?", 8, "text", "", True),
    ("Which model is allowed in commercial settings and removes noise from cartoons?",
     1, "cartoon", "noise", True),
    ("Is there some network that makes manga 4x larger? Selling isn't planned.",
     4, "manga", "", False),
    ("photos 4x, monetized blog, which model", 4, "photo", "", True),
    ("Which model makes game textures sharper and larger, 4x?", 4, "game-textures", "", False),
    ("I want to print big: 8x photo upscaler?", 8, "photo", "", False),
    ("Can I get a model that will upscale anime 3x?", 3, "anime", "", False),
    ("Which model descreens scanned comic books and makes them 4 times larger?", 4, "cartoon",
     "halftone", False),
    ("Point me to a model for facial close-ups, 4 times", 4, "faces", "", False),
    ("My pics of people's faces are dithered. Which model undithers them at the same size?", 1,
     "faces", "dithering", False),
    ("Which model gets photos from 1000 px to 3000 px?", 3, "photo", "", False),
    ("Choose a model for me: cartoon, 4x, halftone", 4, "cartoon", "halftone", False),
    ("Which model improves game textures with dithering by factor four?", 4, "game-textures",
     "dithering", False),
    ("Which model upscales text 4x without JPEG artefacts?", 4, "text", "jpeg", False),
    ("Which model would suit an eBay seller who needs photos 4x?", 4, "photo", "", True),
    ("Which model may be used free of charge for non-commercial purposes on manga?", None,
     "manga", "", False),
    ("Need: photo upscaler, 4x, JPEG cleanup.", 4, "photo", "jpeg", False),
]  # fmt: skip
OTHERS = [
    "Why did the AI keep my text sharp when I upscaled 4x?",
    "What does this model do to blur in photos?",
    "How does Real-ESRGAN remove JPEG artefacts from anime pictures?",
    "I upscaled a web image by 3× and the AI kept edges sharp and text readable. How does "
    "this model preserve structure so clearly without introducing blur?",
    "Is the text in my picture readable?",
    "What is MIMO-UNet+?",
    "Did the model invent detail in the faces?",
    "My photo came out blurry after enlarging 4x. What went wrong?",
    "Which loss does the model use?",
    "Hello there",
    "How many layers does the deblurring network have?",
    "How well does this denoiser do on photos of faces?",
    "Which factors does the upscaler offer, 2x and 4x?",
    "Where can I read about the network that removes blur from photos?",
    "Should one train a deblurring net on enlarged photos?",
]  # fmt: skip


@pytest.mark.parametrize(("text", "scale", "subjects", "removes", "commercial"), WISHES)
def test_a_wish_is_read_in_whatever_words(
    text: str, scale: int | None, subjects: str, removes: str, commercial: bool
) -> None:
    wish = parse(text).wish
    assert wish is not None
    assert wish.scale == scale
    assert sorted(wish.subjects) == subjects.split()
    assert " ".join(wish.removes) == removes
    assert wish.commercial is commercial


@pytest.mark.parametrize("text", OTHERS)
def test_a_question_about_a_result_or_a_mechanism_wishes_for_no_model(text: str) -> None:
    assert parse(text).wish is None


@pytest.mark.parametrize(
    ("text", "commercial"),
    [
        ("may be sold", True),
        ("not for sale", False),
        ("I don't want to sell anything", False),
        ("non-commercial use is fine", False),
        ("commercial use is not needed", False),
        ("not only for private use", True),
        ("it must not be non-commercial", True),
        ("the licence must not forbid selling prints", True),
        ("for free use in my shop", True),
        ("free of charge", False),
        ("not for commercial use", False),
        ("nothing commercial", False),
        ("I don't need a commercial licence", False),
        ("I have no intention of selling them", False),
        ("it doesn't have to allow commercial use", False),
        ("without commercial restrictions", True),
    ],
)
def test_the_terms_are_read_with_their_negations(text: str, commercial: bool) -> None:
    wish = parse(f"Which model for photos, {text}?").wish
    assert wish is not None and wish.commercial is commercial


@pytest.mark.parametrize(
    ("text", "scale", "enlarges"),
    [
        ("Which upscaler for photos?", None, True),
        ("Which model for photos?", None, False),
        ("Which model enlarges photos by 1.5?", None, True),
        ("Which model removes noise from photos?", 1, False),
        ("Which model enlarges photos and removes noise?", None, True),
        ("Which model for photos of 1920x1080?", None, False),
        ("Which model for a double page of manga?", None, False),
    ],
)
def test_the_size_is_read_as_far_as_it_is_named(
    text: str, scale: int | None, enlarges: bool
) -> None:
    wish = parse(text).wish
    assert wish is not None and (wish.scale, wish.enlarges) == (scale, enlarges)


def test_what_must_not_come_of_it_is_no_defect_to_remove() -> None:
    wish = parse("Which model enlarges photos 4x without making them blurry?").wish
    assert wish is not None and wish.removes == ()


DECLINING = [
    ("Which model enlarges anime 4x? I don't need jpeg removal.", "anime", "", "jpeg"),
    ("best 4x for photos, no denoising please", "photo", "", "noise"),
    ("Which model for photos 2x without noise removal?", "photo", "", "noise"),
    ("recommend a 4x model for manga; noise removal isn't needed", "manga", "", "noise"),
    ("Which model for photos 4x? Removing blur is not important.", "photo", "", "blur"),
    ("which upscaler for photos 4x that doesn't sharpen", "photo", "", "blur"),
    ("Which 4x model for photos keeps the grain?", "photo", "", "noise"),
    ("Which model for photos 4x? My picture has no noise.", "photo", "", "noise"),
    ("Which model for photos 4x? It is not blurry.", "photo", "", "blur"),
    ("Which 4x model for photos where blur is not an issue?", "photo", "", "blur"),
    ("Which model removes noise but not jpeg artefacts from photos?", "photo", "noise", "jpeg"),
    ("Which model removes noise and doesn't remove blur from photos?", "photo", "noise", "blur"),
    ("Which model for anime, no need to remove noise, but jpeg artefacts must go",
     "anime", "jpeg", "noise"),
    ("Which model for photos 4x, without denoising, deblurring or dejpeg?",
     "photo", "", "blur noise jpeg"),
    ("Which 4x model for photos leaves halftone dots as they are?", "photo", "", "halftone"),
    ("Which model should I take for 4x, not for anime but for photos?", "photo", "", "anime"),
    ("best 4x model, not anime", "", "", "anime"),
    ("best 2x upscaler for a drawing rather than a photo", "cartoon", "", "photo"),
    ("Which 4x model for photos, not only for anime?", "anime photo", "", ""),
    ("Which 4x model for photos with no jpeg artefacts in the result?", "photo", "jpeg", ""),
    ("Which 4x model for photos? I don't want noise in it.", "photo", "noise", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "subjects", "removes", "declines"), DECLINING)
def test_what_is_declined_is_not_wished_for(
    text: str, subjects: str, removes: str, declines: str
) -> None:
    wish = parse(text).wish
    assert wish is not None
    assert sorted(wish.subjects) == subjects.split()
    assert sorted(wish.removes) == removes.split()
    assert sorted(wish.declines) == sorted(declines.split())


@pytest.mark.parametrize(
    ("text", "scale"),
    [("I don't need 4x, 2x is enough", 2), ("not 4x but 2x", 2), ("x2 instead of 4x", 2)],
)
def test_a_factor_that_is_declined_is_not_wished_for(text: str, scale: int | None) -> None:
    wish = parse(f"Which model for photos, {text}?").wish
    assert wish is not None and wish.scale != 4 and wish.scale == scale


@pytest.mark.parametrize(
    "text",
    [
        "Which model should I use for this picture?",
        "which upscaler suits my picture",
        "What should I use on this?",
        "Recommend a model for this, please.",
    ],
)
def test_who_names_no_condition_may_leave_them_to_the_picture(text: str) -> None:
    wish = parse(text).wish
    assert wish is not None
    assert not (wish.scale or wish.subjects or wish.removes or wish.declines or wish.commercial)


@pytest.mark.parametrize(
    "text",
    ["Which model was used for this picture?", "What AI made this?", "Which paper should I read?",
     "Why did the model blur my picture?"],
)  # fmt: skip
def test_who_asks_what_was_used_wishes_for_nothing(text: str) -> None:
    assert parse(text).wish is None


def test_a_question_in_another_language_is_read_in_its_translation() -> None:
    wish = parse("Welches Modell vergrößert ein Foto vierfach und entfernt Rauschen?").wish
    assert wish == Wish(scale=4, subjects=("photo",), removes=("noise",))


def test_the_terms_of_the_whole_hold_for_its_parts() -> None:
    whole = parse("Which model enlarges photos 2x? May I sell the results?")
    first, second = map(parse, whole.parts)
    assert first.wish is not None and not first.wish.commercial
    of_both = on_terms_of(whole, first).wish
    assert of_both is not None and of_both.commercial
    assert on_terms_of(whole, second) == second


CARD = Card(
    id="net", name="Net", task="t", summary="s", links={}, scale=(2, 4),
    subjects=("photo", "faces"), removes=("jpeg",), commercial_use=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "conditions"),
    [
        (Wish(), set()),
        (Wish(scale=4, subjects=("faces",), removes=("jpeg",)), set()),
        (Wish(enlarges=True), set()),
        (Wish(scale=3), {"scale"}),
        (Wish(subjects=("photo", "text")), {"subjects"}),
        (Wish(removes=("noise",), commercial=True), {"removes", "commercial"}),
    ],
)
def test_a_card_meets_a_condition_or_does_not(wish: Wish, conditions: set[Condition]) -> None:
    assert unmet(CARD, wish) == conditions


def test_a_licence_that_is_not_known_to_allow_commercial_use_does_not() -> None:
    for use in (None, False):
        card = CARD.model_copy(update={"commercial_use": use})
        assert unmet(card, Wish(commercial=True)) == {"commercial"}
    allowed = CARD.model_copy(update={"commercial_use": True})
    assert not unmet(allowed, Wish(commercial=True))


def test_the_words_are_those_of_every_subject_and_defect() -> None:
    import agent.question.wish as module

    content = yaml.safe_load((Path(module.__file__).parent / "wishes.yaml").read_text("utf-8"))
    assert set(content["subjects"]) == set(get_args(Subject)) - {"any"}
    assert set(content["removes"]) - {"artefacts", "unwanted"} == set(get_args(Defect))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_alike_in_any_case(text: str) -> None:
    wish_in(text, None)
    ascii_text = text.encode("ascii", "ignore").decode()
    assert wish_in(ascii_text.upper(), None) == wish_in(ascii_text.lower(), None)
