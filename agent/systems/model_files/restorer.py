"""`Restorer` for networks of any architecture that spandrel knows: scale, channels, tiles."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agent.errors import ConfigError
from agent.files import sha256_of
from agent.imaging.picture import Picture, Pixels, white_level
from agent.imaging.resampling import resized
from agent.imaging.tiling import padded, tiles
from agent.measures.fidelity import luma
from agent.references import references_in
from agent.settings import Precision, Settings, Tile
from agent.systems.memory import available_memory
from agent.systems.model_files.loading import load_network
from agent.systems.restoration.enlarging import enlarge_and_restore
from agent.systems.restoration.precision import fastest_type, finite_result, on_device
from agent.systems.spec import NotApplicable
from agent.text import visible
from agent.types import Card

#: Maximum side of a tile's part of the result, and overlap around its part of the input, in pixels.
CORE, HALO = 1024, 32
#: Minimum side of a tile's part of the input, in pixels.
LEAST_CORE = 64
#: Minimum side of an input: networks use windows and pad by reflection.
LEAST_SIDE = 16
#: Memory of a tile, as a multiple of inputs and outputs of its largest layer.
_LAYERS_AT_ONCE = 6
_PROBE = 64

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class ModelFileRestorer:
    """The network in a file, with its scale, channels and size requirements.

    A network that enlarges gets the picture itself, once; its result is then resized to the
    requested factor by bicubic interpolation. One that does not enlarge gets the enlarged picture.
    A grey-only network restores brightness; colours come from bicubic interpolation.

    Args:
        weights: a `.safetensors` file, or one written by `torch.save`.
        device: as PyTorch names it, such as `cpu` or `cuda`.
        precision: `auto` uses bfloat16 if device and architecture support it well, else float32.
        tile: `auto` for tiles whose results have at most 1024 pixels a side; a side in pixels of
            the input; `exact` for the whole picture at once.
        ensemble: whether to average the results of four rotations, at four times the work.

    Raises:
        CheckpointError: if the file holds no usable network.
        ConfigError: if spandrel is missing, or there is no such device or precision.
    """

    def __init__(
        self,
        weights: Path,
        device: str = "cpu",
        *,
        precision: Precision = "auto",
        tile: Tile = "auto",
        ensemble: bool = False,
    ) -> None:
        model = load_network(weights)
        self.tile, self.ensemble = tile, ensemble
        self.architecture: str = model.architecture.name
        #: Factor by which the network enlarges.
        self.scale: int = model.scale
        self.file = _display_name(weights)
        self.sha256 = sha256_of(weights)
        #: Name in captions; see `known_as`.
        self.name = f"a network of architecture {self.architecture}, not in the registry"
        self.licences = (_CODE.format(self.architecture), f"weights in {self.file}: {_UNKNOWN}")
        model, self.device = on_device(model, device)
        self.dtype = _type_of(precision, model, self.device)
        self._model = model
        #: Arithmetic of the last call.
        self.arithmetic: tuple[str, ...] = ()
        #: What a user should know about how the last call computed.
        self.notes: tuple[str, ...] = ()
        self._bytes: float | None = None

    def known_as(self, card: Card | None) -> ModelFileRestorer:
        """Return the network under name and licence of its card, or itself if it has no card."""
        if card is None:
            return self
        renamed = copy.copy(self)
        renamed.name = card.name
        licence = card.licence.name if card.licence else _UNKNOWN
        renamed.licences = (self.licences[0], f"weights of {card.name}: {licence}")
        return renamed

    def enlarge_and_restore(
        self,
        picture: Picture,
        factor: int,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> tuple[Picture, Picture]:
        """Enlarge and restore like `enlarging.enlarge_and_restore`; raises as a call does."""
        pair = enlarge_and_restore(
            picture, factor, lambda pixels: self(pixels, progress), self.scale
        )
        if self.scale not in (1, factor):
            changed = "reduced" if self.scale > factor else "enlarged"
            size = f"{factor} times" if factor > 1 else "the size of the picture"
            note = f"the network enlarges {self.scale} times, so its result was {changed} to"
            self.notes = (f"{note} {size} by the bicubic filter", *self.notes)
        return pair

    def __call__(
        self, pixels: Pixels, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Pixels:
        """Restore `(H, W, 3)`, RGB, uint8 or uint16, to `(H · scale, W · scale, 3)` of its type.

        Values are clipped to the type's range and rounded half up. Sides are padded by reflection
        to what the network accepts, and the result is cropped. If a tile does not fit into the
        available memory, all tiles are redone with a smaller size.

        Args:
            progress: called with the number of tiles done and their total.

        Raises:
            ArithmeticError: if the network's output is not finite.
            MemoryError: if even the smallest tile does not fit into memory.
        """
        need = self._model.size_requirements
        self.notes = ()
        source = _at_least(pixels, LEAST_SIDE, need.multiple_of)
        whole = max(source.shape[:2])
        core = self._core(need.multiple_of, whole)
        while True:
            try:
                result = self._tiled(source, core, progress)
                break
            except MemoryError:
                if (smaller := _halved(core, need.multiple_of)) == core:
                    raise
            core = smaller
        if core < whole and self._wants_it_whole:
            self.notes = (
                "the picture does not fit into memory as a whole, so it was processed in tiles",
            )
        if self._model.input_channels == 1 and not _is_grey(pixels):
            self.notes += (
                "the network takes only grey pictures, so the colours were not restored",
            )
            result = _coloured(result, source)
        return result[: pixels.shape[0] * self.scale, : pixels.shape[1] * self.scale]

    @property
    def _wants_it_whole(self) -> bool:
        return self.tile == "exact" or self._model.tiling.name != "SUPPORTED"

    def _core(self, multiple: int, whole: int) -> int:
        """Return the maximum side of a tile's part, in pixels of the input."""
        side = CORE // self.scale if self.tile == "auto" else self.tile
        core = whole if self._wants_it_whole or isinstance(side, str) else side
        core = max(min(core, whole) // multiple * multiple, multiple)
        available = available_memory() if self.device.type == "cpu" else None
        while (
            available is not None and self._bytes_per_pixel() * (core + 2 * HALO) ** 2 > available
        ):
            if (smaller := _halved(core, multiple)) == core:
                break
            core = smaller
        return core

    def _bytes_per_pixel(self) -> float:
        """Return the memory per pixel of a tile, by the largest layer of a small one."""
        if self._bytes is None:
            most = 0

            def note(_: torch.nn.Module, inputs: Any, outputs: Any) -> None:
                nonlocal most
                tensors = [t for t in (*inputs, outputs) if isinstance(t, Tensor)]
                most = max(most, sum(tensor.nbytes for tensor in tensors))

            hooks = [m.register_forward_hook(note) for m in self._model.model.modules()]
            side = -(-_PROBE // self._model.size_requirements.multiple_of)
            side *= self._model.size_requirements.multiple_of
            try:
                self._restored(np.zeros((side, side, 3), np.float32))
            finally:
                for hook in hooks:
                    hook.remove()
            self._bytes = _LAYERS_AT_ONCE * most / side**2
        return self._bytes

    def _tiled(self, source: Pixels, core: int, progress: Callable[[int, int], None]) -> Pixels:
        white, scale = white_level(source), self.scale
        self.arithmetic = ()
        height, width = source.shape[:2]
        result = np.empty((height * scale, width * scale, 3), source.dtype)
        multiple = self._model.size_requirements.multiple_of
        halo = -(-HALO // multiple) * multiple
        plan = list(tiles(height, width, core, halo, multiple))
        for done, tile in enumerate(plan, 1):
            window = source[tile.window].astype(np.float32) / np.float32(white)
            values, used = self._restored(window)
            self.arithmetic = tuple(dict.fromkeys((*self.arithmetic, used)))
            restored = np.clip(values[_times(tile.inner, scale)], 0, 1)
            result[_times(tile.core, scale)] = np.floor(restored * white + 0.5)
            progress(done, len(plan))
        return result

    def _restored(self, window: NDArray[np.float32]) -> tuple[NDArray[np.float32], str]:
        """Restore `(H, W, 3)` in [0, 1]; also return the arithmetic used."""
        grey = self._model.input_channels == 1
        x = torch.from_numpy(luma(window, 1)[..., None] / np.float32(255) if grey else window)
        if self._model.input_channels == 4:  # RGB with an opaque alpha channel
            x = torch.cat([x, torch.ones_like(x[..., :1])], dim=2)
        x = x.permute(2, 0, 1)[None].to(self.device)
        values, used = finite_result(lambda _: self._model, x, self.dtype, ensemble=self.ensemble)
        return (values.repeat(3, axis=2) if grey else values[..., :3]), used


_CODE = "{}, as spandrel computes it: MIT, with notices of its own for the architecture"
_UNKNOWN = "licence not known"


def open_model_file(settings: Settings) -> ModelFileRestorer:
    """Return the network in the weights file that `settings` name; raises as its class does.

    It is loaded once and shared as long as the file does not change.

    Raises:
        NotApplicable: if there is no such file.
    """
    path = settings.weights
    if not path.is_file():
        raise NotApplicable(
            f"{visible(str(path))}: no such file; pass a weights file with --weights"
        )
    info = path.stat()
    state = (info.st_size, info.st_mtime_ns)
    return _loaded(
        path, state, settings.device, settings.precision, settings.tile, settings.ensemble
    )


@lru_cache(maxsize=1)
def _loaded(
    weights: Path,
    state: tuple[int, int],
    device: str,
    precision: Precision,
    tile: Tile,
    ensemble: bool,
) -> ModelFileRestorer:
    """Load the network, cached; `state` distinguishes versions of the file."""
    return ModelFileRestorer(weights, device, precision=precision, tile=tile, ensemble=ensemble)


def _type_of(precision: Precision, model: Any, device: torch.device) -> torch.dtype:
    """Return the data type that the network computes in."""
    if precision == "auto":
        dtype = fastest_type(device)
        return dtype if dtype == torch.float32 or model.supports_bfloat16 else torch.float32
    name = model.architecture.name
    claimed = {
        "fp32": True,
        "bf16": model.supports_bfloat16,
        "fp16": model.supports_half and device.type != "cpu",
    }
    if not claimed.get(precision):
        raise ConfigError(
            f"the precision {precision} cannot be used for a network of architecture {name} on the "
            f"device {str(device)!r}; expected {_device_list(claimed)}; use auto"
        )
    return _DTYPES[precision]


def _device_list(claimed: dict[str, bool]) -> str:
    return " or ".join(name for name, can in claimed.items() if can)


def _display_name(path: Path) -> str:
    """Return the file's name if an answer may repeat it: never an address or a repository."""
    return "a file (its name holds an address)" if references_in(path.name) else visible(path.name)


def _at_least(pixels: Pixels, least: int, multiple: int) -> Pixels:
    """Pad `(H, W, 3)` to sides ≥ `least` that are multiples of `multiple`; see `padded`."""
    down, right = (max(0, least - side) for side in pixels.shape[:2])
    if down or right:
        pixels = cast(Pixels, np.pad(pixels, ((0, down), (0, right), (0, 0)), mode="edge"))
    return padded(pixels, multiple)


def _halved(core: int, multiple: int) -> int:
    return max(LEAST_CORE // multiple * multiple, multiple, core // 2 // multiple * multiple)


def _times(part: tuple[slice, slice], scale: int) -> tuple[slice, slice]:
    rows, columns = (slice(s.start * scale, s.stop * scale) for s in part)
    return rows, columns


def _is_grey(pixels: Pixels) -> bool:
    return bool((pixels == pixels[..., :1]).all())


def _coloured(bright: Pixels, source: Pixels) -> Pixels:
    """Combine the brightness from a grey network with the colours of its input.

    All three channels change by the same value, so their differences are those of bicubic
    interpolation.

    Args:
        bright: `(H · scale, W · scale, 3)`, its channels equal.
        source: `(H, W, 3)`.
    """
    white = white_level(source)
    colours = resized(source, bright.shape[1], bright.shape[0]).astype(np.float32)
    change = bright[..., :1] - luma(colours, 255)[..., None]
    whole = np.clip(np.floor(colours + change + 0.5), 0, white)
    return cast(Pixels, whole.astype(source.dtype))
