"""Pictures with a distractor, in four conditions: the stimuli of Opiełka et al. 2024, rebuilt.

Another picture of a tenth of the area is pasted at a random edge. It is similar or dissimilar in
meaning (distance of captions), and changes the saliency map or not (distance of maps).
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from agent.errors import InputError
from agent.imaging.picture import Picture
from agent.imaging.reading import read
from agent.imaging.resampling import central_square, on_white, resized
from agent.imaging.writing import write_png
from agent.lab.evaluation.captions import Captions, caption_vectors
from agent.lab.training.data import find_pictures
from agent.measures.similarity import cosine_rdm
from agent.systems.rsa.geometry import saliency

Pixels = NDArray[np.uint8]
Edge = Literal["top", "bottom", "left", "right"]

#: Share of the area that a distractor takes.
AREA = 0.1
#: Names of the conditions, by whether meaning is similar and saliency unchanged.
CONDITIONS = {
    (True, False): "control",
    (True, True): "salient",
    (False, False): "semantic",
    (False, True): "semantic_salient",
}


@dataclass(frozen=True)
class Thresholds:
    """Cosine distances that separate the conditions; by default those of the study.

    Those for meaning were chosen for a different sentence encoder.
    """

    similar: float = 0.32
    """Captions nearer than this are similar."""
    dissimilar: float = 0.92
    not_salient: float = 0.019
    """Saliency maps nearer than this count as unchanged."""
    salient: float = 0.24

    def meaning(self, distance: float) -> bool | None:
        """Return True for similar, False for dissimilar, None for neither."""
        return _side(distance, self.similar, self.dissimilar)

    def attention(self, distance: float) -> bool | None:
        """Return True for salient, False for not salient, None for neither."""
        alike = _side(distance, self.not_salient, self.salient)
        return None if alike is None else not alike


def _side(distance: float, near: float, far: float) -> bool | None:
    if distance < near:
        return True
    return False if distance > far else None


@dataclass(frozen=True)
class Design:
    """Parameters of the stimuli; the same design, pictures and captions give the same files."""

    thresholds: Thresholds = Thresholds()
    side: int = 425
    """Side of the square pictures, in pixels; by default that of the study."""
    tries: int = 40
    """Number of placements to measure per kind of meaning before a base is dropped."""
    seed: int = 0


@dataclass(frozen=True)
class Stimulus:
    """A base picture in one condition, and the place of its distractor, in pixels."""

    base: str
    condition: str
    distractor: str
    edge: Edge
    left: int
    top: int
    width: int
    height: int
    semantic_distance: float
    saliency_distance: float


def pasted(
    base: Pixels, distractor: Pixels, edge: Edge, along: float
) -> tuple[Pixels, tuple[int, int, int, int]] | None:
    """Paste the distractor at a tenth of the base's area, with its aspect ratio, at an edge.

    Args:
        base: `(H, W, 3)`, uint8.
        along: position along the edge, in [0, 1]; 0 for its left or upper end.

    Returns:
        The picture, and left, top, width and height of the distractor; None if it is too elongated
        to fit.
    """
    height, width = base.shape[:2]
    aspect = distractor.shape[1] / distractor.shape[0]
    area = AREA * height * width
    wide, tall = max(1, round(math.sqrt(area * aspect))), max(1, round(math.sqrt(area / aspect)))
    if wide > width or tall > height:
        return None
    left = {"left": 0, "right": width - wide}.get(edge, round(along * (width - wide)))
    top = {"top": 0, "bottom": height - tall}.get(edge, round(along * (height - tall)))
    result = base.copy()
    result[top : top + tall, left : left + wide] = resized(distractor, wide, tall)
    return result, (left, top, wide, tall)


@dataclass(frozen=True)
class Dataset:
    """The stimuli, and how near the search came if it failed."""

    stimuli: tuple[Stimulus, ...]
    bases: int
    """Number of pictures with all four conditions."""
    tried: int
    counts: Mapping[str, int]
    """Number of bases for which each condition was found, whether or not the others were."""
    semantic_quartiles: tuple[float, float, float]
    """Quartiles of the distances of all pairs of captions, as a guide to thresholds."""


def build(
    folder: Path,
    captions: Captions,
    out: Path,
    design: Design = Design(),
    *,
    limit: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Dataset:
    """Write base pictures and their four conditions below `out`, with lists of all.

    For each base, distractors and places are drawn at random until all four conditions are found.
    After `design.tries` placements per kind of meaning the base is dropped, as in the study.

    Args:
        captions: captions by file name; pictures without one are not used.
        limit: maximum number of bases with all four conditions.

    Raises:
        InputError: if fewer than two pictures have captions, or `out` is not empty.
    """
    paths = _captioned(folder, captions)
    if out.exists() and any(out.iterdir()):
        raise InputError(f"{out}: is not empty; name a new folder")
    progress("embedding the captions")
    meaning = cosine_rdm(caption_vectors(captions, [path.name for path in paths]))
    pictures = [on_white(read(path)) for path in paths]
    generator = np.random.default_rng(design.seed)
    stimuli: list[Stimulus] = []
    bases: dict[str, Sequence[str]] = {}
    counts = dict.fromkeys(CONDITIONS.values(), 0)
    tried = 0
    for i, path in enumerate(paths):
        if limit is not None and len(bases) >= limit:
            break
        progress(f"base {i + 1} of {len(paths)}, {len(bases)} complete so far")
        tried += 1
        base = np.asarray(central_square(pictures[i], design.side), np.uint8)
        search = _Search(base, pictures, paths, i, meaning[i], design.thresholds, generator)
        for alike in (True, False):
            search.look(alike, design.tries)
        for condition in search.conditions:
            counts[condition] += 1
        if len(search.conditions) == len(CONDITIONS):
            name = f"{len(bases) + 1:04d}-{path.stem}.png"
            bases[name] = captions[path.name]
            stimuli += _write_conditions(out, name, base, search.conditions)
    dataset = Dataset(tuple(stimuli), len(bases), tried, counts, _quartiles(meaning))
    if bases:
        _write_lists(out, dataset, bases, design)
    return dataset


def _captioned(folder: Path, captions: Captions) -> list[Path]:
    paths = [path for path in find_pictures(folder) if path.name in captions]
    if len(paths) < 2:
        raise InputError(f"{folder}: {len(paths)} pictures have captions; expected at least 2")
    return paths


def _quartiles(distances: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the quartiles of the distances of all pairs, from their matrix."""
    pairs = distances[np.triu_indices(len(distances), 1)]
    low, middle, high = (round(float(q), 4) for q in np.quantile(pairs, (0.25, 0.5, 0.75)))
    return low, middle, high


