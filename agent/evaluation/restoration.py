"""What the restorer is worth on a folder of sharp pictures, degraded in ways that are known.

Everything is fixed by the folder, the weights and the seed; only the order of floating-point sums
differs between machines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from agent.errors import InputError
from agent.evaluation.figures import Figure, mean
from agent.evaluation.legibility import LineReader, character_error_rate, why_unavailable
from agent.measures.fidelity import psnr, ssim, studio_luma
from agent.tools.restorer import Restorer
from agent.training.data import find_pictures
from agent.training.degradations import (
    blurred,
    defocus_kernel,
    enlarged,
    gaussian_kernel,
    shake_kernel,
)

Pixels = NDArray[np.uint8]
Degrade = Callable[[Pixels, np.random.Generator], Pixels]

FACTOR = 3
#: Sides of a cut-out are multiples of this: of the factor, and of 4 for the network.
GRID = 12
LEAST_SIDE = 3 * GRID
#: Rows and columns at the border that are not scored, as the literature does at 3×.
SHAVED = 3
#: PSNR of equal pictures, which is infinite, counts as this, in dB.
MOST_PSNR = 100.0
#: A cut-out with less text than this, in characters, says nothing about legibility.
LEAST_TEXT = 20

UNTOUCHED = "untouched"
CONDITIONS: dict[str, Degrade] = {
    "enlarged 3x": lambda picture, rng: enlarged(picture, FACTOR),
    "JPEG 85, enlarged 3x": lambda picture, rng: enlarged(picture, FACTOR, quality=85),
    "camera shake, 12 px": lambda picture, rng: blurred(picture, shake_kernel(rng, 12)),
    "defocus, radius 2 px": lambda picture, rng: blurred(picture, defocus_kernel(2.0)),
    "Gaussian, sigma 1.5 px": lambda picture, rng: blurred(picture, gaussian_kernel(1.5)),
    UNTOUCHED: lambda picture, rng: picture,
}
#: Enlargement by another filter, as a baseline of what costs nothing.
LANCZOS: dict[str, Degrade] = {
    "enlarged 3x": lambda picture, rng: enlarged(picture, FACTOR, up="lanczos"),
    "JPEG 85, enlarged 3x": lambda picture, rng: enlarged(
        picture, FACTOR, up="lanczos", quality=85
    ),
}


@dataclass(frozen=True)
class Row:
    """Means over one group of pictures in one condition; a measure that was not taken is None.

    PSNR in dB and SSIM in [−1, 1] are against the sharp original, on luma in studio range.
    `gain` is output PSNR less input PSNR, where something was degraded. Character error rates are
    against the reading of the sharp original, which hence has 0.
    """

    condition: str
    group: str
    pictures: int
    psnr_input: Figure
    psnr_output: Figure
    ssim_input: Figure
    ssim_output: Figure
    gain: Figure | None = None
    psnr_lanczos: Figure | None = None
    ssim_lanczos: Figure | None = None
    cer_input: Figure | None = None
    cer_output: Figure | None = None


@dataclass(frozen=True)
class Evaluation:
    """All figures, and what has to be the same to get them again."""

    rows: tuple[Row, ...]
    weights_sha256: str
    dtype: str
    pictures_sha256: str
    """Over the cut-outs that were scored, in their order."""
    crop: int
    seed: int
    reader: str
    """What read the text, or why nothing did."""
    seam: float
    """Largest difference in grey levels, in float32, that computing the first cut-out of the last
    group by tiles of a quarter makes, with the border that tiles have by default."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def evaluate(
    data: Path,
    weights: Path,
    *,
    crop: int = 480,
    limit: int | None = None,
    seed: int = 0,
    device: str = "cpu",
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Score the restorer on the middle of every picture below `data`.

    Args:
        data: sharp pictures; their group is the folder right below `data`, and where that is
            `text`, legibility is measured as well.
        crop: largest side of the middle that is cut out, in pixels.
        limit: the first so many pictures of every group, by name; None for all.

    Raises:
        InputError: when there are no pictures, one is smaller than 36 pixels, or `crop` or `limit`
            leave nothing.
        CheckpointError: when the weights cannot be used.
    """
    for option, value, least in (("crop", crop, LEAST_SIDE), ("limit", limit, 1)):
        if value is not None and value < least:
            raise InputError(f"--{option} is {value}; expected at least {least}")
    groups = _groups(data, crop, limit)
    restorer = Restorer(weights, device)
    unavailable = why_unavailable() if "text" in groups else "not measured: no folder named text"
    reader = None if unavailable else LineReader()
    rows = []
    for group, pictures in groups.items():
        lines = _lines(pictures, reader if group == "text" else None)
        for number, condition in enumerate(CONDITIONS):
            progress(f"{group}: {condition}")
            scores = [
                _score(condition, picture, np.random.default_rng([seed, number, i]), restorer, text)
                for i, (picture, text) in enumerate(zip(pictures, lines, strict=True))
            ]
            rows.append(_row(condition, group, scores, seed))
    return Evaluation(
        rows=tuple(rows),
        weights_sha256=restorer.sha256,
        dtype=str(restorer.dtype).removeprefix("torch."),
        pictures_sha256=_digest(groups),
        crop=crop,
        seed=seed,
        reader=reader.name if reader else str(unavailable),
        seam=_seam(next(reversed(groups.values()))[0], weights, device),
    )


def _groups(data: Path, crop: int, limit: int | None) -> dict[str, list[Pixels]]:
    paths: dict[str, list[Path]] = {}
    for path in find_pictures(data):
        inside = path.relative_to(data).parts
        paths.setdefault(inside[0] if len(inside) > 1 else "all", []).append(path)
    return {
        group: [_middle(path, crop) for path in members[:limit]]
        for group, members in sorted(paths.items())
    }


def _middle(path: Path, crop: int) -> Pixels:
    pixels = np.asarray(Image.open(path).convert("RGB"))
    height, width = (min(crop, side) // GRID * GRID for side in pixels.shape[:2])
    if min(height, width) < LEAST_SIDE:
        raise InputError(
            f"{path}: is {pixels.shape[1]} × {pixels.shape[0]} pixels; expected at least "
            f"{LEAST_SIDE} a side, take it out of the folder"
        )
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


class _Text:
    """The lines of one sharp picture and what they read."""

    def __init__(self, reader: LineReader, sharp: Pixels) -> None:
        self.reader = reader
        self.boxes = reader.find_lines(sharp)
        self.reference = reader.read_lines(sharp, self.boxes)

    def errors(self, pixels: Pixels) -> float:
        return character_error_rate(self.reference, self.reader.read_lines(pixels, self.boxes))


def _lines(pictures: Sequence[Pixels], reader: LineReader | None) -> list[_Text | None]:
    if reader is None:
        return [None] * len(pictures)
    texts = [_Text(reader, picture) for picture in pictures]
    return [text if sum(map(len, text.reference)) >= LEAST_TEXT else None for text in texts]


def _score(
    condition: str,
    sharp: Pixels,
    rng: np.random.Generator,
    restorer: Restorer,
    text: _Text | None,
) -> dict[str, float]:
    """The fields of `Row` for one picture; what was not taken is missing."""
    degraded = CONDITIONS[condition](sharp, rng)
    versions = {"input": degraded, "output": np.asarray(restorer(degraded), np.uint8)}
    if condition in LANCZOS:
        versions["lanczos"] = LANCZOS[condition](sharp, rng)
    score = {}
    truth = _scored(sharp)
    for name, pixels in versions.items():
        luma = _scored(pixels)
        score[f"psnr_{name}"] = min(MOST_PSNR, psnr(luma, truth))
        score[f"ssim_{name}"] = ssim(luma, truth)
        if text is not None and name != "lanczos":
            score[f"cer_{name}"] = text.errors(pixels)
    if condition != UNTOUCHED:
        score["gain"] = score["psnr_output"] - score["psnr_input"]
    return score


def _scored(pixels: Pixels) -> NDArray[np.float32]:
    return studio_luma(pixels)[SHAVED:-SHAVED, SHAVED:-SHAVED]


def _seam(sharp: Pixels, weights: Path, device: str) -> float:
    degraded = enlarged(sharp, FACTOR).astype(np.uint16) * 257  # so that little is lost to rounding
    whole, tiled = (
        Restorer(weights, device, core=side)
        for side in (max(sharp.shape), max(sharp.shape) // 2 // GRID * GRID)
    )
    whole.dtype = tiled.dtype = torch.float32
    return round(float(np.abs(whole(degraded) - tiled(degraded).astype(np.float64)).max()) / 257, 4)


def _row(condition: str, group: str, scores: Sequence[dict[str, float]], seed: int) -> Row:
    names = dict.fromkeys(name for score in scores for name in score)
    means = {name: mean([score[name] for score in scores if name in score], seed) for name in names}
    return Row(condition=condition, group=group, pictures=len(scores), **means)


def _digest(groups: dict[str, list[Pixels]]) -> str:
    digest = hashlib.sha256()
    for pictures in groups.values():
        for picture in pictures:
            digest.update(repr(picture.shape).encode() + picture.tobytes())
    return digest.hexdigest()


def table(evaluation: Evaluation) -> str:
    """The figures as lines of text: means, and for the gain its interval of 95 %."""
    heads = "group|condition|n|PSNR in|Lanczos|out|gain [95 %]|SSIM in|out|OCR error in|out"
    rows = [heads.split("|"), *(list(_cells(row)) for row in evaluation.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    unread = evaluation.reader.startswith("not measured")
    lines += [
        "",
        f"PSNR (dB) and SSIM on BT.601 luma in studio range, a border of {SHAVED} px left out; "
        f"{MOST_PSNR:g} dB stands for equal.",
        f"OCR error: {evaluation.reader}"
        + ("" if unread else ", % of characters read otherwise than on the sharp original")
        + f". Tiles differ from the whole by at most {evaluation.seam:g} grey levels.",
        f"Middle {evaluation.crop} px, seed {evaluation.seed}, {evaluation.dtype}, weights "
        f"{evaluation.weights_sha256[:12]}, pictures {evaluation.pictures_sha256[:12]}.",
    ]
    return "\n".join(lines)


def _cells(row: Row) -> Iterator[str]:
    def shown(figure: Figure | None, digits: int, scale: float = 1) -> str:
        return "–" if figure is None else f"{figure.value * scale:.{digits}f}"

    yield from (row.group, row.condition, str(row.pictures))
    yield from (shown(m, 2) for m in (row.psnr_input, row.psnr_lanczos, row.psnr_output))
    gain = row.gain
    yield f"{gain.value:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]" if gain else "–"
    yield from (shown(m, 4) for m in (row.ssim_input, row.ssim_output))
    yield from (shown(m, 1, 100) for m in (row.cer_input, row.cer_output))
