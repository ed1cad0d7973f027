"""Names of places in a picture, to help readers find them."""

from __future__ import annotations

_WORDS = (
    ("near the top left", "near the top", "near the top right"),
    ("near the left edge", "in the middle", "near the right edge"),
    ("near the bottom left", "near the bottom", "near the bottom right"),
)


def place_in(shape: tuple[int, int], x: float, y: float) -> str:
    """Return which ninth of a picture a point lies in, such as `near the top left`.

    Args:
        shape: height and width of the picture, in pixels.
        x: pixels from the left; `y` from the top. Points outside count as at the border.
    """
    row, column = (
        min(2, max(0, int(3 * value / side))) for value, side in zip((y, x), shape, strict=True)
    )
    return _WORDS[row][column]
