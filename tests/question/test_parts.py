"""Several questions in one text, each so that it can be answered alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.parse import parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "I have two questions. 1) how slow is the sharpening model on a CPU and "
            "2) how many gigabytes does it want?",
            [
                "how slow is the sharpening model on a CPU?",
                "how many gigabytes does the sharpening model want?",
            ],
        ),
        (
            "What is SwinIR and what is NAFNet, and how do they differ?",
            ["What is SwinIR?", "what is NAFNet?", "how do SwinIR and NAFNet differ?"],
        ),
        (
            "How many blocks does Restormer have and is it trained on GoPro?",
            ["How many blocks does Restormer have?", "is Restormer trained on GoPro?"],
        ),
        ("how fast is it? and is it free?", ["how fast is it?", "is it free?"]),
        (
            "What does the checkpoint weigh and where are the files kept?",
            ["What does the checkpoint weigh?", "where are the files kept?"],
        ),
        (
            "LLaVAR sounds nice. What is its licence? And its size?",
            ["What is LLaVAR's licence?", "LLaVAR's size?"],
        ),
        (
            "Does FeatSharp need a GPU? How much memory? Where is the code?",
            [
                "Does FeatSharp need a GPU?",
                "FeatSharp: How much memory?",
                "FeatSharp: Where is the code?",
            ],
        ),
        (
            "Hello, two things: who made LLaVAR, and can it read Greek?",
            ["who made LLaVAR?", "can LLaVAR read Greek?"],
        ),
        (
            "I scanned a letter of my uncle. Can it be restored? How long will that take?",
            ["I scanned a letter of my uncle. Can it be restored?", "How long will that take?"],
        ),
        (
            "When I zoom in, do the letters change and are they real?",
            ["When I zoom in, do the letters change?", "are the letters real?"],
        ),
        (
            "- which loss is used?\n- how many steps were run?",
            ["which loss is used?", "how many steps were run?"],
        ),
        (
            "What is a? What is b? What is c? What is d? What is e?",
            ["What is a?", "What is b?", "What is c?", "What is d?"],
        ),
    ],
)
def test_each_question_stands_alone(text: str, parts: list[str]) -> None:
    assert list(parse(text).parts) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Why is the left letter sharp and the right one blurred?",
        "I upscaled a web image by 3× and the text is sharp. How does the model do that?",
        "who made LLaVAR and when?",
        "What does it take as input and give as output?",
        "What's the PSNR on HIDE, and is that good?",
        "How does FeatSharp work? I mean, does it redraw the picture?",
        "can you explain what it is and how it works",
        "Is it better to upscale first or is it better to deblur first?",
        "My scan is soft. I used a flatbed and a lamp. What can I do about it?",
        "It is free, right? I thought so.",
        "The result is blurry, why? What can I do?",
        "Which model should I use for a photo of my cat and my dog?",
        "thanks! ok? bye?",
        "",
    ],
)
def test_one_question_has_no_parts(text: str) -> None:
    assert parse(text).parts == ()


@given(st.lists(st.sampled_from(["what is it", "and", "?", "is it", ", ", "1) ", "x", ". "])))
def test_parts_are_four_at_most_and_end_as_questions(words: list[str]) -> None:
    parts = parse(" ".join(words)).parts
    assert len(parts) in (0, 2, 3, 4)
    assert all(part.endswith("?") and len(part) > 1 for part in parts)
