"""MIMO-UNet with replaced residual blocks, which do nearly all of its work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from agent.systems.restoration.network import BasicConv, MIMOUNet, ResBlock, Stage


class AddsTo(Protocol):
    """A residual block that works in place."""

    def add_to(self, stream: Tensor, /) -> None:
        """Add the output of the block for `(B, C, H, W)`, channels last, to it."""


def with_blocks(
    net: MIMOUNet, make: Callable[[ResBlock], AddsTo], dtype: torch.dtype = torch.float32
) -> MIMOUNet:
    """Return `net` with each residual block replaced by the result of `make`.

    All other layers are shared with `net`. The result cannot be trained.

    Args:
        dtype: data type of the residual stream.
    """
    result = copy(net)
    result._modules = dict(net._modules)
    for name in ("Encoder", "Decoder"):
        stages = cast(Iterable[Stage], net._modules[name])
        result._modules[name] = nn.ModuleList(
            _InPlaceStage([make(cast(ResBlock, block)) for block in stage.layers], dtype)
            for stage in stages
        )
    return result


def convolutions(block: ResBlock) -> tuple[nn.Conv2d, nn.Conv2d]:
    """Return the two convolutions of a block, without the ReLU between them."""
    first, second = (cast(nn.Conv2d, cast(BasicConv, half).main[0]) for half in block.main)
    return first, second


class _InPlaceStage(nn.Module):
    """A sequence of residual blocks that modify a copy of the stage's input."""

    def __init__(self, blocks: list[AddsTo], dtype: torch.dtype) -> None:
        super().__init__()
        self.blocks, self.dtype = blocks, dtype

    def forward(self, x: Tensor) -> Tensor:
        stream = x.to(self.dtype, memory_format=torch.channels_last, copy=True)
        for block in self.blocks:
            block.add_to(stream)
        return stream
