from __future__ import annotations

import numpy as np

from agent.imaging.sheet import sheet, side_by_side


def panel(height: int, width: int, value: int) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_every_picture_is_there_whole_and_none_covers_another() -> None:
    rows = [[("a", panel(30, 90, 1)), ("b", panel(30, 90, 2))], [("c", panel(50, 120, 3))]]
    drawn = sheet(rows)
    counts = [int((drawn == value).all(2).sum()) for value in (1, 2, 3)]
    assert counts == [30 * 90, 30 * 90, 50 * 120]
    # One row below the other, in order.
    first, last = (np.nonzero((drawn == value).all(2).any(1))[0] for value in (1, 3))
    assert first.max() < last.min()


def test_a_caption_wider_than_its_picture_does_not_run_into_the_next() -> None:
    short = side_by_side([("", panel(8, 8, 1)), ("", panel(8, 8, 2))])
    long = side_by_side([("a caption far wider than that", panel(8, 8, 1)), ("", panel(8, 8, 2))])
    assert long.shape[1] > short.shape[1]
    letters = np.nonzero((long[:32] < 100).all(2).any(0))[0]
    second = np.nonzero((long == 2).all(2).any(0))[0]
    assert letters.max() < second.min()
