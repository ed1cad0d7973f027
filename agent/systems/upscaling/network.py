"""Networks in ncnn's format on pictures of any size: tiles, margins, global means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import ncnn
import numpy as np
from numpy.typing import NDArray

from agent.errors import CheckpointError
from agent.imaging.picture import Pixels, white_level
from agent.imaging.tiling import Tile, tiles
from agent.systems.processor import cores, threads
from agent.systems.upscaling.upscaler import Family, Network
from agent.text import visible

#: Sides of tiles are multiples of this, so that sampling at quarter size is in phase with the whole
#: picture.
MULTIPLE = 4
#: Return value of `Extractor.extract` when memory runs out.
_OUT_OF_MEMORY = -100
#: Value of `GpuInfo.type` for a CPU that emulates a graphics processor.
_SOFTWARE = 3


class NcnnNetwork:
    """A network read from its two files, which computes in float32.

    Args:
        path: path of both files without the suffix `.param` or `.bin`.
        gpu: index of a Vulkan device; None for the processor.

    Raises:
        CheckpointError: if the files cannot be read.
    """

    def __init__(self, path: Path, family: Family, network: Network, gpu: int | None) -> None:
        self._family, self._network = family, network
        self._net = ncnn.Net()
        self._pools = ncnn.PoolAllocator(), ncnn.PoolAllocator()
        option = self._net.opt
        option.num_threads = threads() or cores()
        option.use_vulkan_compute = gpu is not None
        for name in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
            setattr(option, f"use_{name}", False)
        if gpu is not None:
            self._net.set_vulkan_device(gpu)
        for suffix, load in ((".param", self._net.load_param), (".bin", self._net.load_model)):
            file = path.with_name(path.name + suffix)
            if not file.is_file() or load(str(file)) != 0:
                raise CheckpointError(
                    f"{visible(str(file))}: cannot be read as a network of ncnn; install "
                    f"{family.package} again"
                )

    def parts(self, height: int, width: int, core: int) -> int:
        """Return how often `progress` is called for a picture of this size."""
        number = sum(1 for _ in _plan(height, width, core))
        return number * (1 + len(self._family.pooled)) if number > 1 else 1

    def __call__(self, pixels: Pixels, core: int, progress: Callable[[], None]) -> Pixels:
        """Enlarge `(H, W, 3)`, RGB, uint8 or uint16, by the network's scale; the type stays.

        Values are clipped to the type's range and rounded half up. If the network uses means over
        the whole picture and there are several tiles, the means are first computed over all of
        them, so that tiles do not differ.

        Args:
            core: maximum side of the part of a tile that is kept, in pixels of the input.
            progress: called after each part.

        Raises:
            ArithmeticError: if the network's output is not finite.
            MemoryError: if a tile does not fit into memory.
        """
        height, width = pixels.shape[:2]
        scale, margin = self._network.scale, self._network.margin
        around = [(margin, margin + -side % MULTIPLE) for side in (height, width)]
        source = cast(Pixels, np.pad(pixels, (*around, (0, 0)), mode=self._family.padding))
        plan = list(_plan(height, width, core))
        means = self._means(source, plan, progress) if len(plan) > 1 else {}
        white = np.float32(white_level(pixels))
        result = np.empty((height * scale, width * scale, 3), pixels.dtype)
        for tile in plan:
            values = self._enlarged(self._window(source, tile), means)
            rows, columns = (slice(s.start * scale, s.stop * scale) for s in tile.core)
            area = result[rows, columns]  # cropped at the border of the picture
            rounded = np.floor(np.clip(values, 0, 1) * white + np.float32(0.5))
            area[...] = rounded[: area.shape[0], : area.shape[1]]
            progress()
        return cast(Pixels, result)

    def _means(
        self, source: Pixels, plan: list[Tile], progress: Callable[[], None]
    ) -> dict[str, NDArray[np.float32]]:
        """Return the network's pooled blobs, computed over all tiles."""
        means: dict[str, NDArray[np.float32]] = {}
        for blob in self._family.pooled:  # each depends on those before it
            samples, areas = [], []
            for tile in plan:
                window = self._window(source, tile)
                samples.append(self._extracted(window, means, blob))
                areas.append(window.shape[0] * window.shape[1])
                progress()
            means[blob] = np.average(samples, axis=0, weights=areas).astype(np.float32)
        return means

    def _window(self, source: Pixels, tile: Tile) -> NDArray[np.float32]:
        """Return the input of a tile, in [0, 1]."""
        beyond = 2 * self._network.margin
        rows, columns = (slice(s.start, s.stop + beyond) for s in tile.core)
        return source[rows, columns].astype(np.float32) / np.float32(white_level(source))

    def _enlarged(
        self, window: NDArray[np.float32], means: Mapping[str, NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Return the enlarged part of a tile that is kept."""
        scale, margin = self._network.scale, self._network.margin
        output = self._extracted(window, means, self._family.output).transpose(1, 2, 0)
        rows, columns = (slice(margin, side - margin) for side in window.shape[:2])
        inner = window[rows, columns]
        height, width = (side * scale for side in inner.shape[:2])
        top, left = (output.shape[0] - height) // 2, (output.shape[1] - width) // 2
        values = output[top : top + height, left : left + width]
        if self._network.adds_input:
            values = values + inner.repeat(scale, 0).repeat(scale, 1)
        if not np.isfinite(values).all():
            raise ArithmeticError(
                "the network's output is not finite; these weights cannot be used"
            )
        return values

    def _extracted(
        self,
        window: NDArray[np.float32],
        means: Mapping[str, NDArray[np.float32]],
        blob: str,
    ) -> NDArray[np.float32]:
        """Return a blob of the network for the inputs `window`, `(H, W, 3)`, and `means`."""
        planes = np.ascontiguousarray(window.transpose(2, 0, 1))
        failure, values = self._extract({self._family.input: planes, **means}, blob)
        for pool in self._pools:  # else tiles of another size allocate beside the old ones
            pool.clear()
        if failure == _OUT_OF_MEMORY:
            raise MemoryError("not enough memory for a tile of the picture")
        if failure:
            raise ArithmeticError(f"ncnn could not run the network (code {failure})")
        return values

    def _extract(
        self, inputs: Mapping[str, NDArray[np.float32]], blob: str
    ) -> tuple[int, NDArray[np.float32]]:
        """Return ncnn's return value and a copy of the blob, independent of the pools."""
        extractor = self._net.create_extractor()
        blobs, workspace = self._pools
        extractor.set_blob_allocator(blobs)
        extractor.set_workspace_allocator(workspace)
        for name, values in inputs.items():
            extractor.input(name, ncnn.Mat(values).clone())
        failure, result = extractor.extract(blob)
        return failure, np.empty(0, np.float32) if failure else np.array(result)


def _plan(height: int, width: int, core: int) -> Iterator[Tile]:
    """Yield the tiles of a picture, with sides padded to multiples of `MULTIPLE`."""
    return tiles(height + -height % MULTIPLE, width + -width % MULTIPLE, core, 0, MULTIPLE)


def vulkan_device() -> int | None:
    """Return the index of Vulkan's first graphics processor; None if there is none."""
    for index in range(ncnn.get_gpu_count()):
        if ncnn.get_gpu_info(index).type() != _SOFTWARE:
            return index
    return None
