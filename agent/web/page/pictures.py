"""Pictures of an answer as the page shows them: whole, and their most detailed part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from agent.imaging.reading import read
from agent.imaging.resampling import on_white
from agent.measures.sharpness import most_detailed
from agent.report.elements import linked_image, tag
from agent.report.html import comparisons
from agent.report.outline import Picture
from agent.types import Artefact
from agent.web.answers import SavedAnswer

#: What the caption of a part begins with.
DETAIL = "the most detailed part of "
#: Size of the part, in pixels of the picture, and how much larger it is shown at most.
_WIDTH, _HEIGHT, _ZOOM = 320, 200, 3
#: A picture of which the part is not a small one needs no closer look.
_SMALL = 1.5
#: Of larger pictures only every second, third … row and column is looked at.
_MOST_PIXELS = 2_000_000
#: Bytes of a PNG that tell its size.
_HEADER = 32


def picture_url(saved: SavedAnswer, name: str) -> str:
    """The address of a picture that was made for an answer."""
    return f"/answers/{saved.id}/pictures/{quote(name)}"


def picture_element(saved: SavedAnswer, picture: Artefact) -> str:
    """A picture at its own size, as HTML."""
    with (saved.folder / picture.name).open("rb") as file:
        header = file.read(_HEADER)
    return linked_image(header, picture.caption, picture_url(saved, picture.name))


def closer_looks(saved: SavedAnswer, pairs: Sequence[tuple[Picture, Picture]]) -> Iterator[str]:
    """Figures that lay the most detailed parts of pictures before and after over each other."""
    for number, pair in enumerate(pairs, 1):
        crop = closer_look(saved.folder / pair[0].name)
        if crop is None:
            continue

        before, after = (replace(each, caption=DETAIL + each.caption) for each in pair)
        show = partial(crop.element, saved)
        yield from comparisons([(before, after)], f"closer-{number}-", show)


class Crop(NamedTuple):
    """A part of a picture, in its own pixels, with the size of the whole."""

    left: int
    top: int
    width: int
    height: int

    def element(self, saved: SavedAnswer, picture: Picture | Artefact) -> str:
        """It, cut out of a picture by the browser: no file of its own, and no inline style."""
        address = picture_url(saved, picture.name)
        whole = tag("image", href=address, width=str(self.width), height=str(self.height))
        return tag(
            "svg", whole, role="img", aria_label=picture.caption,
            viewBox=f"{self.left} {self.top} {_WIDTH} {_HEIGHT}",
            width=str(_WIDTH * _ZOOM), height=str(_HEIGHT * _ZOOM),
        )  # fmt: skip


@lru_cache(maxsize=1_024)  # a picture of an answer never changes
def closer_look(path: Path) -> Crop | None:
    """The most detailed part of a picture; None where the whole shows it well enough.

    Raises:
        InputError: where it cannot be read.
    """
    picture = read(path)
    if picture.width < _SMALL * _WIDTH or picture.height < _SMALL * _HEIGHT:
        return None
    step = 1 + math.isqrt(picture.width * picture.height // _MOST_PIXELS)
    pixels = on_white(picture)[::step, ::step]
    top, left = most_detailed(pixels, _HEIGHT // step, _WIDTH // step)
    return Crop(left * step, top * step, picture.width, picture.height)
