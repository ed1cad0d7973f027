from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.measures.fidelity import luma
from agent.measures.sharpness import edge_shapes, find_edges, near_edges
from agent.systems.restoration.comparison import Comparison


def bars(height: int = 70, width: int = 90) -> Picture:
    line = np.where(np.arange(width) // 15 % 2, 220, 40).astype(np.uint8)
    return Picture("a.png", np.repeat(np.repeat(line[None, :, None], height, 0), 3, 2))


def deep(picture: Picture) -> Picture:
    return replace(picture, pixels=picture.pixels.astype(np.uint16) * 257)


def test_it_holds_what_the_measures_give() -> None:
    before = bars()
    after = replace(before, pixels=before.pixels // 2 + 60)
    pair = Comparison(before, after)
    x, y = luma(before.pixels), luma(after.pixels)
    assert (pair.luma_before == x).all() and (pair.luma_after == y).all()
    edges = find_edges(x)
    assert len(edges) > 100 and (pair.edges == edges).all()
    for found, values in ((pair.shapes_before, x), (pair.shapes_after, y)):
        for one, other in zip(found, edge_shapes(values, edges), strict=True):
            np.testing.assert_array_equal(one, other)
    assert (pair.near_edges == near_edges(x)).all()
    assert sum(x[region].size for region in pair.regions) == x.size
    for name in ("luma_before", "edges", "shapes_after", "near_edges", "regions"):
        assert getattr(pair, name) is getattr(pair, name)  # once


def test_depth_changes_no_luma() -> None:
    pair, same = Comparison(bars(), bars()), Comparison(deep(bars()), deep(bars()))
    np.testing.assert_allclose(pair.luma_before, same.luma_before, atol=1e-4)
    assert (pair.edges == same.edges).all()


def test_edges_may_be_those_of_a_third_version() -> None:
    grey = replace(bars(), pixels=np.full_like(bars().pixels, 90))
    edges = Comparison(bars(), grey).edges
    pair = Comparison(grey, grey, edges)
    assert pair.edges is edges and np.isnan(pair.shapes_before.width).all()


def test_on_white_it_is_what_is_seen() -> None:
    assert (pair := Comparison(bars(), bars())).on_white is pair
    alpha = np.tile(np.arange(90, dtype=np.uint8), (70, 1))
    for picture in (replace(bars(), alpha=alpha), deep(bars())):
        seen = Comparison(picture, picture).on_white
        assert seen.before.alpha is None and seen.before.pixels.dtype == np.uint8
        assert (seen.after.pixels == on_white(picture)).all()
        assert seen.on_white is seen


def test_the_middle_is_cut_out_of_both() -> None:
    rng = np.random.default_rng(0)
    before, after = (Picture("a", rng.integers(0, 256, (9, 20, 3), np.uint8)) for _ in range(2))
    pair = Comparison(before, after)
    assert pair.middle(20) is pair
    middle = pair.middle(10)
    assert middle.shape == (9, 10)
    assert (middle.before.pixels == before.pixels[:, 5:15]).all()
    assert (middle.after.pixels == after.pixels[:, 5:15]).all()


def test_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"of one size, got \(70, 90, 3\) and \(70, 91, 3\)"):
        Comparison(bars(), bars(70, 91))
