"""Measurements on a picture's features before and after sharpening."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.measures.boundaries import (
    boundary_correlation,
    boundary_distances,
    chance_distance,
    strength,
)
from agent.measures.regions import regions, spread
from agent.systems.evidence import Measurement, evidence_of
from agent.systems.features.sharpener import VIEWS, Maps, Sharpener
from agent.systems.spec import Job
from agent.types import Evidence

Values = NDArray[np.float64]
_ORDER = ("before", "after")
#: Features are measured on the picture as attached.
_INPUT = "input"


def measure(
    job: Job,
    sharpener: Sharpener,
    picture: NDArray[np.uint8],
    maps: Maps,
    on: Callable[[str], None] = lambda _: None,
) -> Iterator[Evidence]:
    """Yield evidence on `picture`, which is the job's on white, and its feature maps.

    What cannot be measured, such as a distance to boundaries without any, is left out.

    Args:
        on: called with the next step; may raise to stop.
    """

    def measurements() -> Iterator[Measurement]:
        yield from _cells(sharpener, maps)
        on("measuring boundaries")
        yield from _boundaries(picture, maps)
        on("encoding shifted and tilted views")
        yield from _views(sharpener, picture)
        original = next((v for label, v in job.versions.items() if label != "restored"), None)
        if original is not None and "restored" in job.versions:
            on("encoding the restored picture")
            yield _restoration(sharpener, original, job.versions["restored"])

    return evidence_of(job, measurements(), "features-")


def _cells(sharpener: Sharpener, maps: Maps) -> Iterator[Measurement]:
    name, layer = sharpener.encoder.name, sharpener.encode.layer
    for when, features in zip(_ORDER, (maps.coarse, maps.after), strict=True):
        rows, columns = features.shape[1:]
        yield Measurement(
            f"cells-{when}", f"cells of the feature map {when} sharpening", rows * columns,
            "cells", f"{columns} × {rows}, {name}, layer {layer}", _INPUT,
        )  # fmt: skip
    yield Measurement(
        "factor", "how much finer the feature map is made", sharpener.factor, "×", "FeatSharp",
        _INPUT,
    )  # fmt: skip


def _boundaries(picture: NDArray[np.uint8], maps: Maps) -> Iterator[Measurement]:
    """Yield how near boundaries of features and picture lie, and how well they correlate."""
    strengths = [strength(features) for features in (maps.before, maps.after)]
    distances = [boundary_distances(one, maps.edges) for one in strengths]
    chance = chance_distance(maps.edges)
    if chance is not None and all(np.isfinite(one).any() for one in distances):
        cell = (picture.shape[0] * picture.shape[1] / maps.edges.size) ** 0.5
        parts = list(_by_region(*distances))
        for when, mean in zip(_ORDER, _means(parts), strict=True):
            yield Measurement(
                f"distance-{when}",
                f"distance of boundaries of features {when} sharpening from the picture's",
                cell * mean, "px", "tenth of cells with the greatest gradients, to the nearest",
                _INPUT,
            )  # fmt: skip
        yield Measurement(
            "distance-chance", "distance of a place anywhere from the picture's boundaries",
            cell * chance, "px", "mean over all cells", _INPUT,
        )  # fmt: skip
        yield Measurement(
            "distance-ratio",
            "distance of boundaries of features from the picture's, relative to before",
            _ratio(parts), "×", "ratio of the means", _INPUT, spread(parts, _ratio),
        )  # fmt: skip
    for when, one in zip(_ORDER, strengths, strict=True):
        if (correlation := boundary_correlation(one, maps.edges)) is not None:
            yield Measurement(
                f"correlation-{when}",
                f"correlation of gradients of features {when} sharpening with the picture's",
                correlation, "", "Pearson, over all cells", _INPUT,
            )  # fmt: skip


def _views(sharpener: Sharpener, picture: NDArray[np.uint8]) -> Iterator[Measurement]:
    """Yield how far features agree with the encoder's features of other views of the picture."""
    views = [
        np.array([old, 1, new, 1]) for old, new in zip(*sharpener.view_errors(picture), strict=True)
    ]
    for when, mean in zip(_ORDER, _means(views), strict=True):
        yield Measurement(
            f"view-error-{when}",
            f"disagreement of features {when} sharpening with those of other views",
            100 * mean, "%", f"mean square over {VIEWS} views, share of the features' variance",
            _INPUT,
        )  # fmt: skip
    yield Measurement(
        "view-error-ratio", "disagreement of features with other views, relative to before",
        _ratio(views), "×", "ratio of the means, interval over views", _INPUT,
        spread(views, _ratio),
    )  # fmt: skip


def _restoration(sharpener: Sharpener, original: Picture, restored: Picture) -> Measurement:
    first, second = (sharpener.maps(on_white(version)).after for version in (original, restored))
    return Measurement(
        "change-restored", "change of the sharpened features after restoration",
        100 * float(np.mean((second - first) ** 2)), "%",
        "mean square, share of the features' variance", "before and after restoration",
    )  # fmt: skip


def _by_region(before: Values, after: Values) -> Iterator[Values]:
    """Yield sum and count of the distances before and after, `(4,)`, of each region with any."""
    for region in regions(*before.shape):
        part = [f(one[region]) for one in (before, after) for f in (np.nansum, _count_finite)]
        if part[1] or part[3]:
            yield np.array(part, np.float64)


def _count_finite(distances: Values) -> int:
    return int(np.isfinite(distances).sum())


def _means(parts: Sequence[Values]) -> tuple[float, float]:
    """Return the means before and after; NaN if nothing was counted."""
    old, count_before, new, count_after = np.sum(parts, axis=0)
    if not (count_before and count_after):
        return math.nan, math.nan
    return float(old / count_before), float(new / count_after)


def _ratio(parts: Sequence[Values]) -> float:
    before, after = _means(parts)
    return after / before if before > 0 else math.nan
