"""Device and arithmetic of a network, with a fallback to float32."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agent.errors import ConfigError

_Network = TypeVar("_Network", bound=nn.Module)


def on_device(network: _Network, name: str) -> tuple[_Network, torch.device]:
    """Move a network to a device.

    Raises:
        ConfigError: if there is no such device, or it cannot be used.
    """
    try:
        device = torch.device(name)
        return network.to(device), device
    except (RuntimeError, AssertionError) as error:
        detail = str(error).strip().splitlines()[0]
        raise ConfigError(
            f"the device {name!r} cannot be used ({detail}); expected cpu, or a device that "
            "PyTorch finds here"
        ) from error


def fastest_type(device: torch.device) -> torch.dtype:
    """Return bfloat16 if the device has matrix units for it, else float32.

    Vector instructions (AVX-512 BF16) do not suffice: on processors with only those, the network
    measured slower in bfloat16 than in float32.
    """
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    probe = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return torch.bfloat16 if device.type == "cpu" and probe and probe() else torch.float32


@contextmanager
def computing_in(dtype: torch.dtype, device: torch.device) -> Iterator[None]:
    """Run convolutions and matrix products in `dtype`.

    float32 also disables TensorFloat-32, in which cuDNN would round factors to 10 bits.
    """
    if dtype in (torch.bfloat16, torch.float16):
        with torch.autocast(device.type, dtype):
            yield
    else:
        with torch.backends.cudnn.flags(
            enabled=torch.backends.cudnn.enabled,
            benchmark=torch.backends.cudnn.benchmark,
            allow_tf32=False,
        ):
            yield


def finite_result(
    network_in: Callable[[torch.dtype], Callable[[Tensor], Tensor]],
    x: Tensor,
    dtype: torch.dtype,
    *,
    ensemble: bool,
) -> tuple[NDArray[np.float32], str]:
    """Run `(1, C, H, W)` through a network; return `(H, W, C)` and the arithmetic used.

    If the result in `dtype` is not finite, it is computed again in float32. It is not clamped.

    Args:
        network_in: returns the network for a data type.
        ensemble: whether to average the results of rotations by 0, 90, 180 and 270 degrees.

    Raises:
        ArithmeticError: if the result is not finite in float32 either.
        MemoryError: if the picture does not fit into memory.
    """
    try:
        for candidate in dict.fromkeys((dtype, torch.float32)):
            network = network_in(candidate)
            with torch.inference_mode(), computing_in(candidate, x.device):
                y = _averaged(network, x) if ensemble else network(x).float()
            if bool(y.isfinite().all()):
                values = np.asarray(y[0].permute(1, 2, 0).cpu())
                return values, str(candidate).removeprefix("torch.")
    except RuntimeError as error:
        if "memory" in str(error):  # the CPU allocator has no exception type of its own
            raise MemoryError("not enough memory for a tile of the picture") from error
        raise
    raise ArithmeticError("the network's output is not finite; these weights cannot be used")


def _averaged(network: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    turned = (network(x.rot90(k, (2, 3))).float().rot90(-k, (2, 3)) for k in range(4))
    return sum(turned, x.new_zeros(())) / 4  # sequentially, to need no more memory than one
