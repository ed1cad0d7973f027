"""The models that can be compared: bicubic interpolation, MIMO-UNet+ and every upscaler."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.settings import Settings
from agent.systems.restoration.spec import RESTORE
from agent.systems.upscaling.catalogue import UPSCALERS, open_upscaler
from agent.text import visible

if TYPE_CHECKING:
    from agent.imaging.picture import Picture
    from agent.systems.spec import Restorer

BICUBIC = "bicubic"
"""Key of the baseline of every comparison: a model that does no better is not worth its time."""
MIMO_UNET = "mimo-unet-plus"
DEFAULT = (MIMO_UNET,)
"""Keys of the models compared by default."""


@dataclass(frozen=True)
class Contender:
    """A model that can be compared."""

    key: str
    """Name for `--with`."""
    name: str
    card: str | None
    """Id of its card; None if it has none."""
    packages: tuple[str, ...]
    """Installed packages that its result depends on."""


@cache
def contenders() -> dict[str, Contender]:
    """By key."""
    first = (
        Contender(BICUBIC, "bicubic", None, ("pillow",)),
        Contender(MIMO_UNET, "MIMO-UNet+", MIMO_UNET, RESTORE.packages),
    )
    others = (
        Contender(one.key, one.name, one.card, ("ncnn", one.package)) for one in UPSCALERS.values()
    )
    return {one.key: one for one in (*first, *others)}


def select(keys: Iterable[str]) -> Iterator[Contender]:
    """Yield the models with these keys, each once, bicubic interpolation first.

    Raises:
        InputError: for an unknown key.
    """
    by_key = contenders()
    for key in dict.fromkeys((BICUBIC, *keys)):
        if key not in by_key:
            near = get_close_matches(key.casefold(), by_key, 3, 0.4)
            hint = (
                f"did you mean {' or '.join(near)}?"
                if near
                else "`groundglass compare --list` shows all"
            )
            raise InputError(f"there is no model {visible(key)!r} to compare with; {hint}")
        yield by_key[key]


def open_contender(key: str, settings: Settings) -> Restorer:
    """Load a model.

    Raises:
        NotApplicable: if a package or the weights of the model are missing.
        CheckpointError: if the weights cannot be used.
        ConfigError: if there is no such device.
    """
    if key == BICUBIC:
        return Bicubic()
    if key == MIMO_UNET:
        return RESTORE.open_restorer(settings)
    return open_upscaler(key, settings)


class Bicubic:
    """Bicubic interpolation as a `Restorer`, which restores nothing."""

    name = "bicubic"
    sha256 = None
    device = "cpu"
    arithmetic = ()
    licences = ("bicubic interpolation by Pillow: MIT-CMU",)
    notes = ()
    scale = 1

    def enlarge_and_restore(
        self, picture: Picture, factor: int, progress: Callable[[int, int], None]
    ) -> tuple[Picture, Picture]:
        from agent.imaging.resampling import enlarged

        result = enlarged(picture, factor)
        progress(1, 1)
        return result, result
