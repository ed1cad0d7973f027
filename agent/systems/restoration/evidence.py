"""Measurements on a picture before and after restoration: the numbers an answer may state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

import numpy as np

from agent.imaging.picture import Picture
from agent.measures.fidelity import SSIM_WINDOW, mean_change, psnr, ssim
from agent.measures.sharpness import gradient_energy, laplacian_energy
from agent.measures.structure import change_within
from agent.systems.evidence import Measurement, evidence_of
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.criteria import DIRECTIONS, suffixed
from agent.systems.restoration.edge_widths import MIN_EDGES, Groups, edge_widths, medians
from agent.systems.restoration.effect_sizes import at_former_size, effect_sizes
from agent.systems.spec import Job
from agent.types import Evidence


def measure(job: Job, pair: Comparison) -> Iterator[Evidence]:
    """Yield evidence on `job.picture`, enlarged to `pair.before` and restored to `pair.after`.

    Quantities that cannot be measured on this picture, such as edge widths without edges, are left
    out. All are measured on the luma of stored values, so they can be reproduced from the files.
    """
    version = "enlarged" if job.factor > 1 else "input"
    both = f"{version} and restored"
    widths = edge_widths(pair)
    return evidence_of(
        job,
        chain(
            _sizes(job, pair.after, version),
            _widths(widths, version),
            _overshoot(pair, version),
            _energies(pair, both),
            (item._replace(on=both) for item in effect_sizes(pair, widths)),
            _change(pair, both),
            _likeness(job, pair),
        ),
    )


def _sizes(job: Job, after: Picture, version: str) -> Iterator[Measurement]:
    count = "counted from the file"
    for key, quantity, picture, on in (
        ("input", "of the picture", job.picture, "input"),
        ("output", "of the result", after, "restored"),
    ):
        yield Measurement(f"{key}-width", f"width {quantity}", picture.width, "px", count, on)
        yield Measurement(f"{key}-height", f"height {quantity}", picture.height, "px", count, on)
    yield Measurement(
        "factor", "enlargement factor", job.factor, "×", "bicubic interpolation", version
    )


def _widths(widths: Mapping[str, Groups], version: str) -> Iterator[Measurement]:
    method = "10–90 % rise distance across straight edges along rows and columns"
    for direction, groups in widths.items():
        old, new = medians(groups)
        where = DIRECTIONS[direction]
        quantity = f"median width of strong edges{where}"
        for when, median in ((version, old), ("restored", new)):
            key = suffixed(f"edge-width-{when}", direction)
            yield Measurement(key, quantity, median, "px", method, when)
        yield Measurement(
            suffixed("edges", direction), f"strong edges measured{where}", sum(map(len, groups)),
            "edges", "found before restoration, measurable in both", f"{version} and restored",
        )  # fmt: skip


def _overshoot(pair: Comparison, version: str) -> Iterator[Measurement]:
    shots = np.stack([pair.shapes_before.overshoot, pair.shapes_after.overshoot], 1)
    shots = shots[np.isfinite(shots).all(1)]
    if len(shots) >= MIN_EDGES:
        quantity = "median overshoot at strong edges"
        method = (
            "luma beyond the level on both sides of an edge, as a fraction of the step across the "
            "edge"
        )
        for when, median in zip((version, "restored"), medians([shots]), strict=True):
            yield Measurement(f"overshoot-{when}", quantity, median, "%", method, when)


def _energies(pair: Comparison, both: str) -> Iterator[Measurement]:
    for key, quantity, method, energy in (
        (
            "gradient-energy-ratio", "gradient energy after restoration, relative to before",
            "mean squared Sobel gradient of luma", gradient_energy,
        ),
        (
            "high-frequency-ratio", "high-frequency energy after restoration, relative to before",
            "mean squared Laplacian of luma", laplacian_energy,
        ),
    ):  # fmt: skip
        if (before := energy(pair.luma_before)) > 0:
            yield Measurement(key, quantity, energy(pair.luma_after) / before, "×", method, both)


def _change(pair: Comparison, both: str) -> Iterator[Measurement]:
    x, y = pair.luma_before, pair.luma_after
    yield Measurement(
        "mean-change", "mean change of a pixel after restoration", round(mean_change(x, y), 2),
        "grey levels (0–255)", "mean absolute difference of luma", both,
    )  # fmt: skip
    if shares := change_within(x, y, pair.near_edges):
        method = "strong edges: Sobel gradient of at least 10 grey levels a pixel"
        for key, whole, share in zip(
            ("change", "area"), ("squared change", "picture"), shares, strict=True
        ):
            quantity = f"share of the {whole} within 3 px of strong edges"
            yield Measurement(f"{key}-near-edges", quantity, 100 * share, "%", method, both)


def _likeness(job: Job, pair: Comparison) -> Iterator[Measurement]:
    """Yield how far the result, reduced to the size of the picture, agrees with it."""
    on = "input and restored"
    small, original = at_former_size(job.picture, pair.after, job.factor)
    if job.factor > 1:
        yield Measurement(
            "consistency", "PSNR between the result, scaled back down, and your picture",
            psnr(small, original), "dB", "PSNR of luma after bicubic reduction", on,
        )  # fmt: skip
    if min(small.shape) >= SSIM_WINDOW:
        result = "the result, scaled back down," if job.factor > 1 else "the result"
        yield Measurement(
            "ssim", f"SSIM between {result} and your picture",
            ssim(small, original), "", "SSIM of luma, Gaussian window of 11 × 11 px", on,
        )  # fmt: skip
