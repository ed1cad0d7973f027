"""Figure of the most detailed part of a picture before and after restoration."""

from __future__ import annotations

import numpy as np

from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.imaging.sheet import side_by_side, zoomed
from agent.measures.sharpness import most_detailed
from agent.systems.restoration.comparison import Comparison

#: Maximum crop, in pixels of the enlarged picture, each shown as `_ZOOM` × `_ZOOM`.
_WIDTH, _HEIGHT = 240, 160
_ZOOM = 2


def before_after(original: Picture, pair: Comparison, caption: str) -> Picture:
    """Draw the original pixels, enlarged and restored, side by side with captions, as 8-bit RGB.

    If nothing was enlarged, the first two are one panel. Transparent parts are drawn on white.

    Args:
        pair: both versions; their size is a multiple of that of `original`.
        caption: caption of the last panel, such as `restored by MIMO-UNet+`.
    """
    before, after = (
        np.asarray(version.pixels, np.uint8)
        for version in (pair.on_white.before, pair.on_white.after)
    )
    factor = pair.before.width // original.width
    height, width = (
        min(side, most) // factor for side, most in zip(pair.shape, (_HEIGHT, _WIDTH), strict=True)
    )
    top, left = most_detailed(on_white(original), height, width)
    cut = np.s_[top * factor : (top + height) * factor, left * factor : (left + width) * factor]
    panels = [(caption, after[cut])]
    if factor > 1:
        pixels = on_white(original)[top : top + height, left : left + width]
        panels.insert(0, (f"enlarged {factor}x, bicubic", before[cut]))
        panels.insert(0, ("original pixels", zoomed(pixels, factor)))
    else:
        panels.insert(0, ("before", before[cut]))
    zoomed_panels = [(label, zoomed(panel, _ZOOM)) for label, panel in panels]
    return Picture("comparison.png", side_by_side(zoomed_panels))
