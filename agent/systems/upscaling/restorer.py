"""An upscaler as a `Restorer`: its files, passes, reduction, memory and device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import version
from itertools import accumulate
from math import prod
from operator import mul
from pathlib import Path

from agent.files import sha256_of
from agent.imaging.picture import Picture, Pixels
from agent.settings import Tile
from agent.systems.memory import available_memory
from agent.systems.restoration.enlarging import enlarge_and_restore
from agent.systems.upscaling.network import MULTIPLE, NcnnNetwork, vulkan_device
from agent.systems.upscaling.upscaler import Network, Upscaler, total_scale

#: Maximum memory of a tile of automatic size, in bytes.
TILE_MEMORY = 2 << 30
#: Minimum side of a tile when memory runs out.
LEAST_CORE = 32


class NcnnUpscaler:
    """An upscaler that loads its networks on first use.

    Args:
        folder: folder of the files of its networks.
        device: `cpu`; anything else uses a Vulkan device if there is one.
        tile: maximum side of the part of a tile that is kept; `exact` for a single tile.
    """

    def __init__(self, upscaler: Upscaler, folder: Path, device: str, tile: Tile) -> None:
        self.name = upscaler.name
        self.arithmetic = ("float32",)
        self.notes: tuple[str, ...] = ()
        self._upscaler, self._folder, self._tile = upscaler, folder, tile
        self._gpu = None if device == "cpu" else vulkan_device()
        self._fallen_back = device != "cpu" and self._gpu is None
        self._loaded: dict[Network, NcnnNetwork] = {}
        self._passes = upscaler.networks[:1]

    @property
    def device(self) -> str:
        """`cpu` or `vulkan:0`."""
        return "cpu" if self._gpu is None else f"vulkan:{self._gpu}"

    @property
    def scale(self) -> int:
        """Total factor of the networks of the last call; before any call, the smallest one."""
        return total_scale(self._passes)

    @property
    def sha256(self) -> str:
        """SHA-256 of the first network of the last call; before any call, of the first of all."""
        return sha256_of(self._weights(self._passes[0]))

    @property
    def licences(self) -> tuple[str, ...]:
        """Licences of the method and of each weights file of the last call, with its SHA-256."""
        family = self._upscaler.family
        carrier = f"{family.package} {version(family.package)}"
        files = [self._weights(network) for network in dict.fromkeys(self._passes)]
        return (
            f"{family.name}: {family.licence}",
            *(
                f"weights {file.name} of {family.name}, from {carrier}: {family.licence}; "
                f"SHA-256 {sha256_of(file)}"
                for file in files
            ),
        )

    def enlarge_and_restore(
        self,
        picture: Picture,
        factor: int,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> tuple[Picture, Picture]:
        """Return the picture enlarged by bicubic interpolation and by the upscaler; same size.

        If its networks enlarge by more than `factor`, their result is reduced by bicubic
        interpolation, and `notes` say so. Alpha is enlarged by bicubic interpolation.

        Args:
            factor: factor by which both sides grow, in [1, 8].
            progress: called with the number of parts done and their total.

        Raises:
            CheckpointError: if a weights file cannot be read.
            ArithmeticError: if a network's output is not finite.
            MemoryError: if a tile or the result does not fit into memory.
        """
        self._passes = self._upscaler.passes(factor)
        self.notes = tuple(self._noted(factor))
        return enlarge_and_restore(
            picture, factor, lambda pixels: self._enlarged(pixels, progress), self.scale
        )

    def _noted(self, factor: int) -> list[str]:
        notes = []
        scales = [network.scale for network in self._passes]
        times = f"{' × '.join(map(str, scales))} times"
        if self.scale != factor:
            size = "its own size" if factor == 1 else f"{factor} times"
            notes.append(f"enlarged {times} by the network and reduced to {size}")
        elif len(scales) > 1:
            notes.append(f"enlarged {times} by the network")
        if self._fallen_back:
            notes.append("computed on the processor, since ncnn finds no Vulkan device")
        return notes

    def _enlarged(self, pixels: Pixels, progress: Callable[[int, int], None]) -> Pixels:
        """Enlarge `(H, W, 3)` by `scale`, halving the tiles if memory runs out."""
        _refuse_large(pixels, self.scale)
        sizes = _sizes(pixels, self._passes)
        cores = [self._core(*part) for part in zip(self._passes, sizes, strict=True)]
        while True:
            try:
                return self._run(pixels, sizes, cores, progress)
            except MemoryError:
                if max(cores) <= LEAST_CORE or self._tile == "exact":
                    raise
            cores = [max(LEAST_CORE, core // 2 // MULTIPLE * MULTIPLE) for core in cores]

    def _run(
        self,
        pixels: Pixels,
        sizes: list[tuple[int, int]],
        cores: list[int],
        progress: Callable[[int, int], None],
    ) -> Pixels:
        networks = [self._network(network) for network in self._passes]
        total = sum(
            network.parts(*size, core)
            for network, size, core in zip(networks, sizes, cores, strict=True)
        )
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            progress(done, total)

        for network, core in zip(networks, cores, strict=True):
            pixels = network(pixels, core, count)
        return pixels

    def _core(self, network: Network, size: tuple[int, int]) -> int:
        """Return the maximum side of the part of a tile that is kept, a multiple of `MULTIPLE`."""
        if isinstance(self._tile, int):
            return self._tile
        whole = -(-max(size) // MULTIPLE) * MULTIPLE
        available = available_memory() or TILE_MEMORY
        needed = prod(side + 2 * network.margin for side in size) * network.bytes_per_pixel
        if self._tile == "exact":
            if needed > available:
                raise MemoryError(f"{needed / 1e9:.1f} GB for the picture as a single tile")
            return whole
        if needed <= min(TILE_MEMORY, available):
            return whole
        side = int((min(TILE_MEMORY, available) / network.bytes_per_pixel) ** 0.5)
        return max(LEAST_CORE, (side - 2 * network.margin) // MULTIPLE * MULTIPLE)

    def _network(self, network: Network) -> NcnnNetwork:
        if network not in self._loaded:
            place = self._folder / network.file
            self._loaded[network] = NcnnNetwork(place, self._upscaler.family, network, self._gpu)
        return self._loaded[network]

    def _weights(self, network: Network) -> Path:
        return self._folder / f"{network.file}.bin"


def _sizes(pixels: Pixels, passes: Sequence[Network]) -> list[tuple[int, int]]:
    """Return height and width of the input of each pass."""
    height, width = pixels.shape[:2]
    scales = accumulate((network.scale for network in passes[:-1]), mul, initial=1)
    return [(height * scale, width * scale) for scale in scales]


def _refuse_large(pixels: Pixels, scale: int) -> None:
    """Raise MemoryError if the result of the networks would not fit."""
    available = available_memory()
    if available is not None and pixels.nbytes * scale**2 > available:
        height, width = (side * scale for side in pixels.shape[:2])
        raise MemoryError(f"the network makes {width} × {height} pixels of the picture")


@lru_cache(maxsize=4)
def open_ncnn(upscaler: Upscaler, folder: Path, device: str, tile: Tile) -> NcnnUpscaler:
    """Return the upscaler, loaded once and shared; same arguments as the class."""
    return NcnnUpscaler(upscaler, folder, device, tile)
