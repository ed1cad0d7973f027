"""`Upscaler`: the description of a published model, available before it is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, count
from math import prod
from typing import Literal


@dataclass(frozen=True)
class Family:
    """Properties shared by the upscalers of one publication."""

    card: str
    """Id of the card in the registry `upscalers`."""
    name: str
    package: str
    """Installed package with the weights; its own code, which needs Vulkan, is not used."""
    licence: str
    """Licence of the method's code and its weights."""
    input: str
    """Input blob, RGB in [0, 1]."""
    output: str
    """Output blob, RGB in [0, 1], not clamped."""
    padding: Literal["reflect", "edge"]
    """How a picture is extended beyond its border."""
    pooled: tuple[str, ...] = ()
    """Blobs with means over the whole input, in the order of computation."""


@dataclass(frozen=True)
class Network:
    """A network of a fixed scale, and the requirements of its tiles."""

    file: str
    """Path in the folder `models` of its package, without the suffix `.param` or `.bin`."""
    scale: int
    margin: int
    """Overlap of a tile around the part that is kept, in pixels of the input."""
    bytes_per_pixel: int
    """Memory per pixel of a tile."""
    adds_input: bool = False
    """Whether the result is the output plus the input enlarged by repeating pixels."""


@dataclass(frozen=True)
class Upscaler:
    """A published model, with one network per scale that it was trained for."""

    key: str
    """Name for `--with`, such as `realesr-animevideov3`."""
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
        """Installed package with its weights."""
        return self.family.package

    @property
    def scales(self) -> tuple[int, ...]:
        """Factors that it enlarges by without a later reduction, ascending."""
        return tuple(network.scale for network in self.networks)

    def passes(self, factor: int) -> tuple[Network, ...]:
        """Return the sequence of networks that enlarges by `factor`.

        Their scales multiply to `factor`, or, if that is impossible, to the next larger product,
        after which the picture is reduced. The shortest such sequence is chosen.
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
    """Return the total factor of networks run one after the other."""
    return prod(network.scale for network in passes)
