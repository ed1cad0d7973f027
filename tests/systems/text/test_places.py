from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.systems.text.places import place_in


def test_every_ninth_of_a_picture_has_its_words() -> None:
    corners = [place_in((90, 300), x, y) for y in (5, 45, 85) for x in (5, 150, 295)]
    assert len(set(corners)) == 9
    assert (corners[0], corners[4], corners[8]) == (
        "near the top left", "in the middle", "near the bottom right"
    )  # fmt: skip


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_what_lies_outside_counts_as_at_the_border(x: float, y: float) -> None:
    assert place_in((7, 9), x, y)
