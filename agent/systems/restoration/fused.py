"""MIMO-UNet with its residual blocks as oneDNN runs them fastest on a CPU.

The two 3×3 convolutions of every residual block are nearly all of the network's work. Here their
weights are laid out for the processor once, which PyTorch's layers do in every call, and the second
one adds to the residual stream itself.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from agent.systems.restoration.network import MIMOUNet, ResBlock
from agent.systems.restoration.residual_blocks import convolutions, with_blocks

_ONES = [1, 1]
_OPERATORS = (
    "_convolution_pointwise", "_convolution_pointwise_",
    "_reorder_convolution_weight", "_is_mkldnn_bf16_supported",
)  # fmt: skip


def available(dtype: torch.dtype, device: torch.device) -> bool:
    """Whether PyTorch has it here, for float32 or bfloat16 on a CPU and for nothing else."""
    operators = torch.ops.mkldnn
    return (
        device.type == "cpu"
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        and all(hasattr(operators, name) for name in _OPERATORS)
        and (
            dtype == torch.float32
            or (dtype == torch.bfloat16 and operators._is_mkldnn_bf16_supported())
        )
    )


def fused(net: MIMOUNet, dtype: torch.dtype) -> MIMOUNet:
    """A network that computes what `net` does, its residual blocks in `dtype`.

    In float32 the two differ in the order of sums alone. All other layers are shared with `net`.
    The result runs on the CPU and cannot be trained.

    Args:
        net: on the CPU, in float32.
        dtype: float32, or bfloat16 for calls under autocast to it.
    """
    return with_blocks(net, partial(_FusedBlock, dtype=dtype), dtype)


class _FusedBlock:
    def __init__(self, block: ResBlock, dtype: torch.dtype) -> None:
        self.first, self.second = (_packed(conv, dtype) for conv in convolutions(block))

    def add_to(self, stream: Tensor) -> None:
        """Add what the block computes for `(B, C, H, W)` to it."""
        operators, sides = torch.ops.mkldnn, (_ONES, _ONES, _ONES, 1)
        inner = operators._convolution_pointwise(stream, *self.first, *sides, "none", [], "")
        inner.relu_()  # theirs would save a pass, and make 0 of NaN
        operators._convolution_pointwise_.binary(
            stream, inner, *self.second, *sides, "add", None, None, [], None
        )


def _packed(conv: nn.Conv2d, dtype: torch.dtype) -> tuple[Tensor, Tensor | None]:
    """Weights as the operators want them, and the bias."""
    weight = conv.weight.detach().to(dtype)
    packed = torch.ops.mkldnn._reorder_convolution_weight(weight, _ONES, _ONES, _ONES, 1)
    return packed, None if conv.bias is None else conv.bias.detach().to(dtype)
