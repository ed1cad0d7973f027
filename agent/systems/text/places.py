"""Where in a picture a place is, in words: so that a reader finds it."""

from __future__ import annotations

_WORDS = (
    ("near the top left", "near the top", "near the top right"),
    ("near the left edge", "in the middle", "near the right edge"),
    ("near the bottom left", "near the bottom", "near the bottom right"),
)


def place_in(shape: tuple[int, int], x: float, y: float) -> str:
    """In which ninth of a picture a point lies, such as `near the top left`.

    Args:
        shape: height and width of the picture, in pixels.
        x: from the left, in pixels; `y` from the top. What lies outside counts as at the border.
    """
    row, column = (
        min(2, max(0, int(3 * value / side))) for value, side in zip((y, x), shape, strict=True)
    )
    return _WORDS[row][column]
