"""What was understood is told back in plain sentences."""

import pytest

from agent.answer.wording import diagram, echo, joined, unknown_model
from agent.types import ParsedQuestion


@pytest.mark.parametrize(
    ("parsed", "told"),
    [
        (
            ParsedQuestion(
                intent="explain", operation="enlarge", factor=3, subject="a web image",
                effects=("edges", "sharpness", "text", "blur", "enlargement"),
            ),
            "You enlarged a web image by 3× and saw sharp edges, readable text and no blur; "
            "you want to know why.",
        ),
        (
            ParsedQuestion(
                intent="explain", operation="deblur", subject="my photo", effects=("blur",),
                complaints=("blur",),
            ),
            "You had your photo deblurred and saw blur; you want to know why.",
        ),
        (
            ParsedQuestion(intent="fact", topics=("speed", "memory"), models=("MIMO-UNet+",)),
            "About MIMO-UNet+, you want to know how fast it is and the memory it needs.",
        ),
        (
            ParsedQuestion(intent="how_to", operation="enlarge", factor=2, subject="our map"),
            "You want to know how to enlarge your map by 2×.",
        ),
        (
            ParsedQuestion(
                intent="explain", operation="enlarge", subject="my enlarged page",
                effects=("text",),
            ),
            "You enlarged your page and saw readable text; you want to know why.",
        ),
        (
            ParsedQuestion(
                intent="explain", operation="deblur", subject="the zoomed photo", effects=("text",)
            ),
            "You had the zoomed photo deblurred and saw readable text; you want to know why.",
        ),
        (
            ParsedQuestion(
                intent="explain", operation="enlarge", subject="the enlargement", effects=("text",)
            ),
            "You enlarged the enlargement and saw readable text; you want to know why.",
        ),
        (
            ParsedQuestion(
                intent="compare", models=("LLaVAR", "FeatSharp"), topics=("comparison",)
            ),
            "You want LLaVAR and FeatSharp compared.",
        ),
        (
            ParsedQuestion(intent="verify", models=("LLaVAR",), effects=("text", "blur")),
            "About LLaVAR, you want a statement checked concerning text and blur.",
        ),
        (ParsedQuestion(intent="explain"), "You want an explanation."),
    ],
)  # fmt: skip
def test_a_question_is_told_back(parsed: ParsedQuestion, told: str):
    assert echo(parsed) == told


def test_the_diagram_does_not_enlarge_what_is_enlarged():
    for subject in ("my enlarged page", "my scaled up, upscaled page"):
        parsed = ParsedQuestion(intent="explain", operation="enlarge", subject=subject)
        assert 'input["Page"]' in diagram(parsed, [], [], [])


def test_names_from_the_question_cannot_steer_the_terminal():
    assert "\x1b" not in echo(
        ParsedQuestion(intent="fact", models=("A\x1b[31m",), topics=("loss",))
    )


def test_addresses_in_the_question_are_not_repeated():
    parsed = ParsedQuestion(
        intent="explain", operation="enlarge", subject="the logo of evil.com", effects=("edges",),
        models=("who/secret-net",),
    )  # fmt: skip
    told = echo(parsed) + unknown_model("who/secret-net") + diagram(parsed, [], [], [])
    assert "evil" not in told and "secret" not in told
    assert "You enlarged a picture" in told


def test_lists_read_as_people_write_them():
    assert [joined(list(items)) for items in ("", "a", "ab", "abc")] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
