"""Pictures of an answer as the page shows them: whole, and as a close-up."""

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

#: Beginning of the caption of a close-up.
DETAIL = "the most detailed part of "
#: Size of a close-up in pixels of the picture, and its magnification.
_WIDTH, _HEIGHT, _ZOOM = 320, 200, 3
#: A picture less than this many times the size of a close-up needs none.
_SMALL = 1.5
#: In larger pictures only every second, third … row and column is searched.
_MOST_PIXELS = 2_000_000
#: Bytes of a PNG that hold its size.
_HEADER = 32


def picture_url(saved: SavedAnswer, name: str) -> str:
    """Return the address of a picture of an answer."""
    return f"/answers/{saved.id}/pictures/{quote(name)}"


def picture_element(saved: SavedAnswer, picture: Artefact) -> str:
    """Return a picture at its own size, as HTML."""
    with (saved.folder / picture.name).open("rb") as file:
        header = file.read(_HEADER)
    return linked_image(header, picture.caption, picture_url(saved, picture.name))


def closer_looks(saved: SavedAnswer, pairs: Sequence[tuple[Picture, Picture]]) -> Iterator[str]:
    """Yield figures that overlay close-ups of pictures before and after."""
    for number, pair in enumerate(pairs, 1):
        crop = closer_look(saved.folder / pair[0].name)
        if crop is None:
            continue

        before, after = (replace(each, caption=DETAIL + each.caption) for each in pair)
        show = partial(crop.element, saved)
        yield from comparisons([(before, after)], f"closer-{number}-", show)


class Crop(NamedTuple):
    """A region of a picture in its pixels, with the size of the whole."""

    left: int
    top: int
    width: int
    height: int

    def element(self, saved: SavedAnswer, picture: Picture | Artefact) -> str:
        """Return HTML that has the browser crop the picture: no extra file, no inline style."""
        address = picture_url(saved, picture.name)
        whole = tag("image", href=address, width=str(self.width), height=str(self.height))
        return tag(
            "svg", whole, role="img", aria_label=picture.caption,
            viewBox=f"{self.left} {self.top} {_WIDTH} {_HEIGHT}",
            width=str(_WIDTH * _ZOOM), height=str(_HEIGHT * _ZOOM),
        )  # fmt: skip


@lru_cache(maxsize=1_024)  # a picture of an answer never changes
def closer_look(path: Path) -> Crop | None:
    """Find the most detailed region of a picture; None if the whole shows it well enough.

    Raises:
        InputError: if the picture cannot be read.
    """
    picture = read(path)
    if picture.width < _SMALL * _WIDTH or picture.height < _SMALL * _HEIGHT:
        return None
    step = 1 + math.isqrt(picture.width * picture.height // _MOST_PIXELS)
    pixels = on_white(picture)[::step, ::step]
    top, left = most_detailed(pixels, _HEIGHT // step, _WIDTH // step)
    return Crop(left * step, top * step, picture.width, picture.height)
