"""`agent.restore`: one picture, from Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict, Unpack, cast, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from agent.imaging.encoding import to_pillow
from agent.imaging.picture import Picture, Pixels
from agent.imaging.reading import from_pillow, read
from agent.settings import Precision, Settings, Tile, settings_of
from agent.systems.model_files.opening import open_fastest
from agent.systems.spec import Restorer

Array = NDArray[Any]


class _Options(TypedDict, total=False):
    scale: int
    weights: str | Path | None
    precision: Precision
    tile: Tile
    ensemble: bool
    device: str
    progress: Callable[[int, int], None]


@overload
def restore(source: str | Path | Image.Image, **options: Unpack[_Options]) -> Image.Image: ...


@overload
def restore(source: Array, **options: Unpack[_Options]) -> Array: ...


def restore(
    source: str | Path | Image.Image | Array,
    *,
    scale: int = 1,
    weights: str | Path | None = None,
    precision: Precision = "auto",
    tile: Tile = "auto",
    ensemble: bool = False,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Image.Image | Array:
    """Enlarge and restore one picture, with MIMO-UNet+ unless `weights` are of another network.

    Eight parameters, since all but the first are keyword options.

    Args:
        source: a path, a Pillow image, or an array of gamma-coded values, grey `(H, W)` or
            `(H, W, 1)`, RGB `(H, W, 3)` or RGBA `(H, W, 4)` with straight alpha: uint8 in
            [0, 255], uint16 in [0, 65535], or floating point in [0, 1], which is processed in
            steps of 1/65535.
        scale: factor by which both sides are enlarged first, in [1, 8].
        weights: a checkpoint of MIMO-UNet or MIMO-UNet+, or, with `groundglass[models]`, of any
            network that spandrel knows; by default the one that ships.
        precision, tile, ensemble, device: as in `agent.Settings`.
        progress: called with the number of tiles done and their total.

    Returns:
        For an array, an array of the same type and number of channels, `(H · scale, W · scale, …)`.
        Otherwise an upright image of mode L, LA, RGB or RGBA, 8 bits per channel, with colour
        profile and EXIF data in `info`. Grey stays grey; alpha is enlarged but not restored.

    Raises:
        InputError: if the file or the image cannot be read.
        ConfigError: if a setting, the weights or the device cannot be used.
        TypeError: for a source or an array of another type.
        ValueError: for an array of another shape, values outside [0, 1], or a scale out of range.
        ArithmeticError: if the network's output is not finite.
        MemoryError: if even the smallest tile does not fit into memory.

    >>> from agent import restore
    >>> restore("map.png", scale=3).save("map-3x.png")
    """
    if not 1 <= scale <= 8:
        raise ValueError(f"scale must be in [1, 8], got {scale}")
    picture = _picture(source)
    options = {"precision": precision, "tile": tile, "ensemble": ensemble, "device": device}
    settings = settings_of(options | ({} if weights is None else {"weights": weights}))
    changed = settings.weights.stat().st_mtime_ns if settings.weights.is_file() else 0
    restorer = _restorer(replace(settings, cache=Path(), data=Path()), changed)
    _, after = restorer.enlarge_and_restore(picture, scale, progress)
    return _like(source, after) if isinstance(source, np.ndarray) else to_pillow(after)


@lru_cache(maxsize=1)
def _restorer(settings: Settings, changed: int) -> Restorer:
    """Return the last network used, or a new one if settings or its file changed."""
    return open_fastest(settings)


def _picture(source: object) -> Picture:
    if isinstance(source, (str, Path)):
        return read(Path(source))
    if isinstance(source, Image.Image):
        return from_pillow(source, "the image")
    if isinstance(source, np.ndarray):
        return _from_array(source)
    raise TypeError(
        f"expected a path, an image of Pillow or an array of NumPy, got {type(source).__name__}"
    )


def _from_array(array: Array) -> Picture:
    planes = array[..., None] if array.ndim == 2 else array
    if planes.ndim != 3 or planes.shape[2] not in (1, 3, 4) or 0 in planes.shape:
        raise ValueError(
            "expected an array of shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), got "
            f"{array.shape}"
        )
    if np.issubdtype(planes.dtype, np.floating):
        if not ((planes >= 0) & (planes <= 1)).all():  # false for NaN too
            raise ValueError("expected floating-point values in [0, 1], got others; divide by 255?")
        planes = np.floor(planes.astype(np.float64) * 65_535 + 0.5).astype(np.uint16)
    if planes.dtype not in (np.uint8, np.uint16):
        raise TypeError(f"expected uint8, uint16 or floating point, got {array.dtype}")
    whole = cast(Pixels, planes)
    alpha = whole[..., 3] if whole.shape[2] == 4 else None
    grey = whole.shape[2] == 1
    pixels = whole.repeat(3, axis=2) if grey else whole[..., :3]
    return Picture("array", pixels, alpha, grey=grey)


def _like(source: Array, after: Picture) -> Array:
    """Convert the result to the channels and the type of `source`."""
    colours = after.pixels[..., :1] if after.grey else after.pixels
    result: Array = colours if after.alpha is None else np.dstack([colours, after.alpha])
    if np.issubdtype(source.dtype, np.floating):
        result = (result / 65_535).astype(source.dtype)
    return result[..., 0] if source.ndim == 2 else result
