"""Evaluation of sharpened features against plain interpolation, on pictures held out of training.

There are two questions: do the fine features agree with the encoder's features of other views of
the picture, and do their boundaries lie at those of the picture? Both are put to the same maps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from agent.errors import CheckpointError, InputError
from agent.lab.evaluation.figures import Figure, mean
from agent.lab.training.data import find_pictures
from agent.measures.boundaries import boundary_correlation, boundary_distance, strength
from agent.measures.fidelity import luma
from agent.systems.features.featsharp import FeatSharp, load_sharpener
from agent.systems.features.feature_maps import FeatureStage, resized
from agent.systems.features.views import Scene, random_homography, scene, view_errors

SHARPENED = "sharpened"
VIEWS = 5
LEAST_SIDE = 64


@dataclass(frozen=True)
class Row:
    """Means over one group of pictures for one method and factor of enlarging features.

    `gain` is the error minus that of the sharpened features, per picture: above 0 if sharpening is
    better. Distances are None if no picture has boundaries.
    """

    factor: int
    group: str
    method: str
    pictures: int
    error: Figure
    """Multi-view consistency error, as a share of the variance of the encoder's features, in %."""
    gain: Figure
    distance: Figure | None
    """Distance of boundaries of the features to the picture's, in px of the encoder's input."""
    correlation: Figure | None
    """Correlation of the strengths of boundaries in both, in [−1, 1]."""


