"""The published networks on a real picture: what a slip in feeding them would change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.imaging.picture import Picture
from agent.imaging.reading import read
from agent.imaging.resampling import resized
from agent.settings import Settings, Tile
from agent.systems.spec import NotApplicable, Restorer
from agent.systems.upscaling.catalogue import UPSCALERS, open_upscaler

pytestmark = pytest.mark.slow

#: Each network once, so at each of its scales.
EACH = [(key, scale) for key, upscaler in UPSCALERS.items() for scale in upscaler.scales]


def page(height: int, width: int) -> Picture:
    """A part of a page with a heading and lines of text, in strong colours."""
    whole = read(Path(__file__).parents[3] / "examples/web-page.png")
    part = whole.pixels[60 : 60 + height, 60 : 60 + width] * np.array([1.0, 0.75, 0.45])
    return Picture("page.png", np.floor(part + 0.5).astype(np.uint8))


def opened(key: str, tile: Tile = "auto") -> Restorer:
    try:
        return open_upscaler(key, Settings(tile=tile))
    except NotApplicable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize(("key", "scale"), EACH)
def test_colours_place_and_range_are_those_of_the_picture(key: str, scale: int) -> None:
    picture = page(50, 64)
    before, after = opened(key).enlarge_and_restore(picture, scale, lambda done, total: None)
    old, new = before.pixels.astype(float), after.pixels.astype(float)
    assert new.shape == old.shape

    mean = np.abs(new.mean((0, 1)) - old.mean((0, 1)))
    assert (mean < 15).all(), "colours are exchanged, or the range is another"

    y, x = shift(new.mean(2), old.mean(2))
    assert max(abs(y), abs(x)) < 0.45, "the result is displaced by a pixel"

    small = resized(after.pixels, picture.width, picture.height).astype(float)
    away = np.abs(small - picture.pixels).mean(2)
    edge = np.concatenate([away[0], away[-1], away[:, 0], away[:, -1]])
    assert edge.mean() < 2 * away.mean() + 4, "the border is darkened or displaced"


@pytest.mark.parametrize("key", UPSCALERS)
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_picture_stays_flat_up_to_its_border(key: str, value: int) -> None:
    picture = Picture("flat.png", np.full((20, 23, 3), value, np.uint8))
    _, after = opened(key).enlarge_and_restore(picture, 2, lambda done, total: None)
    assert np.abs(after.pixels.astype(int) - value).max() <= 6


@pytest.mark.parametrize(
    ("key", "most", "mean"),
    [
        ("realesr-animevideov3", 1, 0.01),  # its margin is all that it sees
        ("waifu2x-photo", 1, 0.01),
        ("realcugan-conservative", 12, 0.5),  # means over tiles that overlap are nearly the same
        ("waifu2x-cunet-noise1", 12, 0.5),
    ],
)
def test_tiles_do_not_show(key: str, most: int, mean: float) -> None:
    picture = page(90, 150)
    whole, again, tiled = (
        opened(key, tile).enlarge_and_restore(picture, 2, lambda *_: None)[1].pixels.astype(int)
        for tile in ("exact", "exact", 128)
    )
    assert (whole == again).all()
    apart = np.abs(tiled - whole)
    assert apart.max() <= most and apart.mean() <= mean


def shift(new: np.ndarray, old: np.ndarray) -> tuple[float, float]:
    """By how many pixels `new` lies below and right of `old`, by least squares."""
    down, right = np.gradient(old)
    columns = np.stack([down.ravel(), right.ravel(), np.ones(old.size)], axis=1)
    y, x, _ = np.linalg.lstsq(columns, (new - old).ravel(), rcond=None)[0]
    return -float(y), -float(x)