class _Search:
    """Search for distractors for one base."""

    def __init__(
        self,
        base: Pixels,
        pictures: Sequence[Pixels],
        paths: Sequence[Path],
        index: int,
        meaning: NDArray[np.float64],
        thresholds: Thresholds,
        generator: np.random.Generator,
    ) -> None:
        self.base, self.pictures, self.paths, self.index = base, pictures, paths, index
        self.meaning, self.thresholds, self.generator = meaning, thresholds, generator
        self.map = saliency(base)
        self.conditions: dict[str, tuple[Pixels, Stimulus]] = {}

    def look(self, alike: bool, tries: int) -> None:
        """Find the salient and the not salient condition for one kind of meaning."""
        others = [
            j
            for j, distance in enumerate(self.meaning)
            if j != self.index and self.thresholds.meaning(distance) is alike
        ]
        names = {name for (kind, _), name in CONDITIONS.items() if kind is alike}
        for j in self._draw(others, tries):
            if names <= self.conditions.keys():
                return
            edge = get_args(Edge)[self.generator.integers(4)]
            placed = pasted(self.base, self.pictures[j], edge, float(self.generator.random()))
            if placed is None:
                continue
            pixels, (left, top, width, height) = placed
            moved = float(cosine_rdm(np.stack([self.map.ravel(), saliency(pixels).ravel()]))[0, 1])
            salient = self.thresholds.attention(moved)
            if salient is None or (name := CONDITIONS[alike, salient]) in self.conditions:
                continue
            stimulus = Stimulus(
                self.paths[self.index].name, name, self.paths[j].name, edge, left, top, width,
                height, round(float(self.meaning[j]), 6), round(moved, 6),
            )  # fmt: skip
            self.conditions[name] = pixels, stimulus

    def _draw(self, others: Sequence[int], tries: int) -> Iterator[int]:
        """Yield candidates in random order, each once before any is repeated."""
        left = tries if others else 0
        while left > 0:
            order = self.generator.permutation(others)[:left]
            yield from map(int, order)
            left -= len(order)


def _write_conditions(
    out: Path, name: str, base: Pixels, conditions: Mapping[str, tuple[Pixels, Stimulus]]
) -> list[Stimulus]:
    """Write a base and its conditions, each as `name` in a separate folder."""
    _write(out / "base" / name, base)
    for condition, (pixels, _) in conditions.items():
        _write(out / condition / name, pixels)
    return [replace(conditions[condition][1], base=name) for condition in sorted(conditions)]


def _write(path: Path, pixels: Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_png(Picture(path.name, pixels)))


def _write_lists(out: Path, dataset: Dataset, captions: Captions, design: Design) -> None:
    """Write `stimuli.csv`, `captions.csv` of the bases, and `dataset.json` with the settings."""
    _write_csv(out / "stimuli.csv", [asdict(s) for s in dataset.stimuli])
    rows = [{"file": name, "caption": text} for name, texts in captions.items() for text in texts]
    _write_csv(out / "captions.csv", rows)
    about = {
        "bases": dataset.bases, "tried": dataset.tried, "found": dataset.counts,
        "thresholds": asdict(design.thresholds), "side": design.side, "area": AREA,
        "tries": design.tries, "seed": design.seed,
        "sentence_encoder": "all-MiniLM-L6-v2; the study used the Universal Sentence Encoder",
    }  # fmt: skip
    (out / "dataset.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")


def _write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), "utf-8")
