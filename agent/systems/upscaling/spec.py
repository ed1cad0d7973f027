"""The tools `real_esrgan`, `real_cugan` and `waifu2x`: each runs one upscaler of its family."""

from __future__ import annotations

from dataclasses import replace

from agent.systems.restoration.spec import restoring_tool
from agent.systems.spec import ToolSpec
from agent.systems.upscaling.catalogue import UPSCALERS

#: The upscaler that each tool runs: the default of the family's published program.
DEFAULTS = {
    "real_esrgan": "realesr-animevideov3",
    "real_cugan": "realcugan-conservative",
    "waifu2x": "waifu2x-cunet-noise0",
}
_LIMITS = {
    "real_esrgan": "Of Real-ESRGAN's models the one that ran is animevideov3, which is made for "
    "animation; x4plus, which is made for photographs, may give another result.",
    "real_cugan": "Of Real-CUGAN's models the one that ran is the conservative one; those that "
    "remove noise may give another result.",
    "waifu2x": "Of waifu2x's models the one that ran is cunet at noise level 0, which is made for "
    "drawn art; the one for photographs and other levels of noise may give another result.",
}


def _upscaling_tool(key: str) -> ToolSpec:
    upscaler = UPSCALERS[DEFAULTS[key]]
    tool = restoring_tool(
        key=key,
        network=upscaler.name,
        restorer=f"agent.systems.upscaling.tool:open_{key}",
        packages=("ncnn", "numpy", "pillow", upscaler.package),
        limits=(_LIMITS[key],),
    )
    return replace(
        tool,
        entry="agent.systems.upscaling.tool:upscale",
        purpose=f"Enlarge a picture by the factor with {upscaler.name}, and measure edges, "
        "overshoot and change against the bicubic filter.",
        enlarges=True,
    )


UPSCALING = tuple(map(_upscaling_tool, DEFAULTS))
