"""What sharpening an encoder's features of a picture changed, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from agent.systems.spec import Findings, Sentence
from agent.systems.wording import compared, take
from agent.text import visible
from agent.types import RunResult


def sentences(run: RunResult, found: Findings) -> Iterator[Sentence]:
    """Sentences on a run of the tool `sharpen_features`."""
    if items := take(found, "features-factor", "features-cells-before", "features-cells-after"):
        factor, before, after = (item.value for item in items)
        yield (
            f"What a vision encoder sees in {visible(run.image)} was made {factor:g} times finer, "
            f"from {before:,.0f} to {after:,.0f} cells, by our implementation of FeatSharp's "
            "method; the authors have released no weights.",
            items,
        )
    yield from _views(found)
    yield from _boundaries(found)
    yield from _restoration(found)


def _views(found: Findings) -> Iterator[Sentence]:
    if items := take(found, "features-view-error-before", "features-view-error-after"):
        before, after = items
        verdict = compared(
            before.value,
            after.value,
            less="so the finer map does say more than the coarse one enlarged",
            more="so on this picture the coarse map, simply enlarged, would have been better",
            same="so nothing was gained over simply enlarging the coarse map",
        )
        yield (
            "Its disagreement with what the encoder sees in shifted and tilted views went from "
            f"{before.shown()} to {after.shown()}, {verdict}.",
            items,
        )


def _boundaries(found: Findings) -> Iterator[Sentence]:
    keys = (f"features-distance-{key}" for key in ("before", "after", "chance"))
    if items := take(found, *keys):
        before, after, chance = items
        verdict = compared(
            before.value,
            after.value,
            less="they came closer",
            more="they moved away, against what the explanation leads to expect",
            same="they stayed where they were",
        )
        ratio = found.get("features-distance-ratio")
        if ratio and ratio.interval and ratio.interval[0] <= 1 <= ratio.interval[1]:
            verdict = "no more change than there is between parts of the picture"
        yield (
            f"Boundaries between its features lay {before.shown()} from those of the picture "
            f"before sharpening and {after.shown()} after, where a place anywhere would lie "
            f"{chance.shown()} from them: {verdict}.",
            [*items, ratio] if ratio else items,
        )


def _restoration(found: Findings) -> Iterator[Sentence]:
    if items := take(found, "features-change-restored"):
        yield (
            f"Restoring the picture changed what the encoder sees by {items[0].shown()} of the "
            "variance of its features.",
            items,
        )
