"""Reasons must read well and quote the question's own words."""

from __future__ import annotations

import pytest

from agent.search.reasons import near_text, shared_words


@pytest.mark.parametrize(
    ("shared", "reason"),
    [
        ([("blur", ("task",))], "task shares: blurry"),
        ([("blur", ("claims",))], "claims share: blurry"),
        (
            [("edg", ("task", "claims")), ("blur", ("task",))],
            "task and claims share: edges, blurry",
        ),
        (
            [("blur", ("claims", "name")), ("edg", ("summary",))],
            "name, summary and claims share: blurry, edges",
        ),
        ([("enlarg", ("claims",))], "claims share: enlarg"),
    ],
)
def test_shared_words(shared: list[tuple[str, tuple[str, ...]]], reason: str) -> None:
    assert shared_words(shared, "Why are the Edges blurry, the edge?") == reason


def test_near_texts() -> None:
    assert near_text("task", "deblurring", 0.614) == "meaning close to its task (0.61)"
    assert near_text("card", "a b", 0.5) == "meaning close to what its card says as a whole (0.50)"
    assert near_text("example", "Why?", 0.5) == (
        "meaning close to the example question “Why?” (0.50)"
    )
    long = near_text("some-claim", "word " * 40, 0.5)
    assert long.startswith("meaning close to what it says: “word word")
    assert long.endswith("word …” (0.50)")
    assert len(long) < 150
