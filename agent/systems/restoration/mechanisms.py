"""The inside of MIMO-UNet+: features of its stages, and ablation of its mechanisms.

Nothing here changes a network: hooks are removed, even after an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from agent.systems.restoration.network import MIMOUNet

#: A part of the network that can be ablated (sections 3.1 to 3.3 of Cho et al. 2021).
#:
#: attention: the shallow convolutional modules and the feature attention that they feed; the
#:     encoder continues with its own features, without those of the smaller pictures.
#: fusion: the coarser branches of the asymmetric feature fusion; each skip connection gets only
#:     the features of its own and of finer scales.
#: residual: the last convolution, which predicts the change; the output is the input.
Mechanism = Literal["attention", "fusion", "residual"]
MECHANISMS: tuple[Mechanism, ...] = ("attention", "fusion", "residual")

#: Stages whose features `look_inside` returns: the blocks of section 3, from input to output.
STAGES = (
    "Encoder.0", "SCM2", "FAM2", "Encoder.1", "SCM1", "FAM1", "Encoder.2",
    "AFFs.1", "AFFs.0", "Decoder.0", "Decoder.1", "Decoder.2",
)  # fmt: skip

_Hook = Callable[..., Any]


class Inside(NamedTuple):
    """Intermediate results for one batch; `outputs[2] == x + residual`, up to rounding."""

    outputs: tuple[Tensor, Tensor, Tensor]
    """Outputs of `MIMOUNet.forward` at quarter, half and full size."""
    residual: Tensor
    """The change that the network predicts at full size, `(B, 3, H, W)`; not clamped."""
    features: Mapping[str, Tensor]
    """By name of the stage, `(B, C, h, w)`: C is 32, 64 or 128 at full, half and quarter size."""


def look_inside(net: MIMOUNet, x: Tensor) -> Inside:
    """Return the outputs of all three scales, the residual, and the features after each stage.

    Args:
        net: in evaluation mode; in training, dropout makes each call differ.
        x: `(B, 3, H, W)`, floating point, RGB in [0, 1]; H and W multiples of 4.

    Raises:
        ValueError: as `MIMOUNet.forward`.
    """
    features: dict[str, Tensor] = {}
    residual: list[Tensor] = []

    def keep(name: str) -> _Hook:
        return lambda module, inputs, output: features.__setitem__(name, output.detach())

    with torch.no_grad(), ExitStack() as hooks:
        for name in STAGES:
            _hook(hooks, net.get_submodule(name), keep(name))
        _hook(hooks, _head(net), lambda module, inputs, output: residual.append(output.detach()))
        quarter, half, full = net(x)
    return Inside((quarter, half, full), residual[0], features)


def output_without(net: MIMOUNet, x: Tensor, mechanism: Mechanism) -> Tensor:
    """Return the full-size output with one mechanism ablated, `(B, 3, H, W)`; not clamped.

    Args:
        x: `(B, 3, H, W)`, floating point, RGB in [0, 1]; H and W multiples of 4.

    Raises:
        ValueError: for another mechanism, or as `MIMOUNet.forward`.
    """
    with torch.no_grad(), ablation(net, mechanism):
        return net.full(x)


@contextmanager
def ablation(net: MIMOUNet, mechanism: Mechanism) -> Iterator[None]:
    """Ablate the mechanism in every call of the network within the context.

    Raises:
        ValueError: for another mechanism.
    """
    if mechanism not in MECHANISMS:
        raise ValueError(f"expected one of {', '.join(MECHANISMS)}, got {mechanism!r}")
    with ExitStack() as hooks:
        if mechanism == "attention":
            for module in (net.FAM1, net.FAM2):
                _hook(hooks, module, lambda module, inputs, output: inputs[0])
        elif mechanism == "fusion":
            for own, fusion in enumerate(net.AFFs):
                handle = fusion.register_forward_pre_hook(_without_coarser(own))
                hooks.callback(handle.remove)
        else:
            _hook(hooks, _head(net), lambda module, inputs, output: torch.zeros_like(output))
        yield


def _without_coarser(own: int) -> _Hook:
    """Return a hook that zeroes the maps of scales coarser than `own`; 0 is the full size."""

    def hook(module: nn.Module, inputs: tuple[list[Tensor], tuple[int, int]]) -> Any:
        maps, size = inputs
        masked = [m if scale <= own else torch.zeros_like(m) for scale, m in enumerate(maps)]
        return masked, size

    return hook


def _head(net: MIMOUNet) -> nn.Module:
    return net.feat_extract[5]


def _hook(hooks: ExitStack, module: nn.Module, hook: _Hook) -> None:
    hooks.callback(module.register_forward_hook(hook).remove)
