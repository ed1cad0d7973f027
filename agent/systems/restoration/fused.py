"""MIMO-UNet with residual blocks in the form that oneDNN runs fastest on a CPU.

The two 3×3 convolutions of each residual block are nearly all of the network's work. Here their
weights are packed for the processor once, while PyTorch's layers do so in every call, and the
second convolution adds to the residual stream directly.
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
    """Check whether PyTorch has it here: on CPUs only, in float32 or bfloat16."""
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
    """Return a network equivalent to `net` with fused residual blocks in `dtype`.

    In float32 the two differ only in the order of sums. All other layers are shared with `net`. The
    result runs on the CPU and cannot be trained.

    Args:
        net: network on the CPU, in float32.
        dtype: float32, or bfloat16 for calls under autocast to it.
    """
    return with_blocks(net, partial(_FusedBlock, dtype=dtype), dtype)


class _FusedBlock:
    def __init__(self, block: ResBlock, dtype: torch.dtype) -> None:
        self.first, self.second = (_packed(conv, dtype) for conv in convolutions(block))

    def add_to(self, stream: Tensor) -> None:
        """Add the output of the block for `(B, C, H, W)` to it in place."""
        operators, sides = torch.ops.mkldnn, (_ONES, _ONES, _ONES, 1)
        inner = operators._convolution_pointwise(stream, *self.first, *sides, "none", [], "")
        inner.relu_()  # the operator's own would save a pass, but turn NaN into 0
        operators._convolution_pointwise_.binary(
            stream, inner, *self.second, *sides, "add", None, None, [], None
        )


def _packed(conv: nn.Conv2d, dtype: torch.dtype) -> tuple[Tensor, Tensor | None]:
    """Return the weights packed for the operators, and the bias."""
    weight = conv.weight.detach().to(dtype)
    packed = torch.ops.mkldnn._reorder_convolution_weight(weight, _ONES, _ONES, _ONES, 1)
    return packed, None if conv.bias is None else conv.bias.detach().to(dtype)
