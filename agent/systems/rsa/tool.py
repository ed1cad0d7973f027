"""The tool `compare_representations`: do two versions of a picture keep the same geometry?

Windows of the picture are the stimuli of a representational similarity analysis in a frozen
encoder: how similar the windows are to each other, layer by layer, before and after restoration,
and how well that follows saliency.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from agent.imaging.resampling import on_white
from agent.settings import Settings
from agent.systems.evidence import Measurement, evidence_of
from agent.systems.rsa import why_unavailable
from agent.systems.spec import Figure, Job, NotApplicable, Progress, ToolOutput
from agent.types import Artefact, Provenance

if TYPE_CHECKING:
    from agent.measures.similarity import Correlation
    from agent.systems.encoders import Encoder

#: Minimum number of windows for a meaningful geometry.
MIN_WINDOWS = 12
#: Minimum side, in pixels, to cut that many.
MIN_SIDE = 96
#: Maximum time in seconds; two idle cores need about a minute. The number of windows is fixed, so
#: the size of the picture hardly matters.
BUDGET_SECONDS = 300.0
#: Maximum bytes of activations in memory.
BUDGET_BYTES = 1_000_000_000

_PERMUTATIONS, _RESAMPLES, _SEED = 1000, 300, 0


def compare(job: Job, settings: Settings, progress: Progress) -> ToolOutput:
    """Compare the input of the network with its result.

    Needs a restorer's result in `job.versions`. The encoder is `tf_efficientnet_lite0` on the CPU,
    whatever `settings.device` is, so that the same picture gives the same numbers.

    Raises:
        NotApplicable: if packages are missing, no restorer ran, or the picture shows too little.
        TimeoutError: if it takes longer than `BUDGET_SECONDS`.
    """
    if reason := why_unavailable() or _why_not(job):
        raise NotApplicable(reason)
    from agent.systems.encoders import load_encoder
    from agent.systems.rsa.crops import windows

    began = time.monotonic()
    label = _label(job)
    before, after = on_white(job.versions[label]), on_white(job.versions["restored"])
    places = windows(before)
    if len(places) < MIN_WINDOWS:
        raise NotApplicable(
            f"only {len(places)} parts of the picture hold any detail, and fewer than "
            f"{MIN_WINDOWS} make no geometry; attach a larger or fuller picture"
        )
    progress("loading the encoder")
    encoder = load_encoder()

    def within_budget(line: str) -> None:
        if time.monotonic() - began > BUDGET_SECONDS:
            raise TimeoutError(
                f"comparing representations took longer than {BUDGET_SECONDS:g} s; try again when "
                "the machine is less busy"
            )
        progress(line)

    geometries = _Geometries(encoder, before, after, places, within_budget)
    return ToolOutput(
        evidence_of(job, _measurements(label, geometries), "rsa-", lambda value: round(value, 3)),
        _figures(job, label, geometries, before, after),
        Provenance(weights_sha256=encoder.weights_sha256),
    )


def _label(job: Job) -> str:
    return "enlarged" if "enlarged" in job.versions else "input"


def _why_not(job: Job) -> str | None:
    if "restored" not in job.versions or _label(job) not in job.versions:
        return "the picture was not restored, so there are no two versions to compare"
    picture = job.versions["restored"]
    if min(picture.width, picture.height) < MIN_SIDE:
        return (
            f"the picture is too small to be cut into parts, {picture.width} × {picture.height} "
            f"pixels; expected at least {MIN_SIDE} a side"
        )
    return None


class _Geometries:
    """RDMs and saliency maps of both versions."""

    def __init__(
        self,
        encoder: Encoder,
        before: np.ndarray,
        after: np.ndarray,
        places: Sequence[tuple[int, int, int]],
        progress: Progress,
    ) -> None:
        from agent.measures.similarity import rsa, spearman
        from agent.systems.rsa.crops import crops
        from agent.systems.rsa.geometry import layer_rdms, saliency, saliency_rdm

        self.encoder, self.windows, self.side = encoder, len(places), places[0][2]
        self.layers = encoder.stages()
        # A shift by one pixel, which nobody sees: the maximum agreement to expect.
        shifted = np.roll(before, 1, axis=1)
        rdms, eyes = [], []
        for name, pixels in (("before", before), ("after", after), ("shifted", shifted)):
            stimuli = crops(pixels, places, encoder.size)
            rdms.append(
                layer_rdms(
                    encoder, stimuli, self.layers, memory=BUDGET_BYTES,
                    progress=lambda s, name=name: progress(f"{name}, {s}"),  # type: ignore[misc]
                )
            )  # fmt: skip
            if name != "shifted":
                eyes.append(saliency_rdm(stimuli, progress=progress))

        def compared(first: np.ndarray, second: np.ndarray) -> list[Correlation]:
            return rsa(first, second, permutations=_PERMUTATIONS, resamples=_RESAMPLES, seed=_SEED)

        progress("comparing geometries")
        pairs = list(zip(*rdms, strict=True))
        self.geometry = [compared(a[None], b)[0] for a, b, _ in pairs]
        above = np.triu_indices(self.windows, 1)
        self.reference = [spearman(a[above], c[above]) for a, _, c in pairs]
        self.saliency_before = compared(rdms[0], eyes[0])
        self.saliency_after = compared(rdms[1], eyes[1])
        self.maps = saliency(before), saliency(after)


def _measurements(label: str, geometries: _Geometries) -> Iterator[Measurement]:
    both = f"{label} and restored"
    yield Measurement(
        "windows", "parts compared", geometries.windows, "parts",
        f"windows of {geometries.side} px side by side, without empty ones; encoder "
        f"{geometries.encoder.name}, licence of its weights {geometries.encoder.licence}", both,
    )  # fmt: skip
    method = f"Spearman correlation of cosine RDMs of {geometries.encoder.name}"
    yield from _geometry(label, geometries, method)
    for key, correlations in (
        (label, geometries.saliency_before),
        ("restored", geometries.saliency_after),
    ):
        for part, value in _thirds([c.value for c in correlations]).items():
            yield Measurement(
                f"saliency-{part}-{key}", f"{part} layers follow saliency", value, "",
                f"mean over layers; {method}", key,
            )  # fmt: skip
    similarity = _cosine(*geometries.maps)
    if similarity is not None:
        yield Measurement(
            "saliency-maps", "likeness of the two saliency maps", similarity, "",
            "cosine of Itti–Koch–Niebur maps of the whole picture", both,
        )  # fmt: skip


def _geometry(label: str, geometries: _Geometries, method: str) -> Iterator[Measurement]:
    """Yield how well the geometry of both versions agrees, by layer and overall."""
    both = f"{label} and restored"
    finite = [
        (layer, c, r)
        for layer, c, r in zip(
            geometries.layers, geometries.geometry, geometries.reference, strict=True
        )
        if np.isfinite(c.value)
    ]
    for layer, correlation, _ in finite:
        key = "geometry-" + layer.replace(".", "-")
        yield Measurement(
            key, f"same geometry in layer {layer}", correlation.value, "", method, both
        )
    if not finite:
        return
    lowest = min((c for _, c, _ in finite), key=lambda c: c.value)
    mean = float(np.mean([c.value for _, c, _ in finite]))
    ceiling = float(np.mean([r for _, _, r in finite]))
    quantity = "same geometry, mean of layers"
    yield Measurement("geometry-mean", quantity, mean, "", method, both)
    quantity = "same geometry, lowest layer"
    yield Measurement("geometry-lowest", quantity, lowest.value, "", method, both)
    yield Measurement(
        "geometry-lowest-low", "the same, lower end of its 95 % interval", lowest.low, "",
        f"percentile bootstrap over windows, {_RESAMPLES} resamples", both,
    )  # fmt: skip
    yield Measurement(
        "geometry-reference", "same geometry, mean of layers, for a shift of one pixel", ceiling,
        "", method, f"{label} and the same moved by one pixel",
    )  # fmt: skip


def _thirds(values: Sequence[float]) -> dict[str, float]:
    """Return the means over the first and the last third of the layers, ignoring NaN."""
    third = max(1, len(values) // 3)
    parts = {"early": values[:third], "late": values[-third:]}
    return {
        name: float(np.nanmean(part)) for name, part in parts.items() if np.isfinite(part).any()
    }


def _cosine(a: np.ndarray, b: np.ndarray) -> float | None:
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float((a.astype(np.float64) * b).sum() / lengths) if lengths > 0 else None


def _figures(
    job: Job, label: str, geometries: _Geometries, before: np.ndarray, after: np.ndarray
) -> Iterator[Figure]:
    from agent.systems.rsa.figure import depth_figure, map_figure

    series: Mapping[str, Sequence[Correlation]] = {
        f"{label} with restored": geometries.geometry,
        f"{label} with its saliency": geometries.saliency_before,
        "restored with its saliency": geometries.saliency_after,
    }
    depth = depth_figure(
        geometries.layers,
        series,
        f"{geometries.encoder.name}, {geometries.windows} parts of the picture",
    )
    caption = (
        f"{job.picture.name}: how far two versions keep the same geometry, and follow saliency, "
        f"by depth; bands are 95 % intervals"
    )
    maps = map_figure(
        {label: before, "restored": after},
        {f"{label}: what draws the eye": geometries.maps[0],
         "restored: what draws the eye": geometries.maps[1]},
    )  # fmt: skip
    for kind, content, text in (
        ("rsa", depth, caption),
        ("saliency", maps, f"{job.picture.name}: saliency maps (Itti, Koch and Niebur) of both"),
    ):
        file = f"{job.stem}-{kind}.png"
        digest = sha256(content).hexdigest()
        yield Artefact(name=file, caption=text, sha256=digest), content
