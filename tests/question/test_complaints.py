"""What went badly, told apart from what went well with the same words."""

from __future__ import annotations

import pytest

from agent.question.parse import parse


@pytest.mark.parametrize(
    ("question", "complaints"),
    [
        ("I upscaled it and the AI kept edges sharp. Why so clearly without introducing blur?", ""),
        ("Why is the text still blurry after upscaling?", "text blur"),
        ("edges look soft", "edges"),
        ("why isn't the text readable", "text"),
        ("text is unreadable", "text"),
        ("Why no blur?", ""),
        ("my photo is blurry", "blur"),
        ("my photo is blurry, what can I do?", ""),
        ("how does it remove noise?", ""),
        ("colours look washed out", "colour"),
        ("it did not lose detail", ""),
        ("The picture is sharp and no detail is lost", ""),
        ("My upscaled picture has halos around the letters", "artefacts"),
        ("does the model invent detail?", ""),
        ("How does MIMO-UNet handle motion blur?", ""),
        ("I deblurred it but it is still blurry, why?", "blur"),
        ("Why did the letters get garbled?", "text"),
        ("Why is there no ringing or noise?", ""),
    ],
)
def test_a_question_complains_of_what_went_wrong_and_of_nothing_else(
    question: str, complaints: str
) -> None:
    assert parse(question).complaints == tuple(complaints.split())


@pytest.mark.parametrize(
    ("question", "yes"),
    [
        ("are the letters still right?", "well"),
        ("did it get sharper?", "well"),
        ("Isn't it sharper?", "well"),
        ("is it as sharp as before?", "well"),
        ("did it keep the colours?", "well"),
        ("is the blur gone?", "well"),
        ("did it get rid of the blur?", "well"),
        ("is it less blurry now?", "well"),
        ("so, is the text readable?", "well"),
        ("is my photo still blurry after this?", "badly"),
        ("did it change the colours?", "badly"),
        ("did any letters change?", "badly"),
        ("are there halos?", "badly"),
        ("did it invent anything?", "badly"),
        ("did the text get worse?", "badly"),
        ("is there any text in this picture?", None),
        ("was it blurry before?", None),
        ("what does it say?", None),
        ("which text became readable?", None),
        ("will it get sharper?", None),
        ("Why is it still blurry?", None),
        ("It got sharper.", None),
    ],
)
def test_what_a_yes_would_say_is_known_where_a_result_is_asked_about(
    question: str, yes: str | None
) -> None:
    assert parse(question).yes == yes
