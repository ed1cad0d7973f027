"""The tool `condition`: measure what a model to be chosen would have to cope with.

It restores and enlarges nothing; the only network that it runs is the text reader, if installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from agent.imaging.picture import Picture
from agent.imaging.resampling import on_white
from agent.measures.blockiness import blockiness, slope_sums
from agent.measures.fidelity import luma
from agent.measures.graphics import common_colours, flat_areas, hard_edges
from agent.measures.noise import block_noise, noise_sigma
from agent.measures.regions import by_region, regions, spread
from agent.measures.sharpness import edge_shapes, find_edges
from agent.settings import Settings
from agent.systems.condition.criteria import LEAST_TEXT, PREFIX
from agent.systems.evidence import Measurement, evidence_of
from agent.systems.spec import Job, NotApplicable, Progress, ToolOutput
from agent.systems.text.ocr import LICENCES, LineReader, bounds, why_unavailable
from agent.types import Provenance

Luma = NDArray[np.float32]

#: Minimum side, in pixels: smaller pictures have too few blocks and edges to measure.
MIN_SIDE = 64
#: Maximum side, in pixels: of larger pictures only the middle is measured.
MAX_SIDE = 2048
#: Minimum number of edges for a meaningful quartile.
_MIN_EDGES = 30
#: Maximum number of lines read: enough to tell whether it is text, and how high.
_MOST_READ = 24


def look(job: Job, settings: Settings, progress: Progress) -> ToolOutput:
    """Measure the picture as attached, with transparent parts on white.

    What cannot be measured, such as edge widths without edges, or text without a reader, is left
    out.

    Raises:
        NotApplicable: for a picture with a side below 64 pixels.
    """
    sides = job.picture.width, job.picture.height
    if min(sides) < MIN_SIDE:
        raise NotApplicable(
            f"the picture is too small to tell, {sides[0]} × {sides[1]} pixels; attach one of at "
            f"least {MIN_SIDE} pixels a side"
        )
    progress("measuring the condition of the picture")
    pixels = on_white(_middle(job.picture))
    on = "input"
    if max(sides) > MAX_SIDE:
        on += f", its middle {pixels.shape[1]} × {pixels.shape[0]} px"
    measurements = [*_measurements(pixels)]
    licences: tuple[str, ...] = ()
    if why_unavailable() is None:
        measurements += _text(pixels)
        licences = LICENCES
    evidence = evidence_of(job, (item._replace(on=on) for item in measurements), PREFIX)
    return ToolOutput(evidence, provenance=Provenance(licences=licences))


def _middle(picture: Picture) -> Picture:
    """Return the middle of a picture, at most 2048 pixels a side."""
    rows, columns = (
        slice(max(0, side - MAX_SIDE) // 2, max(0, side - MAX_SIDE) // 2 + MAX_SIDE)
        for side in (picture.height, picture.width)
    )
    alpha = picture.alpha
    return replace(
        picture,
        pixels=picture.pixels[rows, columns],
        alpha=None if alpha is None else alpha[rows, columns],
    )


def _measurements(pixels: NDArray[np.uint8]) -> Iterator[Measurement]:
    y = luma(pixels)
    yield from _softness(y)
    parts = slope_sums(y)
    yield Measurement(
        "blocks", "breaks at the borders of 8 × 8 squares, relative to inside them",
        blockiness(parts), "×", "difference of slopes of luma at the strongest of 8 places of a "
        "grid of 8 px, relative to the others", interval=spread(parts, blockiness),
    )  # fmt: skip
    yield from _noise(y)
    for key, quantity, share, method in (
        (
            "colours", "share of the picture in its four commonest colours",
            common_colours(pixels), "colours of 4 bits a channel",
        ),
        (
            "hard-edges", "share of hard edges among steps between neighbouring pixels",
            hard_edges(pixels), "steps of at least 40 levels in a channel, among those above 4",
        ),
        (
            "flat-areas", "share of the picture in flat areas", flat_areas(pixels),
            "at most 4 levels from the neighbours on the right and below",
        ),
    ):  # fmt: skip
        yield Measurement(key, quantity, 100 * share, "%", method)


def _softness(y: Luma) -> Iterator[Measurement]:
    """Yield the lower quartile of edge widths, which ignores parts deliberately out of focus."""
    edges = find_edges(y)
    widths = edge_shapes(y, edges).width
    usable = np.isfinite(widths)
    if np.count_nonzero(usable) < _MIN_EDGES:
        return
    parts = by_region(edges[usable], widths[usable], regions(*y.shape))
    yield Measurement(
        "edge-width", "width that three quarters of the strong edges exceed",
        _lower_quartile(parts), "px",
        "lower quartile of the 10–90 % rise distance across straight edges along rows and columns",
        interval=spread(parts, _lower_quartile),
    )  # fmt: skip


def _lower_quartile(parts: Sequence[NDArray[np.float64]]) -> float:
    return float(np.quantile(np.concatenate(parts), 0.25))


def _noise(y: Luma) -> Iterator[Measurement]:
    parts = [block_noise(y[region]) for region in regions(*y.shape)]

    def sigma(blocks: Sequence[NDArray[np.float64]]) -> float:
        return noise_sigma(np.concatenate(blocks))

    yield Measurement(
        "noise", "standard deviation of the noise of luma", sigma(parts), "grey levels",
        "Laplacian difference in blocks of 16 × 16 px, Immerkær (1996), the lowest tenth",
        interval=spread(parts, sigma),
    )  # fmt: skip


def _text(pixels: NDArray[np.uint8]) -> Iterator[Measurement]:
    """Yield the line height and the share of text; nothing if too few characters are read."""
    reader = LineReader()
    boxes = reader.find_lines(pixels)
    sample = boxes[:: -(-len(boxes) // _MOST_READ) or 1]
    readings = zip(sample, reader.read_lines(pixels, sample), strict=True)
    lines = [(bounds(box), reading.text) for box, reading in readings if reading.is_text]
    if sum(len(text) for _, text in lines) < LEAST_TEXT:
        return
    method = f"PP-OCR ({reader.name}), {len(lines)} lines read of {len(boxes)} found"
    heights = [bottom - top for (_, top, _, bottom), _ in lines]
    yield Measurement(
        "line-height", "median height of a line of text", float(np.median(heights)), "px", method
    )
    area = sum((right - left) * (bottom - top) for (left, top, right, bottom), _ in lines)
    share = area / len(sample) * len(boxes) / (pixels.shape[0] * pixels.shape[1])
    yield Measurement(
        "text-share", "share of the picture within lines of text", 100 * share, "%", method
    )
