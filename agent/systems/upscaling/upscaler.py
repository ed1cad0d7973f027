"""`Upscaler`: what the program knows of a published model before it is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, count
from math import prod
from typing import Literal


@dataclass(frozen=True)
class Family:
    """What the upscalers of one publication share."""

    card: str
    """Id of the card in the registry `upscalers`."""
    name: str
    package: str
    """Distribution that carries the weights; its own code, which needs Vulkan, is not used."""
    licence: str
    """Of the method's code and its weights."""
    input: str
    """Blob that takes RGB in [0, 1]."""
    output: str
    """Blob that gives RGB in [0, 1], not limited to that."""
    padding: Literal["reflect", "edge"]
    """How a picture goes on beyond its border."""
    pooled: tuple[str, ...] = ()
    """Blobs that hold means over everything the network is given, in the order of computation."""


@dataclass(frozen=True)
class Network:
    """A network of a fixed scale, and what a tile of it takes."""

    file: str
    """In the folder `models` of its package, without the suffix `.param` or `.bin`."""
    scale: int
    margin: int
    """How far a tile reaches beyond the part that is kept, in pixels of the input."""
    bytes_per_pixel: int
    """Memory that a pixel of a tile takes."""
    adds_input: bool = False
    """Whether the result is the output plus the input, each pixel of which is repeated."""


@dataclass(frozen=True)
class Upscaler:
    """A published model, for each scale that it was trained for a network."""

    key: str
    """What `--with` takes, such as `realesr-animevideov3`."""
    name: str
    family: Family
    networks: tuple[Network, ...]
    """By ascending scale."""

    @property
    def card(self) -> str:
        """Id of its card in the registry `upscalers`."""
        return self.family.card

    @property
    def package(self) -> str:
        """Distribution that carries its weights."""
        return self.family.package

    @property
    def scales(self) -> tuple[int, ...]:
        """What it enlarges by without a later reduction, ascending."""
        return tuple(network.scale for network in self.networks)

    def passes(self, factor: int) -> tuple[Network, ...]:
        """The networks that enlarge by `factor` when run one after the other.

        Their scales multiply to `factor`, or where none do, to the least that is more; the picture
        is reduced then. Of several such series the shortest is taken.
        """
        if factor in self.scales:
            return (self.networks[self.scales.index(factor)],)
        enlarging = [network for network in self.networks if network.scale > 1]
        for length in count(1):
            series = [
                s
                for s in combinations_with_replacement(enlarging, length)
                if total_scale(s) >= factor
            ]
            if series:
                return min(series, key=total_scale)
        raise AssertionError("scales above 1 multiply to any factor")


def total_scale(passes: Sequence[Network]) -> int:
    """What networks enlarge by when run one after the other."""
    return prod(network.scale for network in passes)
