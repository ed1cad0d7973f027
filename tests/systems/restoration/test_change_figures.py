from __future__ import annotations

import numpy as np

from agent.systems.figures import BLUE, ORANGE
from agent.systems.restoration.change_figures import change_map, profile_plot


def test_the_map_tells_brighter_from_darker() -> None:
    before = np.full((4, 6), 100.0)
    after = before.copy()
    after[0, 0], after[3, 5] = 150, 50
    shown, reach = change_map(before, after)
    assert reach == 50 and shown.shape == (4, 6, 3)
    assert tuple(shown[0, 0]) == ORANGE and tuple(shown[3, 5]) == BLUE
    assert (shown[1, 1] == 255).all()


def test_invisible_change_stays_pale_and_wide_pictures_are_reduced() -> None:
    before = np.full((2, 3200), 100.0)
    shown, reach = change_map(before, before + 1)
    assert reach == 4 and shown.shape == (1, 1600, 3)
    assert shown.min() >= 190  # a quarter of full colour
    assert (change_map(before, before)[0] == 255).all()


def test_the_plot_shows_both_courses_inside_its_frame() -> None:
    soft, steep = np.linspace(0, 1, 17), np.where(np.arange(17) < 8, -5.0, 5.0)
    shown = profile_plot(soft, steep)
    for colour in (BLUE, ORANGE):
        rows, columns = np.nonzero((shown == colour).all(-1))
        assert len(rows) > 100
        assert rows.min() >= 10 and rows.max() < 345 and columns.max() < 710
