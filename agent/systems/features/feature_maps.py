"""Features of a frozen encoder for a whole picture and its tiles: the input of FeatSharp."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from agent.errors import InputError
from agent.systems.encoders import Encoder

#: The layer of the default encoder that is sharpened: 112 channels at a stride of 16 pixels.
DEFAULT_LAYER = "blocks.4"
#: Maps pictures `(B, 3, H, W)`, RGB in [0, 1], to features `(B, C, H / stride, W / stride)`.
Encode = Callable[[Tensor], Tensor]


class Look(NamedTuple):
    """The input of FeatSharp for one picture and one factor u."""

    coarse: Tensor
    """`(B, C, h, w)`, features of the whole picture."""
    tiles: Tensor
    """`(B, C, uh, uw)`, features of its u² tiles, each in its place."""
    guide: Tensor
    """`(B, 3, uh, uw)`, the picture itself in [0, 1], one colour a cell of the fine map."""


class _Reached(Exception):
    """Raised at the requested layer, to skip the layers after it."""


class FeatureStage:
    """The feature maps of one layer of a frozen encoder.

    Args:
        encoder: the encoder.
        layer: name of a module whose output is a map `(B, C, h, w)`, or tokens `(B, N, C)` of a
            square grid after the encoder's prefix tokens.

    Raises:
        InputError: if there is no such layer, or its output is neither.
    """

    def __init__(self, encoder: Encoder, layer: str = DEFAULT_LAYER) -> None:
        self.encoder = encoder
        (self.layer,) = encoder.select([layer])[:1]
        # Makes depthwise convolutions several times as fast; the stubs lack the argument.
        encoder.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        probe = self(torch.zeros(1, 3, encoder.size, encoder.size))
        self.channels = int(probe.shape[1])
        #: Pixels between neighbouring features.
        self.stride = encoder.size // int(probe.shape[-1])

    def __call__(self, pictures: Tensor) -> Tensor:
        """Encode `(B, 3, H, W)`, RGB in [0, 1], as float32 `(B, C, H / stride, W / stride)`."""
        outputs: list[Tensor] = []

        def stop(_: nn.Module, __: Any, output: Any) -> None:
            outputs.append(output)
            raise _Reached

        handle = self.encoder.net.get_submodule(self.layer).register_forward_hook(stop)
        try:
            with torch.inference_mode():
                x = self.encoder.normalised(pictures)
                self.encoder.net(x.contiguous(memory_format=torch.channels_last))
        except _Reached:
            pass
        finally:
            handle.remove()
        return self._as_map(outputs[0]).float().contiguous().clone()

    def _as_map(self, output: Tensor) -> Tensor:
        if output.ndim == 4:
            return output
        tokens = output[:, getattr(self.encoder.net, "num_prefix_tokens", 0) :]
        side = round(tokens.shape[1] ** 0.5)
        if output.ndim != 3 or side * side != tokens.shape[1]:
            raise InputError(
                f"{self.encoder.name}: the layer {self.layer} puts out {tuple(output.shape)}; "
                "expected maps or tokens of a square grid, choose another layer"
            )
        return tokens.transpose(1, 2).reshape(len(tokens), -1, side, side)


def passes(factor: int) -> int:
    """Return the number of encoder passes per picture: the whole and u² tiles; 1 if u is 1."""
    return 1 if factor == 1 else 1 + factor**2


def look(encode: Encode, fine: Tensor, factor: int) -> Look:
    """Encode a picture as a whole, reduced by u, and tile by tile.

    Args:
        fine: `(B, 3, uH, uW)`, RGB in [0, 1]; H and W are multiples of the stride.
        factor: u.
    """
    coarse = encode(functional.avg_pool2d(fine, factor))
    tiles = tile_maps(encode, fine, factor)
    return Look(coarse, tiles, resized(fine, tiles.shape[-2], tiles.shape[-1]))


def tile_maps(encode: Encode, picture: Tensor, factor: int) -> Tensor:
    """Encode u × u tiles of a picture separately and assemble their features.

    Args:
        picture: `(B, 3, uH, uW)`; H and W are multiples of the stride.
        factor: u.

    Returns:
        `(B, C, uh, uw)`. Tiles are encoded in reading order, one batch per tile.
    """
    rows = [
        torch.cat([encode(tile) for tile in _cut(row, factor, 3)], dim=3)
        for row in _cut(picture, factor, 2)
    ]
    return torch.cat(rows, dim=2)


def _cut(picture: Tensor, factor: int, axis: int) -> Iterator[Tensor]:
    side = picture.shape[axis]
    if side % factor:
        raise ValueError(f"expected a side that is a multiple of {factor}, got {side}")
    yield from torch.split(picture, side // factor, axis)


def resized(pictures: Tensor, height: int, width: int) -> Tensor:
    """Resize `(B, 3, H, W)` in [0, 1]: bicubic with anti-aliasing, clamped."""
    if pictures.shape[-2:] == (height, width):
        return pictures
    result = functional.interpolate(
        pictures, (height, width), mode="bicubic", align_corners=False, antialias=True
    )
    return result.clamp(0, 1)
