"""What restoring a picture did to its edges and its structure, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from agent.systems.spec import Findings, Sentence
from agent.systems.wording import compared, take
from agent.text import visible
from agent.types import RunResult

#: PSNR in dB from which the reduced result counts as the same picture, and below which as another.
_KEPT, _CHANGED = 38.0, 30.0
#: Mean change in grey levels below which a picture counts as left as it was: where a value changes
#: by less than half a level, it rounds to what it was.
_LEFT = 0.5


def sentences(run: RunResult, found: Findings) -> Iterator[Sentence]:
    """Sentences on a run of the tool `restore`."""
    before = "enlarged" if "edge-width-enlarged" in found or "consistency" in found else "input"
    yield from _sizes(run, found)
    left_alone = list(_left_alone(found))
    yield from left_alone
    yield from _edges(found, before)
    yield from _overshoot(found, before)
    if not left_alone:  # else there is hardly a change to have a place
        yield from _place_of_change(found)
    yield from _consistency(found)


def _sizes(run: RunResult, found: Findings) -> Iterator[Sentence]:
    keys = ("input-width", "input-height", "output-width", "output-height", "factor")
    if items := take(found, *keys):
        w, h, out_w, out_h, factor = (f"{item.value:g}" for item in items)
        enlarged = (
            f"was enlarged {factor}× by bicubic interpolation and then " if factor != "1" else ""
        )
        yield (
            f"The network was run on {visible(run.image)}: the picture of {w} × {h} px {enlarged}"
            f"restored at {out_w} × {out_h} px.",
            items if enlarged else items[:4],
        )


def _left_alone(found: Findings) -> Iterator[Sentence]:
    if (items := take(found, "mean-change")) and items[0].value < _LEFT:
        yield (
            f"Restoration changed a pixel by {items[0].value:g} grey levels of 255 on average: it "
            "left the picture almost as it was, so it found little there that it could undo.",
            items,
        )


def _edges(found: Findings, before: str) -> Iterator[Sentence]:
    if items := take(found, f"edge-width-{before}", "edge-width-restored", "edges"):
        old, new, number = items
        verdict = compared(
            old.value,
            new.value,
            less="so edges did come out sharper",
            more="so edges came out softer, against what the explanation leads to expect",
            same="so edges are as sharp as they were",
        )
        yield (
            f"Across {number.value:,.0f} strong edges the median 10–90 % width went from "
            f"{old.value:g} px to {new.value:g} px, {verdict}.",
            items,
        )


def _overshoot(found: Findings, before: str) -> Iterator[Sentence]:
    if items := take(found, f"overshoot-{before}", "overshoot-restored"):
        old, new = items
        verdict = compared(
            old.value,
            new.value,
            less="so the gain was not bought with halos",
            more="so there is more of a halo beside them",
            same="so halos are what they were",
        )
        yield (
            f"Overshoot beside those edges went from {old.value:g} % to {new.value:g} % of their "
            f"step, {verdict}.",
            items,
        )


def _place_of_change(found: Findings) -> Iterator[Sentence]:
    if items := take(found, "change-near-edges", "area-near-edges"):
        share, area = items
        verdict = (
            "the network worked on the edges and left flat areas almost alone"
            if share.value >= 1.5 * area.value
            else "the change is spread over the picture rather than kept to its edges"
        )
        yield (
            f"{share.value:g} % of the squared change lies within 3 px of strong edges, which take "
            f"up {area.value:g} % of the picture: {verdict}.",
            items,
        )


def _consistency(found: Findings) -> Iterator[Sentence]:
    if items := take(found, "consistency"):
        value = items[0].value
        verdict = "the structure of your picture was kept"
        if value < _CHANGED:
            verdict = "the result departs from your picture; look for invented detail"
        elif value < _KEPT:
            verdict = "most of your picture's structure was kept"
        yield (
            f"Reduced to its former size, the result agrees with your picture to {value:g} dB "
            f"(PSNR): {verdict}.",
            items,
        )
