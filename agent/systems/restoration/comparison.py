"""A picture before and after restoration, with values that several measures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agent.imaging.picture import Picture, white_level
from agent.imaging.resampling import on_white
from agent.measures import regions, sharpness
from agent.measures.fidelity import chroma, luma
from agent.measures.sharpness import EdgeShapes, Indices


class Comparison:
    """Two versions of a picture of the same size `(H, W)`; all values are computed on first use.

    luma_before, luma_after: `(H, W)`, float32, full-range BT.601 luma of the stored values, in grey
        levels of [0, 255] for both 8 and 16 bits; opacity is ignored.
    chroma_before, chroma_after: `(H, W, 2)`, float32, Cb and Cr likewise, in [−127.5, 127.5].
    edges: `(N, 4)`, the strong straight edges of `before`, from `sharpness.find_edges`.
    shapes_before, shapes_after: `(N,)` each, width in pixels and overshoot in % of the step of
        these edges in either version; NaN if an edge cannot be measured.
    near_edges: `(H, W)`, bool, pixels within 3 pixels of a strong edge of `before`.
    regions: rows and columns of 4 × 4 parts that tile the picture, for the spread of a value.

    Args:
        edges: edges to measure at, if they are those of a third version.

    Raises:
        ValueError: if the sizes differ.
    """

    def __init__(self, before: Picture, after: Picture, edges: Indices | None = None) -> None:
        if before.pixels.shape != after.pixels.shape:
            raise ValueError(
                f"expected two pictures of one size, got {before.pixels.shape} and "
                f"{after.pixels.shape}"
            )
        self.before = before
        self.after = after
        if edges is not None:
            self.edges = edges

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, in pixels."""
        return self.before.height, self.before.width

    @cached_property
    def luma_before(self) -> NDArray[np.float32]:
        return luma(self.before.pixels, white_level(self.before.pixels))

    @cached_property
    def luma_after(self) -> NDArray[np.float32]:
        return luma(self.after.pixels, white_level(self.after.pixels))

    @cached_property
    def chroma_before(self) -> NDArray[np.float32]:
        return chroma(self.before.pixels, white_level(self.before.pixels))

    @cached_property
    def chroma_after(self) -> NDArray[np.float32]:
        return chroma(self.after.pixels, white_level(self.after.pixels))

    @cached_property
    def edges(self) -> Indices:
        return sharpness.find_edges(self.luma_before)

    @cached_property
    def shapes_before(self) -> EdgeShapes:
        return sharpness.edge_shapes(self.luma_before, self.edges)

    @cached_property
    def shapes_after(self) -> EdgeShapes:
        return sharpness.edge_shapes(self.luma_after, self.edges)

    @cached_property
    def near_edges(self) -> NDArray[np.bool_]:
        return sharpness.near_edges(self.luma_before)

    @cached_property
    def regions(self) -> tuple[tuple[slice, slice], ...]:
        return tuple(regions.regions(*self.shape))

    @cached_property
    def on_white(self) -> Comparison:
        """Return both as they look on white, in 8 bits; itself if they are already."""
        versions = (self.before, self.after)
        if all(v.alpha is None and v.pixels.dtype == np.uint8 for v in versions):
            return self
        return self._of_both(lambda version: replace(version, pixels=on_white(version), alpha=None))

    def middle(self, side: int) -> Comparison:
        """Return the middle, at most `side` × `side` pixels, without opacity."""
        if max(self.shape) <= side:
            return self
        top, left = (max(0, (length - side) // 2) for length in self.shape)
        part = np.s_[top : top + side, left : left + side]
        return self._of_both(lambda v: replace(v, pixels=v.pixels[part], alpha=None))

    def _of_both(self, change: Callable[[Picture], Picture]) -> Comparison:
        return Comparison(change(self.before), change(self.after))
