"""Evaluation of the restorer on a folder of sharp pictures with known degradations.

Folder, weights and seed determine everything; only the order of floating-point sums differs between
machines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from agent.errors import InputError
from agent.lab.evaluation.baselines import richardson_lucy, unsharp
from agent.lab.evaluation.figures import Figure, mean
from agent.lab.evaluation.lines import Lines
from agent.lab.training.data import find_pictures
from agent.lab.training.degradations import (
    blurred,
    defocus_kernel,
    enlarged,
    gaussian_kernel,
    shake_kernel,
)
from agent.measures.fidelity import psnr, ssim, studio_luma
from agent.measures.legibility import LEAST_TEXT
from agent.settings import Precision
from agent.systems.restoration.restorer import MimoUnetRestorer
from agent.systems.text.ocr import LineReader, why_unavailable

Pixels = NDArray[np.uint8]

FACTOR = 3
#: Sides of a crop are multiples of this: of the factor, and of 4 for the network.
GRID = 12
LEAST_SIDE = 3 * GRID
#: Border in pixels that is not scored, as in the literature at 3×.
SHAVED = 3
#: Value in dB that replaces the infinite PSNR of equal pictures.
MOST_PSNR = 100.0

#: Standard deviation in pixels of the Gaussian assumed by deconvolution for enlargement by 3.
ENLARGEMENT_SIGMA = 1.2


@dataclass(frozen=True)
class Condition:
    """A known degradation: enlargement by `FACTOR`, a blur, or none."""

    enlarge: bool = False
    quality: int = 0
    """Quality of the JPEG in which the reduced picture is stored; 0 for none."""
    kernel: Callable[[np.random.Generator], NDArray[Any]] | None = None

    def versions(self, sharp: Pixels, rng: np.random.Generator) -> dict[str, Pixels]:
        """Return `input` and, if degraded, the results of simple filters: `lanczos` (if enlarged),
        `unsharp` and `richardson_lucy`."""
        if self.enlarge:
            soft = enlarged(sharp, FACTOR, quality=self.quality)
            lanczos = enlarged(sharp, FACTOR, up="lanczos", quality=self.quality)
            spread, versions = gaussian_kernel(ENLARGEMENT_SIGMA), {"lanczos": lanczos}
        elif self.kernel is not None:
            spread = self.kernel(rng)
            soft, versions = blurred(sharp, spread), {}
        else:
            return {"input": sharp}
        filtered = {"unsharp": unsharp(soft), "richardson_lucy": richardson_lucy(soft, spread)}
        return {"input": soft} | versions | filtered


UNTOUCHED = "untouched"
CONDITIONS: dict[str, Condition] = {
    "enlarged 3x": Condition(enlarge=True),
    "JPEG 85, enlarged 3x": Condition(enlarge=True, quality=85),
    "camera shake, 12 px": Condition(kernel=lambda rng: shake_kernel(rng, 12)),
    "defocus, radius 2 px": Condition(kernel=lambda rng: defocus_kernel(2.0)),
    "Gaussian, sigma 1.5 px": Condition(kernel=lambda rng: gaussian_kernel(1.5)),
    UNTOUCHED: Condition(),
}
#: Called with group, condition, picture by version (`VERSIONS` and `sharp`), and lines of text.
Keep = Callable[[str, str, dict[str, Pixels], Lines | None], None]
#: Versions of a picture in the order of the table, with their headings.
VERSIONS = {
    "input": "in",
    "lanczos": "Lanczos",
    "unsharp": "unsharp",
    "richardson_lucy": "R.-Lucy",
    "output": "out",
}


@dataclass(frozen=True)
class Sample:
    """Selection of the pictures and parts to score, and the random seed."""

    crop: int = 480
    """Maximum side of the middle that is cropped, in pixels."""
    limit: int | None = None
    """Maximum number of pictures per group, in order of name; None for all."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise InputError if nothing would be left."""
        for option, value, least in (("crop", self.crop, LEAST_SIDE), ("limit", self.limit, 1)):
            if value is not None and value < least:
                raise InputError(f"--{option} is {value}; expected at least {least}")


