"""What was done, told apart from what is wished, feared or asked about."""

from __future__ import annotations

import pytest

from agent.question.parse import parse


@pytest.mark.parametrize(
    ("question", "operation"),
    [
        ("I upscaled a web image by 3× and the text is sharp. Why?", "enlarge"),
        ("my upscaled picture is great, how does that work?", "enlarge"),
        ("Why did the upscaled image keep sharp edges?", "enlarge"),
        ("After deblurring, the plate was readable. How?", "deblur"),
        ("I ran the upscaler on my cat and now every hair is sharp, why?", "enlarge"),
        ("I used it to upscale my map", "enlarge"),
        ("I used one of those AI upscalers on a postcard and it looks painted", "enlarge"),
        ("I had my photo sharpened and it's good. why", "deblur"),
        ("The photo I upscaled yesterday is too dark", "enlarge"),
        ("The logo was doubled in size and its contours stayed clean. Why?", "enlarge"),
        ("I blew up an old family portrait to 200 %", "enlarge"),
        ("a picture enlarged fourfold still looks crisp, why", "enlarge"),
        ("Went from 640 to 1920 px and lettering is still crisp", "enlarge"),
        ("when I zoom in there are weird patterns", "enlarge"),
        ("Why does zooming in on my cat pic keep every whisker crisp", "enlarge"),
        ("The tool said it deblurred my scan", "deblur"),
        ("Upscaled my scan 4x and it looks fine", "enlarge"),
        ("Are the numbers in my scanned invoice correct after upscaling?", "enlarge"),
    ],
)
def test_an_operation_that_was_done_is_read_as_done(question: str, operation: str) -> None:
    parsed = parse(question)
    assert (parsed.operation, parsed.done) == (operation, True)


@pytest.mark.parametrize(
    ("question", "operation"),
    [
        ("My photo is out of focus. Will the deblur model help?", "deblur"),
        ("can it make my logo bigger", "enlarge"),
        ("I want my picture upscaled", "enlarge"),
        ("I would like to have my scans deblurred", "deblur"),
        ("Should I upscale before printing?", "enlarge"),
        ("If I upscale this, will it blur?", "enlarge"),
        ("How are images upscaled?", "enlarge"),
        ("How do I deblur my holiday photos?", "deblur"),
        ("Do the colours change when I deblur?", "deblur"),
        ("Is MIMO-UNet+ used to deblur faces?", "deblur"),
        ("Which model deblurs best?", "deblur"),
        ("wish I could enlarge my scans", "enlarge"),
        ("Why do upscaled photos look like plastic?", "enlarge"),
        ("What makes the 4x upscaler keep line art so clean?", "enlarge"),
        ("Can a photo be enlarged by 4x without blur?", "enlarge"),
        ("Does text stay readable after upscaling?", "enlarge"),
        ("I tried three times to upscale my photo, but it crashes", "enlarge"),
        ("Has anyone enlarged a map with it?", "enlarge"),
        ("Please deblur this photo", "deblur"),
        ("Did LLaVAR make my picture sharper?", "deblur"),
        ("I upscaled my photo. How do I deblur it?", "deblur"),
        ("Is a 3x enlargement possible?", "enlarge"),
    ],
)
def test_an_operation_that_is_only_wanted_is_not_read_as_done(
    question: str, operation: str
) -> None:
    parsed = parse(question)
    assert (parsed.operation, parsed.done) == (operation, False)


@pytest.mark.parametrize("question", ["why is my result still blurry", "I took a photo", "hello"])
def test_nothing_is_done_where_nothing_is_named(question: str) -> None:
    parsed = parse(question)
    assert (parsed.operation, parsed.done) == (None, False)
