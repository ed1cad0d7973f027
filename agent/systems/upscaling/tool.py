"""The tools of upscalers: the tool `restore` with a network that enlarges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from agent.settings import Settings
from agent.systems.evidence import Measurement, evidence_of
from agent.systems.restoration.tool import restore
from agent.systems.spec import Job, Progress, Restorer, ToolOutput
from agent.systems.upscaling.catalogue import open_upscaler
from agent.systems.upscaling.spec import DEFAULTS


def upscale(
    open_restorer: Callable[[Settings], Restorer],
    job: Job,
    settings: Settings,
    progress: Progress,
) -> ToolOutput:
    """Enlarge by `job.factor` with an upscaler and with bicubic; raises as `restore` does."""
    restorers: list[Restorer] = []

    def open_and_keep(settings: Settings) -> Restorer:
        restorers.append(open_restorer(settings))
        return restorers[0]

    output = restore(open_and_keep, job, settings, progress)
    scale = Measurement(
        key="network-scale",
        quantity=f"enlargement by {restorers[0].name}",
        value=restorers[0].scale,
        unit="×",
        method="; ".join(("product of the scales of the networks that ran", *restorers[0].notes)),
        on="restored",
    )
    return replace(output, evidence=(*evidence_of(job, [scale]), *output.evidence))


open_real_esrgan = partial(open_upscaler, DEFAULTS["real_esrgan"])
open_real_cugan = partial(open_upscaler, DEFAULTS["real_cugan"])
open_waifu2x = partial(open_upscaler, DEFAULTS["waifu2x"])
