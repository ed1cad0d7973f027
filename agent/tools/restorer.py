"""MIMO-UNet+ on pictures of any size: precision, tiles, padding, rounding. Nothing about files
other than the checkpoint, and nothing about measuring.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from agent.errors import ConfigError
from agent.imaging.picture import Pixels, white_level
from agent.imaging.tiling import padded, tiles
from agent.nets.mimo_unet import SIZE_MULTIPLE, load_checkpoint

#: Largest side of the part of a tile that is kept, and how far a tile reaches beyond it, in pixels.
CORE, HALO = 1024, 64


class Restorer:
    """A loaded network that takes pictures.

    A picture with a side of more than `core` pixels is computed in tiles that reach `halo` pixels
    into their neighbours. The network's exact reach is 577 pixels, so that is an approximation: in
    float32, an early checkpoint differed from the whole picture by less than 0.001 grey levels with
    a halo of 64, by up to 0.01 with 32 and by up to 1.3 with 16, on enlarged and on shaken text and
    photographs. `groundglass evaluate restoration` measures it for any weights.

    Args:
        weights: a checkpoint that `load_checkpoint` takes.
        device: as PyTorch names it, such as `cpu` or `cuda`.
        core: largest side of what a tile contributes, a multiple of 4.
        halo: width of the border that a tile computes and drops, a multiple of 4.

    Raises:
        CheckpointError: when the weights cannot be used.
        ConfigError: when there is no such device.
    """

    def __init__(
        self, weights: Path, device: str = "cpu", *, core: int = CORE, halo: int = HALO
    ) -> None:
        self.core, self.halo = core, halo
        net = load_checkpoint(weights)
        self.sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
        try:
            self.device = torch.device(device)
            net = net.to(self.device)
            # The stubs of PyTorch lack this argument.
            self.net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        except (RuntimeError, AssertionError) as error:
            detail = str(error).strip().splitlines()[0]
            raise ConfigError(
                f"the device {device!r} cannot be used ({detail}); expected cpu, or a device that "
                "PyTorch finds here"
            ) from error
        #: bfloat16 where the processor is fast at it; set to float32 for exact work.
        self.dtype = torch.bfloat16 if _fast_bfloat16(self.device) else torch.float32

    def __call__(
        self, pixels: Pixels, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Pixels:
        """Restore `(H, W, 3)`, RGB, uint8 or uint16; the result has its shape and type.

        Values are limited to the type's range and rounded half up. Sides that are no multiples of
        4 are padded by reflection, and the result is cropped. In bfloat16, a result that is not
        finite is computed again in float32.

        Args:
            progress: called with the number of tiles done and their total.

        Raises:
            ArithmeticError: when the network's output is not finite.
            MemoryError: when a tile does not fit into memory.
        """
        white = white_level(pixels)
        source = padded(pixels, SIZE_MULTIPLE)
        result = np.empty_like(source)
        height, width = source.shape[:2]
        plan = list(tiles(height, width, self.core, self.halo, SIZE_MULTIPLE))
        for done, tile in enumerate(plan, 1):
            window = source[tile.window].astype(np.float32) / np.float32(white)
            restored = np.clip(self._restored(window)[tile.inner], 0, 1)
            result[tile.kept] = np.floor(restored * white + 0.5)
            progress(done, len(plan))
        return result[: pixels.shape[0], : pixels.shape[1]]

    def _restored(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """`(H, W, 3)` in [0, 1] through the network, both sides multiples of 4; not limited."""
        x = torch.from_numpy(window).permute(2, 0, 1)[None].to(self.device)
        dtypes = dict.fromkeys((self.dtype, torch.float32))
        try:
            for dtype in dtypes:
                with torch.inference_mode(), self._precision(dtype):
                    full = self.net(x)[2].float()
                if bool(full.isfinite().all()):
                    return np.asarray(full[0].permute(1, 2, 0).cpu())
        except RuntimeError as error:
            if "memory" in str(error):  # the CPU allocator raises no type of its own
                raise MemoryError("not enough memory for a tile of the picture") from error
            raise
        raise ArithmeticError("the network's output is not finite; the weights are of no use")

    def _precision(self, dtype: torch.dtype) -> AbstractContextManager[object]:
        return torch.autocast(self.device.type, dtype, enabled=dtype != torch.float32)


def _fast_bfloat16(device: torch.device) -> bool:
    """Whether the processor multiplies bfloat16 in hardware; elsewhere float32 is faster."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    probes = [getattr(torch.cpu, name, None) for name in names]
    return device.type == "cpu" and any(probe() for probe in probes if probe)
