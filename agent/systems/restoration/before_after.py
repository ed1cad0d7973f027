"""A picture that shows a picture before and after, cut out where there is most detail."""

from __future__ import annotations

import numpy as np

from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.imaging.sheet import side_by_side, zoomed
from agent.measures.sharpness import most_detailed
from agent.systems.restoration.comparison import Comparison

#: Largest cut-out, in pixels of the enlarged picture; each is shown as `_ZOOM` × `_ZOOM`.
_WIDTH, _HEIGHT = 240, 160
_ZOOM = 2


def before_after(original: Picture, pair: Comparison, caption: str) -> Picture:
    """Side by side with captions: original pixels, enlarged, after; 8-bit RGB.

    Where nothing was enlarged the first two are one. Transparent parts are laid on white.

    Args:
        pair: of a size that is a multiple of that of `original`.
        caption: of the part of `pair.after`, such as `restored by MIMO-UNet+`.
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
