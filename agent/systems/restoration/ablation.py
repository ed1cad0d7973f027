"""The tool `ablate`: ablation of MIMO-UNet+, one mechanism at a time, on a part of the picture.

Ablating a mechanism tests what an explanation says about it; it is the only measurement here that
bears on a cause, if only for one network and one picture.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.imaging.sheet import side_by_side
from agent.measures.legibility import LEAST_TEXT, agreement
from agent.measures.sharpness import most_detailed
from agent.measures.structure import BLOCK, low_frequency_agreement
from agent.settings import Settings
from agent.systems.evidence import Measurement, evidence_of
from agent.systems.figures import figure
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.edge_widths import width_ratio
from agent.systems.restoration.effect_sizes import MOST_DB
from agent.systems.spec import Job, NotApplicable, Progress, ToolOutput
from agent.systems.text.ocr import LineReader, why_unavailable
from agent.systems.text.tool import find_and_read
from agent.types import Provenance

#: Maximum side of that part, in pixels, to bound time and memory.
SIDE = 320
#: Minimum side: smaller parts show the network too little.
LEAST_SIDE = 64
#: Names of the mechanisms for readers.
NAMES = {
    "attention": "shallow modules and feature attention",
    "fusion": "coarser branches of the feature fusion",
    "residual": "residual head",
}

Pixels = NDArray[np.uint8]


def ablate(job: Job, settings: Settings, progress: Progress) -> ToolOutput:
    """Restore the most detailed part of the picture with and without each mechanism.

    Raises:
        NotApplicable: if no restorer ran on the picture, or it is too small.
        CheckpointError, ArithmeticError, MemoryError: as `restore`.
    """
    before = job.versions.get("enlarged") or job.versions.get("input")
    if before is None:
        raise NotApplicable("the picture was not restored, so there is nothing to compare with")
    if min(before.width, before.height) < LEAST_SIDE:
        raise NotApplicable(f"the picture is smaller than {LEAST_SIDE} pixels a side")

    from agent.systems.restoration.mechanisms import MECHANISMS, ablation
    from agent.systems.restoration.restorer import MimoUnetRestorer

    began = time.monotonic()
    # A separate instance, since nobody else may get a network with a mechanism ablated.
    restorer = MimoUnetRestorer(settings.weights, settings.device, precision=settings.precision)
    part = _part(before)
    rounds = 1 + len(MECHANISMS)
    progress(f"ablation, 1 of {rounds}")
    whole = restorer(part).astype(np.uint8)
    one = time.monotonic() - began
    without: dict[str, Pixels] = {}
    for number, mechanism in enumerate(MECHANISMS, 2):
        remaining = one * (rounds - number + 1)
        progress(f"ablation, {number} of {rounds}, about {remaining:.0f} s left")
        with ablation(restorer.net, mechanism):
            without[mechanism] = restorer(part).astype(np.uint8)
    progress("measuring")
    sheet = side_by_side([("whole", whole), *((f"no {m}", without[m]) for m in MECHANISMS)])
    caption = f"the most detailed part of {job.picture.name}, restored by {restorer.name} whole"
    caption += " and with "
    caption += "; ".join(f"“no {m}”: its {NAMES[m]} ablated" for m in MECHANISMS)
    return ToolOutput(
        evidence_of(job, _measurements(part, whole, without), "ablated-"),
        [figure(job, "ablated", caption, sheet)],
        Provenance(
            weights_sha256=restorer.sha256,
            device=str(restorer.device),
            dtype=" and ".join(restorer.arithmetic),
            licences=(f"interventions on {restorer.name}: Apache-2.0, our own code",),
        ),
    )


def _part(picture: Picture) -> Pixels:
    """Return the most detailed part, sides multiples of 4 and at most `SIDE`."""
    pixels = on_white(picture)
    height, width = (min(SIDE, side) // 4 * 4 for side in pixels.shape[:2])
    top, left = most_detailed(pixels, height, width)
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


def _measurements(
    part: Pixels, whole: Pixels, without: Mapping[str, Pixels]
) -> Iterator[Measurement]:
    height, width = part.shape[:2]
    on = f"its most detailed part of {width} × {height} px"
    restored = Picture("whole", whole)
    edges = Comparison(Picture("part", part), restored).edges
    text = _readings(whole, without)
    for mechanism, pixels in without.items():
        suffix = f"with the {NAMES[mechanism]} ablated"
        pair = Comparison(restored, Picture(mechanism, pixels), edges)
        if ratio := width_ratio(pair):
            yield Measurement(
                f"{mechanism}-width-ratio", f"edge width {suffix}, relative to the whole network",
                ratio[0], "×", "ratio of the medians of 10–90 % width", on, ratio[1],
            )  # fmt: skip
        if min(height, width) >= BLOCK:
            agreement_db = low_frequency_agreement(pair.luma_before, pair.luma_after)
            yield Measurement(
                f"{mechanism}-structure", f"agreement of broad structure {suffix}",
                min(MOST_DB, agreement_db), "dB",
                f"PSNR of luma means over {BLOCK} × {BLOCK} px against the whole network's result",
                on,
            )  # fmt: skip
        if mechanism in text:
            yield Measurement(
                f"{mechanism}-text", f"characters read the same {suffix}",
                100 * text[mechanism], "%",
                "PP-OCR; 1 − Levenshtein distance / length of the longer reading, over all lines",
                on,
            )  # fmt: skip


def _readings(whole: Pixels, without: Mapping[str, Pixels]) -> dict[str, float]:
    """Return by mechanism how far text reads as with the whole network; empty without text."""
    if why_unavailable():
        return {}
    lines = find_and_read(LineReader(), [whole, *without.values()]).read
    texts = [[line.readings[i].text for line in lines] for i in range(1 + len(without))]
    if sum(map(len, texts[0])) < LEAST_TEXT:
        return {}
    return {m: agreement(texts[0], read) for m, read in zip(without, texts[1:], strict=True)}
