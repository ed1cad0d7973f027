"""MIMO-UNet+ on pictures of any size: precision, tiles, padding, rounding. Nothing about files
other than the checkpoint, and nothing about measuring.
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

#: Largest side of the part of a tile that is kept, and how far a tile reaches beyond it, in pixels.
CORE, HALO = 1024, 64
#: A tile is made no smaller than this when memory runs out.
LEAST_CORE = 128
#: What a tile takes in float32; `benchmarks/restoration.py` measures it.
BYTES_PER_PIXEL = 1000
#: How far results in 8 bits may be from those in float32 on a part of the picture: PSNR in dB,
#: 54.15 for a root mean square of half a grey level, or so many dB above that of the change which
#: the network makes.
LEAST_AGREEMENT, LEAST_ABOVE_CHANGE = 54.15, 24.0
#: That part has at most this share of the picture's pixels, and sides in this range.
_CHECKED_SHARE, _CHECKED_SIDES = 1 / 32, (32, 96)
#: It is looked for in every so many pixels of larger pictures, which takes less memory.
_SEARCHED_SIDE = 1024

_DTYPES = {
    "fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "int8": torch.int8,
}  # fmt: skip


class MimoUnetRestorer:
    """MIMO-UNet or MIMO-UNet+ as a `Restorer`: a loaded network that takes pictures.

    A picture with a side of more than `core` pixels is computed in tiles that reach `halo` pixels
    into their neighbours, of which that border is dropped. Less than the network's exact reach
    (`exact_halo`) makes it an approximation: in float32, on an enlarged page, the shipped weights
    differ from the whole by at most 0.004 grey levels with a halo of 64 and 0.023 with 32.
    `benchmarks/restoration.py --seam` measures that, `groundglass evaluate restoration` on pictures
    and weights of your own.

    Args:
        weights: a checkpoint that `load_checkpoint` takes.
        device: as PyTorch names it, such as `cpu` or `cuda`.
        core: largest side of what a tile contributes, a multiple of 4.
        halo: width of the border that a tile computes and drops, a multiple of 4.
        precision: type of the network's arithmetic; `auto` takes bfloat16 where the processor has
            matrix units for it, else float32. `int8` computes the residual blocks in 8 bits (see
            `quantization`), except in pictures of which a part comes out too different.
        ensemble: average the results of four rotations (MIMO-UNet++, section 4.2 of the paper), at
            four times the work.

    Raises:
        CheckpointError: when the weights cannot be used.
        ConfigError: when there is no such device, or it has no fast arithmetic in 8 bits.
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
        # The stubs of PyTorch lack this argument.
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        #: What the network computes in.
        self.dtype = _DTYPES.get(precision) or fastest_type(self.device)
        if self.dtype == torch.int8 and not (self.device.type == "cpu" and eight_bit.available()):
            raise ConfigError(
                f"the precision int8 cannot be used on the device {device!r}; it takes a processor "
                "with AVX512-VNNI or AMX, and PyTorch with oneDNN; use auto"
            )
        #: What computes in float32, and what in `dtype`.
        self.net = self.fast = _as_fast_as_it_gets(net, torch.float32, self.device)
        if self.dtype != torch.float32:
            self.fast = _as_fast_as_it_gets(net, self.dtype, self.device)
        #: What the last call computed in, `float32` among it where tiles were computed again.
        self.arithmetic: tuple[str, ...] = ()
        #: What a user should know of how the last call computed.
        self.notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> MimoUnetRestorer:
        """The restorer that `settings` ask for; raises as the class does.

        It is loaded once, as long as the file of weights stays as it is, and shared.
        """
        info = settings.weights.stat() if settings.weights.is_file() else None
        state = (info.st_size, info.st_mtime_ns) if info else None
        precision, ensemble, tile = settings.precision, settings.ensemble, settings.tile
        return _loaded(settings.weights, state, settings.device, precision, ensemble, tile)

    @classmethod
    def fastest(cls, settings: Settings) -> MimoUnetRestorer:
        """As `of`, but where the precision is left open, 8 bits are taken where they are fastest.

        Not with exact tiles. For pictures alone: what is reported and compared is computed in
        float32.
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
        """1: the network keeps the size of what it is given."""
        return 1

    def enlarge_and_restore(
        self,
        picture: Picture,
        factor: int,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> tuple[Picture, Picture]:
        """As `enlarging.enlarge_and_restore`, by a call; raises as a call does."""
        return enlarge_and_restore(picture, factor, lambda pixels: self(pixels, progress))

    def __call__(
        self, pixels: Pixels, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Pixels:
        """Restore `(H, W, 3)`, RGB, uint8 or uint16; the result has its shape and type.

        Values are limited to the type's range and rounded half up. Sides that are no multiples of
        4 are padded by reflection, and the result is cropped. In less than float32, a tile that is
        not finite is computed again in float32. In 8 bits, the most detailed part of the picture is
        computed in float32 too, and where the two agree less than `LEAST_AGREEMENT`, so is the
        picture. `arithmetic` and `notes` tell which it was. Where a tile does not fit into the
        memory that the system has left, or turns out not to, tiles of half the side are taken from
        the beginning.

        Args:
            progress: called with the number of tiles done and their total.

        Raises:
            ArithmeticError: when the network's output is not finite.
            MemoryError: when a tile of the least size does not fit into memory.
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
        """Whether 8 bits give nearly the result of float32 on the most detailed part."""
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
        """`(H, W, 3)` in [0, 1] through the network, and what it was computed in.

        Both sides are multiples of 4; the result is not limited.
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
    """What computes as `net` does, in `dtype`."""
    if dtype == torch.int8:
        return eight_bit.eight_bit(net)
    return fused.fused(net, dtype) if fused.available(dtype, device) else net


def open_mimo_unet(settings: Settings) -> MimoUnetRestorer:
    """The restorer of the tool `restore`; raises as `MimoUnetRestorer` does otherwise.

    Raises:
        NotApplicable: when there are no weights.
    """
    if not settings.weights.is_file():
        raise NotApplicable(
            f"there are no weights for the network at {visible(str(settings.weights))}; name a "
            "checkpoint of MIMO-UNet+ with --weights"
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
    """`state` tells one content of the file from another."""
    restorer = MimoUnetRestorer(weights, device, precision=precision, ensemble=ensemble)
    restorer.core, restorer.halo = tile_sizes(tile, restorer.net)
    return restorer


def exact_halo(blocks: int) -> int:
    """How far a pixel of the result sees with `blocks` residual blocks a stage, a multiple of 4.

    Every block of the six stages adds two 3×3 convolutions, at strides 1, 2 and 4 twice each: 28
    pixels. The rest of the network adds 17; 577 together for MIMO-UNet+, rounded up to 580.
    """
    return 28 * blocks + 20


def tile_sizes(tile: Tile, net: MIMOUNet) -> tuple[int, int]:
    """`core` and `halo` of a `MimoUnetRestorer` for what a user names."""
    if tile == "exact":
        return CORE, exact_halo(net.blocks)
    return (CORE if tile == "auto" else tile), HALO


def affordable(core: int, halo: int, available: int | None) -> int:
    """`core`, halved until a tile takes at most `available` bytes, but not below `LEAST_CORE`.

    Systems that promise more memory than they have end the process instead of refusing, so it is
    asked for beforehand where the system tells.
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
