"""Sentences on what sharpening changed in an encoder's features of a picture."""

from __future__ import annotations

from collections.abc import Iterator

from agent.systems.criterion import EvidenceByKey
from agent.systems.features.criteria import BOUNDARIES, VIEWS
from agent.systems.spec import Sentence
from agent.systems.wording import take, went
from agent.text import visible
from agent.types import RunResult


def sentences(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield sentences on a run of the tool `sharpen_features`."""
    if items := take(findings, "features-factor", "features-cells-before", "features-cells-after"):
        factor, before, after = (item.value for item in items)
        yield Sentence(
            f"What a vision encoder sees in {visible(run.image)} was made {factor:g} times finer, "
            f"from {before:,.0f} to {after:,.0f} cells, by our implementation of FeatSharp's "
            "method; the authors have released no weights.",
            items,
            names_system=True,
        )
    yield from _views(findings)
    yield from boundaries(run, findings)
    yield from _restoration(findings)


def _views(findings: EvidenceByKey) -> Iterator[Sentence]:
    items = take(findings, "features-view-error-before", "features-view-error-after")
    if items and (finding := VIEWS.finding(findings)):
        yield Sentence(
            "The disagreement of its features with those of shifted and tilted views "
            f"{went(*items)}: {finding.phrase}.",
            [*items, *finding.evidence],
        )


def boundaries(_: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether features fit the boundaries of the picture better."""
    keys = (f"features-distance-{key}" for key in ("before", "after", "chance"))
    items = take(findings, *keys)
    if items and (finding := BOUNDARIES.finding(findings)):
        before, after, chance = items
        yield Sentence(
            f"Boundaries between its features lay {before.format()} from those of the picture "
            f"before sharpening and {after.format()} after, where a place anywhere would lie "
            f"{chance.format()} from them: {finding.phrase}.",
            [*items, *finding.evidence],
        )


def _restoration(findings: EvidenceByKey) -> Iterator[Sentence]:
    if items := take(findings, "features-change-restored"):
        yield Sentence(
            f"Restoring the picture changed what the encoder sees by {items[0].format()} of the "
            "variance of its features.",
            items,
        )
