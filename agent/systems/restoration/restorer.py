"""MIMO-UNet+ on pictures of any size: precision, tiles, padding, rounding.

Picture files are in `files`, measurements in `evidence`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from agent.errors import ConfigError
from agent.files import DEFAULT_WEIGHTS, sha256_of
from agent.imaging.picture import Picture, Pixels, white_level
from agent.imaging.tiling import padded, tiles
from agent.measures.fidelity import psnr
from agent.measures.sharpness import most_detailed
from agent.settings import Precision, Settings, Tile
from agent.systems.memory import available_memory
from agent.systems.restoration import fused
from agent.systems.restoration import quantization as eight_bit
from agent.systems.restoration.enlarging import enlarge_and_restore
from agent.systems.restoration.network import PLUS_BLOCKS, SIZE_MULTIPLE, MIMOUNet, load_checkpoint
from agent.systems.restoration.precision import fastest_type, finite_result, on_device
from agent.systems.spec import NotApplicable
from agent.text import visible

#: Maximum side of the part of a tile that is kept, and the overlap around it, in pixels.
CORE, HALO = 1024, 64
#: Minimum side of a tile when memory runs out.
LEAST_CORE = 128
#: Memory of a tile in float32; `benchmarks/restoration.py` measures it.
BYTES_PER_PIXEL = 1000
#: Minimum agreement of 8 bits with float32 on a part of the picture: a PSNR in dB, 54.15 for a root
#: mean square of half a grey level, or so many dB above that of the network's change.
LEAST_AGREEMENT, LEAST_ABOVE_CHANGE = 54.15, 24.0
#: Maximum share of the picture's pixels in that part, and the range of its sides.
_CHECKED_SHARE, _CHECKED_SIDES = 1 / 32, (32, 96)
#: Larger pictures are subsampled to this side to find it, which takes less memory.
_SEARCHED_SIDE = 1024

_DTYPES = {
    "fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "int8": torch.int8,
}  # fmt: skip


class MimoUnetRestorer:
    """MIMO-UNet or MIMO-UNet+ as a `Restorer`.

    A picture with a side of more than `core` pixels is computed in tiles that overlap their
    neighbours by `halo` pixels, which are dropped. A halo below the network's receptive field
    (`exact_halo`) makes this an approximation: in float32, on an enlarged page, the shipped weights
    differ from the whole by at most 0.004 grey levels with a halo of 64 and 0.023 with 32.
    `benchmarks/restoration.py --seam` measures this; `groundglass evaluate restoration` does so on
    your own pictures and weights.

    Args:
        weights: a checkpoint that `load_checkpoint` takes.
        device: as PyTorch names it, such as `cpu` or `cuda`.
        core: maximum side of the part of a tile that is kept, a multiple of 4.
        halo: width of the border of a tile that is dropped, a multiple of 4.
        precision: arithmetic of the network; `auto` uses bfloat16 if the processor has matrix units
            for it, else float32. `int8` computes the residual blocks in 8 bits (see
            `quantization`), unless that changes a part of the picture too much.
        ensemble: whether to average the results of four rotations (MIMO-UNet++, section 4.2 of the
            paper), at four times the work.

    Raises:
        CheckpointError: if the weights cannot be used.
        ConfigError: if there is no such device, or it has no fast 8-bit arithmetic.
    """

    def __init__(
        self,
        weights: Path,
        device: str = "cpu",
        *,
        core: int = CORE,
        halo: int = HALO,
        precision: Precision = "auto",
        ensemble: bool = False,
    ) -> None:
        self.core, self.halo, self.ensemble = core, halo, ensemble
        net = load_checkpoint(weights)
        self.name = "MIMO-UNet+" if net.blocks >= PLUS_BLOCKS else "MIMO-UNet"
        self.licences = (f"{self.name} built from the paper: Apache-2.0", _licence(weights))
        self.sha256 = sha256_of(weights)
        net, self.device = on_device(net, device)
        # PyTorch's stubs lack this argument.
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        #: Data type that the network computes in.
        self.dtype = _DTYPES.get(precision) or fastest_type(self.device)
        if self.dtype == torch.int8 and not (self.device.type == "cpu" and eight_bit.available()):
            raise ConfigError(
                f"the precision int8 cannot be used on the device {device!r}; it takes a processor "
                "with AVX512-VNNI or AMX, and PyTorch with oneDNN; use auto"
            )
        #: The networks for float32 and for `dtype`.
        self.net = self.fast = _as_fast_as_it_gets(net, torch.float32, self.device)
        if self.dtype != torch.float32:
            self.fast = _as_fast_as_it_gets(net, self.dtype, self.device)
        #: Arithmetic of the last call, including `float32` if tiles were computed again.
        self.arithmetic: tuple[str, ...] = ()
        #: What a user should know about how the last call computed.
        self.notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> MimoUnetRestorer:
        """Return the restorer for `settings`; raises as the class does.

        It is loaded once and shared as long as the weights file does not change.
        """
        info = settings.weights.stat() if settings.weights.is_file() else None
        state = (info.st_size, info.st_mtime_ns) if info else None
        precision, ensemble, tile = settings.precision, settings.ensemble, settings.tile
        return _loaded(settings.weights, state, settings.device, precision, ensemble, tile)

    @classmethod
    def fastest(cls, settings: Settings) -> MimoUnetRestorer:
        """Do as `of`, but with precision `auto` use 8 bits if they are fastest.

        Exact tiles are excluded. This is for making pictures only; reports and comparisons compute
        in float32.
        """
        left_open = (settings.precision, settings.device) == ("auto", "cpu")
        if (
            left_open
            and settings.tile != "exact"
            and eight_bit.available()
            and fastest_type(torch.device("cpu")) == torch.float32
        ):
            settings = replace(settings, precision="int8")
        return cls.of(settings)

    @property
    def scale(self) -> int:
        """1: the network keeps the size of its input."""
        return 1

    def enlarge_and_restore(
        self,
        picture: Picture,
        factor: int,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> tuple[Picture, Picture]:
        """Enlarge and restore like `enlarging.enlarge_and_restore`; raises as a call does."""
        return enlarge_and_restore(picture, factor, lambda pixels: self(pixels, progress))

    def __call__(
        self, pixels: Pixels, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Pixels:
        """Restore `(H, W, 3)`, RGB, uint8 or uint16; the result has its shape and type.

        Values are clipped to the type's range and rounded half up. Sides that are no multiples of
        4 are padded by reflection, and the result is cropped. Below float32, a tile that is not
        finite is computed again in float32. With 8 bits, the most detailed part of the picture is
        also computed in float32, and if the two agree less than `LEAST_AGREEMENT`, so is the whole
        picture; see `arithmetic` and `notes`. If a tile does not fit into the available memory, all
        tiles are redone with half the side.

        Args:
            progress: called with the number of tiles done and their total.

        Raises:
            ArithmeticError: if the network's output is not finite.
            MemoryError: if even the smallest tile does not fit into memory.
        """
        source = padded(pixels, SIZE_MULTIPLE)
        self.notes = ()
        dtype = self.dtype
        if dtype == torch.int8 and not self._agrees(source):
            dtype = torch.float32
            self.notes = ("computed in float32, since 8 bits would change the result",)
        core = min(self.core, max(source.shape[:2]))
        if self.device.type == "cpu":
            core = affordable(core, self.halo, available_memory())
        while True:
            try:
                result = self._tiled(source, core, dtype, progress)
                return result[: pixels.shape[0], : pixels.shape[1]]
            except MemoryError:
                if core <= LEAST_CORE:
                    raise
            core = _halved(core)

    def _agrees(self, source: Pixels) -> bool:
        """Check whether 8 bits nearly match float32 on the most detailed part."""
        least, most = _CHECKED_SIDES
        side = int((source.shape[0] * source.shape[1] * _CHECKED_SHARE) ** 0.5)
        side = min(max(side, least), most) // SIZE_MULTIPLE * SIZE_MULTIPLE
        height, width = (min(side, length) for length in source.shape[:2])
        step = -(-max(source.shape) // _SEARCHED_SIDE)
        corner = most_detailed(source[::step, ::step], height // step or 1, width // step or 1)
        top = min(corner[0] * step, source.shape[0] - height)
        left = min(corner[1] * step, source.shape[1] - width)
        part = source[top : top + height, left : left + width].astype(np.float32)
        part /= white_level(source)
        fast, exact = (
            np.clip(self._restored(part, dtype)[0], 0, 1) * 255
            for dtype in (torch.int8, torch.float32)
        )
        change = psnr(exact, part * 255)
        return psnr(fast, exact) >= min(LEAST_AGREEMENT, change + LEAST_ABOVE_CHANGE)

    def _tiled(
        self, source: Pixels, core: int, dtype: torch.dtype, progress: Callable[[int, int], None]
    ) -> Pixels:
        white = white_level(source)
        self.arithmetic = ()
        result = np.empty_like(source)
        height, width = source.shape[:2]
        plan = list(tiles(height, width, core, self.halo, SIZE_MULTIPLE))
        for done, tile in enumerate(plan, 1):
            window = source[tile.window].astype(np.float32) / np.float32(white)
            values, used = self._restored(window, dtype)
            self.arithmetic = tuple(dict.fromkeys((*self.arithmetic, used)))
            restored = np.clip(values[tile.inner], 0, 1)
            result[tile.core] = np.floor(restored * white + 0.5)
            progress(done, len(plan))
        return result

    def _restored(
        self, window: NDArray[np.float32], dtype: torch.dtype
    ) -> tuple[NDArray[np.float32], str]:
        """Run `(H, W, 3)` in [0, 1] through the network; also return the arithmetic used.

        Both sides are multiples of 4; the result is not clamped.
        """
        x = torch.from_numpy(window).permute(2, 0, 1)[None].to(self.device)
        return finite_result(
            lambda tried: (self.fast if tried == self.dtype else self.net).full,
            x, dtype, ensemble=self.ensemble,
        )  # fmt: skip


def _licence(weights: Path) -> str:
    if weights == DEFAULT_WEIGHTS:
        return "weights that come with Groundglass: CC BY-SA 4.0"
    return "weights that the user named: their owner's terms"


def _as_fast_as_it_gets(net: MIMOUNet, dtype: torch.dtype, device: torch.device) -> MIMOUNet:
    """Return the fastest equivalent of `net` in `dtype`."""
    if dtype == torch.int8:
        return eight_bit.eight_bit(net)
    return fused.fused(net, dtype) if fused.available(dtype, device) else net


def open_mimo_unet(settings: Settings) -> MimoUnetRestorer:
    """Return the restorer of the tool `restore`; raises as `MimoUnetRestorer` does otherwise.

    Raises:
        NotApplicable: if there are no weights.
    """
    if not settings.weights.is_file():
        raise NotApplicable(
            f"{visible(str(settings.weights))}: no such file; pass a MIMO-UNet+ checkpoint with "
            "--weights"
        )
    return MimoUnetRestorer.of(settings)


@lru_cache(maxsize=1)
def _loaded(
    weights: Path,
    state: tuple[int, int] | None,
    device: str,
    precision: Precision,
    ensemble: bool,
    tile: Tile,
) -> MimoUnetRestorer:
    """Load the restorer, cached; `state` distinguishes versions of the file."""
    restorer = MimoUnetRestorer(weights, device, precision=precision, ensemble=ensemble)
    restorer.core, restorer.halo = tile_sizes(tile, restorer.net)
    return restorer


def exact_halo(blocks: int) -> int:
    """Return the receptive field's radius with `blocks` residual blocks per stage, a multiple of 4.

    Each block of the six stages, two at each of the strides 1, 2 and 4, adds two 3×3 convolutions:
    28 pixels in total. The rest of the network adds 17, so MIMO-UNet+ has 577, rounded up to 580.
    """
    return 28 * blocks + 20


def tile_sizes(tile: Tile, net: MIMOUNet) -> tuple[int, int]:
    """Return `core` and `halo` of a `MimoUnetRestorer` for a setting of `tile`."""
    if tile == "exact":
        return CORE, exact_halo(net.blocks)
    return (CORE if tile == "auto" else tile), HALO


def affordable(core: int, halo: int, available: int | None) -> int:
    """Halve `core` until a tile takes at most `available` bytes, but not below `LEAST_CORE`.

    Systems that overcommit memory kill the process instead of refusing, so the available memory is
    checked beforehand if the system reports it.
    """
    while (
        available is not None
        and core > LEAST_CORE
        and (core + 2 * halo) ** 2 * BYTES_PER_PIXEL > available
    ):
        core = _halved(core)
    return core


def _halved(core: int) -> int:
    return max(LEAST_CORE, core // 2 // SIZE_MULTIPLE * SIZE_MULTIPLE)
