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
def test_complaints(question: str, complaints: str) -> None:
    assert parse(question).complaints == tuple(complaints.split())
