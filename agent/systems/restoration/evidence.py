"""What is measured on a picture before and after restoration: the numbers an answer may state."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from agent.imaging.picture import Picture, Pixels, white_level
from agent.imaging.resampling import enlarged, reduced
from agent.measures.fidelity import SSIM_WINDOW, luma, mean_change, psnr, ssim
from agent.measures.sharpness import (
    Values,
    change_near_edges,
    edge_shapes,
    find_edges,
    gradient_energy,
    laplacian_energy,
)
from agent.systems.restoration.decisive import MIN_EDGES, decisive
from agent.systems.spec import Job
from agent.types import Evidence


def measured(job: Job, before: Picture, after: Picture) -> Iterator[Evidence]:
    """Evidence on `job.picture`, enlarged to `before` and restored to `after`.

    A quantity that cannot be measured on this picture, such as an edge width without edges, is
    left out. All are taken on luma of what is stored, so they can be measured again on the files.
    """
    name = job.picture.name
    version = "enlarged" if job.factor > 1 else "input"

    def evidence(
        key: str, quantity: str, value: float, unit: str, measured_on: str, method: str,
        interval: tuple[float, float] | None = None,
    ) -> Iterator[Evidence]:  # fmt: skip
        if math.isfinite(value):
            yield Evidence(
                id=f"{job.stem}.{key}",
                quantity=quantity,
                value=rounded(value),
                unit=unit,
                measured_on=f"{name}, {measured_on}",
                method=method,
                interval=interval and (rounded(interval[0]), rounded(interval[1])),
            )

    count = "counted from the file"
    for key, quantity, picture, on in (
        ("input", "of the picture", job.picture, "input"),
        ("output", "of the result", after, "restored"),
    ):
        yield from evidence(f"{key}-width", f"width {quantity}", picture.width, "px", on, count)
        yield from evidence(f"{key}-height", f"height {quantity}", picture.height, "px", on, count)
    yield from evidence(
        "factor", "factor of enlargement", job.factor, "×", version, "bicubic interpolation"
    )

    x, y = _luma(before.pixels), _luma(after.pixels)
    edges = find_edges(x)
    old, new = edge_shapes(x, edges), edge_shapes(y, edges)
    both = f"{version} and restored"
    for key, quantity, unit, first, second, method in (
        (
            "edge-width", "median width of strong edges", "px", old.width, new.width,
            "10–90 % rise distance across straight edges along rows and columns",
        ),
        (
            "overshoot", "median overshoot at strong edges", "%", old.overshoot, new.overshoot,
            "luma beyond the level on both sides of an edge, share of its step",
        ),
    ):  # fmt: skip
        pair = _medians(first, second)
        if pair is None:
            continue
        number, start, end = pair
        yield from evidence(f"{key}-{version}", quantity, start, unit, version, method)
        yield from evidence(f"{key}-restored", quantity, end, unit, "restored", method)
        if key == "edge-width":
            note = "found before restoration, measurable in both"
            yield from evidence("edges", "strong edges measured", number, "edges", both, note)

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
        if (first_energy := energy(x)) > 0:
            ratio = energy(y) / first_energy
            yield from evidence(key, quantity, ratio, "×", both, method)
    for item in decisive(x, y, edges, old, new):
        yield from evidence(
            item.key, item.quantity, item.value, item.unit, both, item.method, item.interval
        )
    yield from evidence(
        "mean-change",
        "mean change of a pixel by restoration",
        mean_change(x, y),
        "grey levels of 255",
        both,
        "mean absolute difference of luma",
    )
    shares = change_near_edges(x, y)
    if shares is not None:
        where = "strong edges: Sobel gradient of at least 10 grey levels a pixel"
        for key, quantity, share in (
            ("change-near-edges", "share of the squared change within 3 px of strong edges", 0),
            ("area-near-edges", "share of the picture within 3 px of strong edges", 1),
        ):
            yield from evidence(key, quantity, 100 * shares[share], "%", both, where)
    small, original = y, x
    if job.factor > 1:
        small, original = _luma(reduced(after.pixels, job.factor)), _luma(_seen(job.picture))
        yield from evidence(
            "consistency",
            "agreement of the result, reduced to its former size, with the picture",
            psnr(small, original),
            "dB",
            "input and restored",
            "PSNR of luma after bicubic reduction",
        )
    if min(small.shape) >= SSIM_WINDOW:
        yield from evidence(
            "ssim",
            "structural similarity of the result, at the size of the picture, with it",
            ssim(small, original),
            "",
            "input and restored",
            "SSIM of luma, Gaussian window of 11 × 11 px",
        )


def _seen(picture: Picture) -> Pixels:
    return enlarged(picture, 1).pixels  # with what hides under transparency replaced


def _luma(pixels: Pixels) -> np.ndarray:
    return luma(pixels, white_level(pixels))


def _medians(first: Values, second: Values) -> tuple[int, float, float] | None:
    """How many edges could be measured in both, and their medians; None for too few."""
    usable = np.isfinite(first) & np.isfinite(second)
    number = int(usable.sum())
    if number < MIN_EDGES:
        return None
    return number, float(np.median(first[usable])), float(np.median(second[usable]))


def rounded(value: float) -> float:
    """To three significant digits below 1000, to whole numbers above: as an answer prints it."""
    if value == 0 or abs(value) >= 1000:
        return float(round(value))
    return round(value, 2 - math.floor(math.log10(abs(value))))