@dataclass(frozen=True)
class Row:
    """Means over one group of pictures in one condition, by version of the picture (`VERSIONS`).

    PSNR in dB and SSIM in [−1, 1] are against the sharp original, on luma in studio range.
    `gain` is output PSNR minus input PSNR, if something was degraded. Character error rates are
    relative to the reading of the sharp original, which hence has 0; empty if not measured.
    """

    condition: str
    group: str
    pictures: int
    psnr: dict[str, Figure]
    ssim: dict[str, Figure]
    cer: dict[str, Figure]
    gain: Figure | None


@dataclass(frozen=True)
class Evaluation:
    """All figures, and everything needed to reproduce them."""

    rows: tuple[Row, ...]
    weights_sha256: str
    dtype: str
    pictures_sha256: str
    """Hash of the scored crops, in order."""
    crop: int
    seed: int
    reader: str
    """Name of the text reader, or why there was none."""
    seam: float
    """Maximum difference in grey levels, in float32, between computing the first crop of the last
    group as a whole and in tiles of a quarter with the default halo."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def evaluate(
    data: Path,
    weights: Path,
    sample: Sample = Sample(),
    *,
    device: str = "cpu",
    precision: Precision = "fp32",
    progress: Callable[[str], None] = lambda _: None,
    keep: Keep | None = None,
) -> Evaluation:
    """Evaluate the restorer on the middle of every picture below `data`.

    Args:
        data: sharp pictures; their group is the folder right below `data`. In the group `text`,
            legibility is measured as well.
        precision: as for `MimoUnetRestorer`; float32 gives the same figures on every machine.
        keep: called with every picture in all versions, as soon as it is scored.

    Raises:
        InputError: if there are no pictures, or one is smaller than 36 pixels.
        CheckpointError: if the weights cannot be used.
        ConfigError: if the device or its 8-bit arithmetic is missing.
    """
    groups = _groups(data, sample)
    restorer = MimoUnetRestorer(weights, device, precision=precision)
    unavailable = why_unavailable() if "text" in groups else "no folder named text"
    reader = None if unavailable else LineReader()
    rows = []
    for group, pictures in groups.items():
        lines = _lines(pictures, reader if group == "text" else None)
        for number, condition in enumerate(CONDITIONS):
            progress(f"{group}: {condition}")
            scores = []
            for i, (picture, text) in enumerate(zip(pictures, lines, strict=True)):
                versions = CONDITIONS[condition].versions(
                    picture, np.random.default_rng([sample.seed, number, i])
                )
                versions["output"] = np.asarray(restorer(versions["input"]), np.uint8)
                scores.append(_score(picture, versions, text))
                if keep is not None:
                    keep(group, condition, {"sharp": picture} | versions, text)
            rows.append(_row(condition, group, scores, sample.seed))
    return Evaluation(
        rows=tuple(rows),
        weights_sha256=restorer.sha256,
        dtype=str(restorer.dtype).removeprefix("torch."),
        pictures_sha256=_digest(groups),
        crop=sample.crop,
        seed=sample.seed,
        reader=reader.name if reader else f"not measured: {unavailable}",
        seam=_seam(next(reversed(groups.values()))[0], weights, device),
    )


def _groups(data: Path, sample: Sample) -> dict[str, list[Pixels]]:
    paths: dict[str, list[Path]] = {}
    for path in find_pictures(data):
        inside = path.relative_to(data).parts
        paths.setdefault(inside[0] if len(inside) > 1 else "all", []).append(path)
    return {
        group: [_middle(path, sample.crop) for path in members[: sample.limit]]
        for group, members in sorted(paths.items())
    }


def _middle(path: Path, crop: int) -> Pixels:
    pixels = np.asarray(Image.open(path).convert("RGB"))
    height, width = (min(crop, side) // GRID * GRID for side in pixels.shape[:2])
    if min(height, width) < LEAST_SIDE:
        raise InputError(
            f"{path}: is {pixels.shape[1]} × {pixels.shape[0]} pixels; expected at least "
            f"{LEAST_SIDE} a side, remove it from the folder"
        )
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


def _lines(pictures: Sequence[Pixels], reader: LineReader | None) -> list[Lines | None]:
    if reader is None:
        return [None] * len(pictures)
    texts = [Lines(reader, picture) for picture in pictures]
    return [text if sum(map(len, text.reference)) >= LEAST_TEXT else None for text in texts]


#: Values of one picture, by measure and version.
Score = dict[str, dict[str, float]]


def _score(sharp: Pixels, versions: dict[str, Pixels], text: Lines | None) -> Score:
    score: Score = {"psnr": {}, "ssim": {}, "cer": {}}
    truth = _scored(sharp)
    for name, pixels in versions.items():
        luma = _scored(pixels)
        score["psnr"][name] = min(MOST_PSNR, psnr(luma, truth))
        score["ssim"][name] = ssim(luma, truth)
        if text is not None:
            score["cer"][name] = text.errors(pixels)
    return score


def _scored(pixels: Pixels) -> NDArray[np.float32]:
    return studio_luma(pixels)[SHAVED:-SHAVED, SHAVED:-SHAVED]


def _seam(sharp: Pixels, weights: Path, device: str) -> float:
    degraded = enlarged(sharp, FACTOR).astype(np.uint16) * 257  # 16 bits, to avoid rounding
    whole, tiled = (
        MimoUnetRestorer(weights, device, core=side, precision="fp32")
        for side in (max(sharp.shape), max(sharp.shape) // 2 // GRID * GRID)
    )
    return round(float(np.abs(whole(degraded) - tiled(degraded).astype(np.float64)).max()) / 257, 4)


def _row(condition: str, group: str, scores: Sequence[Score], seed: int) -> Row:
    def means(measure: str) -> dict[str, Figure]:
        rows = [score[measure] for score in scores if score[measure]]
        return {
            version: mean([values[version] for values in rows], seed)
            for version in VERSIONS
            if rows and version in rows[0]
        }

    gains = [score["psnr"]["output"] - score["psnr"]["input"] for score in scores]
    return Row(
        condition=condition,
        group=group,
        pictures=len(scores),
        psnr=means("psnr"),
        ssim=means("ssim"),
        cer=means("cer"),
        gain=None if condition == UNTOUCHED else mean(gains, seed),
    )


def _digest(groups: dict[str, list[Pixels]]) -> str:
    digest = hashlib.sha256()
    for pictures in groups.values():
        for picture in pictures:
            digest.update(repr(picture.shape).encode() + picture.tobytes())
    return digest.hexdigest()


def table(evaluation: Evaluation) -> str:
    """Format the figures as lines of text: means, and the 95 % interval of the gain."""
    heads = ["group", "condition", "n"]
    fidelity = [[*heads, *VERSIONS.values(), "gain [95 %]", "SSIM in", "out"]]
    legibility = [[*heads, *VERSIONS.values()]]
    for row in evaluation.rows:
        first = [row.group, row.condition, str(row.pictures)]
        similarity = [_cell(row.ssim.get(version), 4) for version in ("input", "output")]
        fidelity.append([*first, *_cells(row.psnr, 2), _gain(row.gain), *similarity])
        if row.cer:
            legibility.append([*first, *_cells(row.cer, 1, 100)])
    lines = [
        f"PSNR (dB) and SSIM on BT.601 luma in studio range, a border of {SHAVED} px left out; "
        f"{MOST_PSNR:g} dB stands for equal.",
        *_aligned(fidelity),
        "",
    ]
    if len(legibility) > 1:
        lines += [
            "OCR error, % of characters read otherwise than on the sharp original:",
            *_aligned(legibility),
            "",
        ]
    return "\n".join(
        [
            *lines,
            f"Text read by: {evaluation.reader}. Tiles differ from the whole by at most "
            f"{evaluation.seam:g} grey levels.",
            "R.-Lucy knows the blur, which nobody does; for enlargement it takes a Gaussian of "
            f"{ENLARGEMENT_SIGMA:g} px.",
            f"Middle {evaluation.crop} px, seed {evaluation.seed}, {evaluation.dtype}, weights "
            f"{evaluation.weights_sha256[:12]}, pictures {evaluation.pictures_sha256[:12]}.",
        ]
    )


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _cells(figures: dict[str, Figure], digits: int, scale: float = 1) -> list[str]:
    return [_cell(figures.get(version), digits, scale) for version in VERSIONS]


def _cell(figure: Figure | None, digits: int, scale: float = 1) -> str:
    return "–" if figure is None else f"{figure.value * scale:.{digits}f}"


def _gain(gain: Figure | None) -> str:
    return f"{gain.value:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]" if gain else "–"
