"""Sentences on whether restoration kept the geometry of a picture's parts in an encoder."""

from __future__ import annotations

from collections.abc import Iterator

from agent.systems.criterion import Criterion, EvidenceByKey
from agent.systems.spec import Sentence
from agent.systems.wording import take
from agent.types import RunResult

_GEOMETRY = Criterion(
    "rsa-geometry-mean", 0.9, 0.7,
    (
        "an encoder sees the same relations between its parts as before",
        "restoration changed how its parts relate to each other in an encoder",
        "most relations between its parts are as before, but not all",
    ),
)  # fmt: skip
#: Smallest difference of correlations with saliency that counts: about half the width of the
#: interval of one of them over 36 windows.
_SAME = 0.1


def sentences(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield sentences on a run of the tool `compare_representations`."""
    yield from geometry(run, findings)
    yield from saliency(run, findings)


def geometry(_: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether parts of the picture are as similar to each other as before."""
    keys = ("windows", "geometry-mean", "geometry-lowest", "geometry-reference")
    items = take(findings, *(f"rsa-{key}" for key in keys))
    if items and (finding := _GEOMETRY.finding(findings)):
        number, mean, lowest, reference = items
        yield Sentence(
            f"Over {number.value:g} parts of the picture, their likeness to each other before and "
            f"after restoration agrees to {mean.value:g} (Spearman, mean of layers; lowest layer "
            f"{lowest.value:g}; {reference.value:g} for a shift of one pixel): {finding.phrase}.",
            items,
        )


def saliency(_: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether the encoder follows saliency as before."""
    before = "enlarged" if "rsa-saliency-late-enlarged" in findings else "input"
    parts = ("early", "late")
    keys = [f"rsa-saliency-{part}-{v}" for part in parts for v in (before, "restored")]
    if items := take(findings, *keys):
        early, early_after, late, late_after = (item.value for item in items)
        moved = max(abs(early_after - early), abs(late_after - late)) > _SAME
        verdict = (
            "restoration changed how far the encoder follows what draws the eye"
            if moved
            else "restoration left that as it was"
        )
        yield Sentence(
            f"Early layers follow what draws the eye to {early:g} before and {early_after:g} after "
            f"restoration, late ones to {late:g} and {late_after:g}: {verdict}.",
            items,
        )
