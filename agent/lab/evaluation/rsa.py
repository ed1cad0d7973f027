"""Study of saliency against semantics over a folder of pictures, layer by layer.

The method is that of Opiełka et al. 2024 ("Saliency Suppressed, Semantics Surfaced"): the agreement
of the geometry of each layer with that of saliency maps and with that of captions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.errors import InputError
from agent.imaging.reading import read
from agent.imaging.resampling import central_square, on_white
from agent.lab.evaluation.captions import Captions, caption_vectors
from agent.lab.training.data import find_pictures
from agent.measures.similarity import MIN_STIMULI, Correlation, adjusted, cosine_rdm, rsa
from agent.systems.rsa.geometry import Stimuli, layer_rdms, saliency_rdm

if TYPE_CHECKING:
    from agent.systems.encoders import Encoder

#: Side of the squares whose saliency is computed: near the 425 pixels of the study's pictures.
SALIENCY_SIDE = 448
EMBEDDING_NOTE = (
    "the semantic matrix rests on all-MiniLM-L6-v2; the study used the Universal Sentence Encoder, "
    "so figures do not compare with its own"
)

Progress = Callable[[str], None]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Resampling:
    """Parameters for p-values and intervals of correlations."""

    permutations: int = 5000
    resamples: int = 1000
    seed: int = 0


@dataclass(frozen=True)
class Row:
    """The correlations of one layer with both matrices; q is p corrected over layers."""

    layer: str
    depth: int
    saliency: Correlation
    saliency_q: float
    semantic: Correlation | None = None
    semantic_q: float | None = None


@dataclass(frozen=True)
class Study:
    """The results, with everything needed to reproduce them."""

    encoder: str
    weights: str
    weights_sha256: str
    licence: str
    pictures: tuple[str, ...]
    rows: tuple[Row, ...]
    saliency_with_semantic: Correlation | None
    """Agreement of the two matrices with each other; if high, a layer that follows one also follows
    the other in part."""
    permutations: int
    resamples: int
    seed: int
    notes: tuple[str, ...] = ()
    rdms: dict[str, Values] = field(default_factory=dict, repr=False)
    """`(n, n)` by name: `saliency`, `semantic`, and `layer NAME`."""


def study(
    folder: Path,
    encoder: Encoder,
    layers: Sequence[str],
    captions: Captions | None = None,
    *,
    resampling: Resampling = Resampling(),
    swap_red_blue: bool = False,
    progress: Progress = lambda _: None,
) -> Study:
    """Correlate the geometry of layers with those of saliency and, given captions, of meaning.

    Every picture is rendered on white and cropped to its central square. With captions, pictures
    without one are left out, with a note.

    Raises:
        InputError: if fewer than four pictures remain, or one cannot be read.
    """
    paths, notes = _pictures(folder, captions)
    if captions is not None:
        notes += (EMBEDDING_NOTE,)
    if swap_red_blue:
        notes += ("red and blue were swapped before the saliency map, as the study did",)
    progress("loading the pictures")
    pixels = [on_white(read(path)) for path in paths]
    squares = _squares(pixels, SALIENCY_SIDE)
    rdms = {"saliency": saliency_rdm(squares, swap_red_blue=swap_red_blue, progress=progress)}
    if captions is not None:
        progress("embedding the captions")
        rdms["semantic"] = cosine_rdm(caption_vectors(captions, [path.name for path in paths]))
    of_layers = layer_rdms(encoder, _squares(pixels, encoder.size), layers, progress=progress)

    def correlated(first: Values, target: str) -> list[Correlation]:
        return rsa(
            first, rdms[target], **asdict(resampling),
            progress=lambda done, total: progress(f"{target}: resample {done} of {total}"),
        )  # fmt: skip

    saliency = correlated(of_layers, "saliency")
    semantic = both = None
    if captions is not None:
        semantic = correlated(of_layers, "semantic")
        (both,) = correlated(rdms["saliency"][None], "semantic")
    return Study(
        encoder=encoder.name,
        weights=encoder.weights,
        weights_sha256=encoder.weights_sha256,
        licence=encoder.licence,
        pictures=tuple(path.relative_to(folder).as_posix() for path in paths),
        rows=tuple(_rows(layers, saliency, semantic)),
        saliency_with_semantic=both,
        **asdict(resampling),
        notes=notes,
        rdms=rdms | {f"layer {name}": rdm for name, rdm in zip(layers, of_layers, strict=True)},
    )


def _pictures(folder: Path, captions: Captions | None) -> tuple[list[Path], tuple[str, ...]]:
    paths = find_pictures(folder)
    notes: tuple[str, ...] = ()
    if captions is not None:
        names = [path.name for path in paths]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise InputError(f"{folder}: {len(twice)} names occur twice, such as {twice[0]}; "
                             "captions go by file name, so rename them")  # fmt: skip
        captioned = [path for path in paths if path.name in captions]
        if left := len(paths) - len(captioned):
            notes = (f"{left} of {len(paths)} pictures have no caption and were left out",)
        paths = captioned
    if len(paths) < MIN_STIMULI:
        raise InputError(
            f"{folder}: {len(paths)} pictures can be used; expected at least {MIN_STIMULI}, and "
            "better a hundred"
        )
    return paths, notes


def _squares(pixels: Sequence[NDArray[np.uint8]], side: int) -> Stimuli:
    return np.stack([np.asarray(central_square(p, side), np.uint8) for p in pixels])


def _rows(
    layers: Sequence[str], saliency: list[Correlation], semantic: list[Correlation] | None
) -> list[Row]:
    saliency_q = adjusted(np.array([c.p for c in saliency]))
    semantic_q = adjusted(np.array([c.p for c in semantic])) if semantic else None
    return [
        Row(
            layer,
            i + 1,
            saliency[i],
            float(saliency_q[i]),
            semantic[i] if semantic else None,
            float(semantic_q[i]) if semantic_q is not None else None,
        )
        for i, layer in enumerate(layers)
    ]