@dataclass(frozen=True)
class Evaluation:
    """All figures, and everything needed to reproduce them."""

    rows: tuple[Row, ...]
    encoder: str
    encoder_sha256: str
    layer: str
    weights_sha256: dict[str, str]
    pictures_sha256: str
    views: int
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def evaluate(
    data: Path,
    weights: Sequence[Path],
    encode: FeatureStage,
    *,
    limit: int | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Evaluate all sharpeners in `weights` on the middle square of every picture below `data`.

    Args:
        data: pictures; their group is the folder right below `data`.
        limit: maximum number of pictures per group, in order of name; None for all.

    Raises:
        InputError: if there are no pictures, one is smaller than 64 pixels, or `limit` is 0.
        CheckpointError: if weights cannot be used, or are for features of another width.
    """
    if limit is not None and limit < 1:
        raise InputError(f"--limit is {limit}; expected at least 1")
    groups = _groups(data, limit)
    rows: list[Row] = []
    for path in weights:
        net = load_sharpener(path)
        if net.bias.shape[1] != encode.channels:
            raise CheckpointError(
                f"{path}: is for features of {net.bias.shape[1]} channels; {encode.layer} of "
                f"{encode.encoder.name} has {encode.channels}, choose the layer it was trained on"
            )
        for group, pictures in groups.items():
            progress(f"{net.factor}x: {group}")
            scores = [
                _scores(net, _scene(picture, encode, net.factor, seed, number))
                for number, picture in enumerate(pictures)
            ]
            rows += _rows(net.factor, group, scores, encode.stride / net.factor, seed)
    digest = hashlib.sha256()
    for pictures in groups.values():
        for picture in pictures:
            digest.update(repr(picture.shape).encode() + picture.tobytes())
    return Evaluation(
        rows=tuple(rows),
        encoder=encode.encoder.name,
        encoder_sha256=encode.encoder.weights_sha256,
        layer=encode.layer,
        weights_sha256={p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in weights},
        pictures_sha256=digest.hexdigest(),
        views=VIEWS,
        seed=seed,
    )


def _groups(data: Path, limit: int | None) -> dict[str, list[np.ndarray]]:
    paths: dict[str, list[Path]] = {}
    for path in find_pictures(data):
        inside = path.relative_to(data).parts
        paths.setdefault(inside[0] if len(inside) > 1 else "all", []).append(path)
    return {
        group: [_middle(path) for path in members[:limit]]
        for group, members in sorted(paths.items())
    }


def _middle(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    side = min(height, width)
    if side < LEAST_SIDE:
        raise InputError(
            f"{path}: is {width} × {height} pixels; expected at least {LEAST_SIDE} a side, remove "
            "it from the folder"
        )
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side].copy()


def _scene(picture: np.ndarray, encode: FeatureStage, factor: int, seed: int, number: int) -> Scene:
    crop = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
    rng = np.random.default_rng([seed, number])
    views = torch.stack([random_homography(rng) for _ in range(VIEWS)])
    side = factor * encode.encoder.size
    return scene(encode, resized(crop, side, side), factor, views)


def enlargements(net: FeatSharp, scene: Scene) -> Mapping[str, tuple[Tensor, bool]]:
    """Return fine normalised maps `(1, C, uh, uw)` by method, and whether each is de-biased.

    `tiles` are the assembled features of the tiles: the method's other input.
    """
    whole, size = scene.whole, scene.whole.tiles.shape[-2:]
    normalise = net.normaliser.normalise
    coarse, sharp = normalise(whole.coarse), net.sharpened(whole)
    return {
        "bilinear": (interpolate(coarse, size, mode="bilinear", align_corners=False), False),
        "bicubic": (interpolate(coarse, size, mode="bicubic", align_corners=False), False),
        "tiles": (normalise(whole.tiles), False),
        "bilateral stage": (sharp.bilateral, True),
        SHARPENED: (sharp.fused, True),
    }


Score = Mapping[str, float | None]


def _scores(net: FeatSharp, scene: Scene) -> Mapping[str, Score]:
    """Return `error`, `distance` and `correlation` of each method, distances in cells."""
    target = net.normaliser.normalise(scene.views)
    guide = scene.whole.guide[0].permute(1, 2, 0).numpy()
    edges = strength(luma(guide, 1)[None])
    scores = {}
    for method, (fine, debiased) in enlargements(net, scene).items():
        reference = net.debiased(target) if debiased else target
        error = float(view_errors(fine, reference, scene.homographies).mean())
        strengths = strength(fine[0].numpy())
        scores[method] = {
            "error": 100 * error,
            "distance": boundary_distance(strengths, edges),
            "correlation": boundary_correlation(strengths, edges),
        }
    return scores


def _rows(
    factor: int, group: str, scores: Sequence[Mapping[str, Score]], cell: float, seed: int
) -> Iterator[Row]:
    def values(method: str, name: str) -> list[float]:
        return [value for one in scores if (value := one[method][name]) is not None]

    ours = values(SHARPENED, "error")
    for method in scores[0]:
        errors = values(method, "error")
        distances = [cell * value for value in values(method, "distance")]
        correlations = values(method, "correlation")
        yield Row(
            factor=factor,
            group=group,
            method=method,
            pictures=len(scores),
            error=mean(errors, seed),
            gain=mean([a - b for a, b in zip(errors, ours, strict=True)], seed),
            distance=mean(distances, seed) if distances else None,
            correlation=mean(correlations, seed) if correlations else None,
        )


def table(evaluation: Evaluation) -> str:
    """Format the figures as lines of text: means with their 95 % intervals."""
    heads = "factor|group|method|n|error, %|less that of ours|distance, px|correlation"
    cells = [heads.split("|"), *(_cells(row) for row in evaluation.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if 0 < i < 3 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    weights = ", ".join(f"{n} {sha[:12]}" for n, sha in evaluation.weights_sha256.items())
    return "\n".join(
        [
            *lines,
            "",
            f"Error: mean squared difference from the encoder's features of {evaluation.views} "
            "views, fine maps reduced by averaging, share of the features' variance.",
            "Distance: from the tenth of cells where features change most to the nearest of the "
            "tenth where the picture does, in px of the encoder's input.",
            f"{evaluation.encoder}, layer {evaluation.layer}; weights {weights}; pictures "
            f"{evaluation.pictures_sha256[:12]}; seed {evaluation.seed}.",
        ]
    )


def _cells(row: Row) -> list[str]:
    def cell(figure: Figure | None, digits: int, sign: str = "") -> str:
        if figure is None:
            return "–"
        value, low, high = (
            f"{v:{sign}.{digits}f}" for v in (figure.value, figure.low, figure.high)
        )
        return f"{value} [{low}, {high}]"

    gain = "" if row.method == SHARPENED else cell(row.gain, 2, "+")
    return [
        f"{row.factor}x", row.group, row.method, str(row.pictures), cell(row.error, 2), gain,
        cell(row.distance, 1), cell(row.correlation, 3),
    ]  # fmt: skip
