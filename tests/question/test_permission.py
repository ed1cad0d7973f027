"""Questions that a plain yes would permit something by, and those that it would not."""

from __future__ import annotations

import pytest

from agent.question.permission import asks_permission, is_commercial


@pytest.mark.parametrize(
    "text",
    [
        "May I sell pictures made with it?",
        "can i use it commercially",
        "Can it be used in a paid project?",
        "Are we allowed to sell what it makes?",
        "Is it free for commercial use?",
        "Does the licence of it permit commercial use?",
    ],
)
def test_a_question_that_a_yes_would_permit_asks_for_permission(text: str) -> None:
    assert asks_permission(text)


@pytest.mark.parametrize(
    "text",
    [
        "Does it forbid commercial use?",
        "Is it for non-commercial use only?",
        "Can I not sell what it makes?",
        "Can’t I sell what it makes?",
        "Do I have to pay to sell what it makes?",
        "Can I be sued if I sell what it makes?",
        "May I use it in a closed commercial product?",
        "Is it allowed or forbidden to sell it?",
        "What does the licence permit?",
    ],
)
def test_yes_would_say_something_else(text: str) -> None:
    assert not asks_permission(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("may I sell it", True),
        ("for non-commercial use", True),
        ("for a client of mine", True),
        ("which licence has it", False),
        ("may I change it", False),
    ],
)
def test_commercial_use_is_spoken_of(text: str, found: bool) -> None:
    assert is_commercial(text) == found
