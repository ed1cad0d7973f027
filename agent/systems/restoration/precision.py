"""What type a network computes in, on the device that it runs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def fastest_type(device: torch.device) -> torch.dtype:
    """bfloat16 where there are matrix units for it, else float32.

    The vector instructions for it (AVX-512 BF16) are not enough: on processors that have only
    those, the network was measured to take longer in bfloat16 than in float32.
    """
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    probe = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return torch.bfloat16 if device.type == "cpu" and probe and probe() else torch.float32


@contextmanager
def computing_in(dtype: torch.dtype, device: torch.device) -> Iterator[None]:
    """Convolutions and products in bfloat16 or float16, or as the network's weights are.

    With float32 that is float32: cuDNN would by itself round what it multiplies to the 10 bits of
    TensorFloat-32.
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
