"""What is measured on a picture's features before and after sharpening."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from agent.imaging.resampling import on_white
from agent.measures.boundaries import (
    boundary_correlation,
    boundary_distance,
    chance_distance,
    strength,
)
from agent.tools import Job
from agent.tools.evidence import rounded
from agent.tools.sharpener import VIEWS, Maps, Sharpener
from agent.types import Evidence

_ORDER = ("before", "after")


def measured(
    job: Job,
    sharpener: Sharpener,
    picture: NDArray[np.uint8],
    maps: Maps,
    on: Callable[[str], None] = lambda _: None,
) -> Iterator[Evidence]:
    """Evidence on `picture`, the job's on white, and the maps of it.

    Distances and correlations are taken twice, on the picture and on its mirror image, which
    should give the same; the mean is stated, and how far the two are apart. What cannot be
    measured, such as a distance to boundaries where there are none, is left out.

    Args:
        on: told what comes next; may raise to end it.
    """
    factor, name = sharpener.factor, sharpener.encoder.name

    def evidence(
        key: str, quantity: str, value: float, unit: str, method: str, version: str = "input"
    ) -> Evidence:
        return Evidence(
            id=f"{job.stem}.features-{key}",
            quantity=quantity,
            value=rounded(value),
            unit=unit,
            measured_on=f"{job.picture.name}, {version}",
            method=method,
        )

    for when, features in zip(_ORDER, (maps.coarse, maps.after), strict=True):
        rows, columns = features.shape[1:]
        yield evidence(
            f"cells-{when}", f"cells of the feature map {when} sharpening", rows * columns,
            "cells", f"{columns} × {rows}, {name}, layer {sharpener.encode.layer}",
        )  # fmt: skip
    yield evidence("factor", "how much finer the feature map is made", factor, "×", "FeatSharp")
    on("measuring boundaries, also of the mirror image")
    both = [_boundaries(each, picture) for each in (maps, sharpener.maps(picture[:, ::-1]))]
    if all(found is not None for found in both):
        distances, correlations, chance = (
            np.array([found[i] for found in both if found is not None]) for i in range(3)
        )
        method = "tenth of cells with the greatest gradients, nearest of the picture's tenth"
        for i, when in enumerate(_ORDER):
            yield evidence(
                f"distance-{when}",
                f"distance of boundaries of features {when} sharpening from the picture's",
                distances[:, i].mean(), "px", method,
            )  # fmt: skip
        change = distances[:, 1] - distances[:, 0]
        yield evidence(
            "distance-spread", "how far two measurements of the change of distance are apart",
            abs(change[0] - change[1]), "px", "picture and its mirror image",
        )  # fmt: skip
        yield evidence(
            "distance-chance", "distance of a place anywhere from the picture's boundaries",
            chance.mean(), "px", "mean over all cells",
        )  # fmt: skip
        for i, when in enumerate(_ORDER):
            yield evidence(
                f"correlation-{when}",
                f"correlation of gradients of features {when} sharpening with the picture's",
                correlations[:, i].mean(), "", "Pearson, over all cells",
            )  # fmt: skip
    on("looking at shifted and tilted views")
    errors = sharpener.view_errors(picture)
    for when, error in zip(_ORDER, errors, strict=True):
        yield evidence(
            f"view-error-{when}",
            f"disagreement of features {when} sharpening with those of other views",
            100 * error, "%", f"mean square over {VIEWS} views, share of the features' variance",
        )  # fmt: skip
    given = next((v for label, v in job.versions.items() if label != "restored"), None)
    if given is not None and "restored" in job.versions:
        on("looking at the restored picture")
        first, second = (
            sharpener.maps(on_white(version)).after for version in (given, job.versions["restored"])
        )
        yield evidence(
            "change-restored", "change of the sharpened features by restoration",
            100 * float(np.mean((second - first) ** 2)), "%",
            "mean square, share of the features' variance", "before and after restoration",
        )  # fmt: skip


def _boundaries(
    maps: Maps, picture: NDArray[np.uint8]
) -> tuple[tuple[float, float], tuple[float, float], float] | None:
    """Distances in px and correlations, before and after, and distance by chance."""
    strengths = [strength(features) for features in (maps.before, maps.after)]
    distances = [boundary_distance(one, maps.edges) for one in strengths]
    correlations = [boundary_correlation(one, maps.edges) for one in strengths]
    chance = chance_distance(maps.edges)
    values = [*distances, *correlations, chance]
    if any(value is None for value in values):
        return None
    cell = (picture.shape[0] * picture.shape[1] / maps.edges.size) ** 0.5
    a, b, c, d, e = (float(value) for value in values if value is not None)
    return (a * cell, b * cell), (c, d), e * cell
