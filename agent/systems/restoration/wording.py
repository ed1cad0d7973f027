"""Sentences on what restoration did to the edges and the structure of a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from agent.systems.criterion import EvidenceByKey, Finding
from agent.systems.restoration import criteria
from agent.systems.restoration.criteria import (
    BLURRED,
    DIRECTIONS,
    SHARP,
    SOFT,
    UNCHANGED,
    suffixed,
)
from agent.systems.spec import Reply, Sentence
from agent.systems.wording import reply, take, went
from agent.text import format_list, visible
from agent.types import Evidence, RunResult


def sentences(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield sentences on a run of a tool that restores; remaining blur comes first."""
    widths = _widths(findings)
    if not _is_recovered(widths):
        yield from sharpness(run, findings)
    yield from sizes(run, findings)
    if _is_recovered(widths):  # else the first sentence said it
        yield Sentence(
            f"The median 10–90 % width of strong edges {_went(widths)}: {_in_words(widths)}.",
            [i for w in widths for i in (w.before, w.after, w.edges, *w.finding.evidence)],
        )
    yield from halos(run, findings)
    if _is_left_alone(findings):
        change = findings["mean-change"]
        yield Sentence(
            f"Restoration changed a pixel by {change.format()} on average: it left the picture "
            "almost as it was, so it found little there that it could undo.",
            [change],
        )
    else:
        yield from place_of_change(run, findings)
    yield from structure(run, findings)


def _is_left_alone(findings: EvidenceByKey) -> bool:
    change = findings.get("mean-change")
    return change is not None and change.value < UNCHANGED


class _Width(NamedTuple):
    """Edge widths in one direction, before and after."""

    where: str
    before: Evidence
    after: Evidence
    edges: Evidence
    finding: Finding

    @property
    def is_recovered(self) -> bool:
        """Whether blur was removed, or there was hardly any."""
        if self.finding.outcome == "supported":
            return self.after.value < BLURRED
        return self.finding.outcome == "untested" and self.before.value < SOFT


def _widths(findings: EvidenceByKey) -> list[_Width]:
    """Return the widths in each direction that was measured."""
    versions = (_before(findings), "restored")
    widths = []
    for direction, where in DIRECTIONS.items():
        keys = [f"edge-width-{version}" for version in versions] + ["edges"]
        items = take(findings, *(suffixed(key, direction) for key in keys))
        finding = criteria.WIDTHS[direction].finding(findings)
        if items and finding:
            before, after, edges = items
            widths.append(_Width(where, before, after, edges, finding))
    return widths


def _before(findings: EvidenceByKey) -> str:
    """Return the name of the version before restoration."""
    return "enlarged" if (factor := findings.get("factor")) and factor.value > 1 else "input"


def _is_recovered(widths: list[_Width]) -> bool:
    return bool(widths) and all(width.is_recovered for width in widths)


def sharpness(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether the picture came out sharper, and what to try if not."""
    widths = _widths(findings)
    if widths:
        advice = "" if _is_recovered(widths) else f" {_advice(findings)}"
        yield Sentence(
            f"{visible(run.image)} {_came_out(widths)}: the median width of its edges "
            f"{_went(widths)}.{advice}",
            [item for w in widths for item in (w.before, w.after, *w.finding.evidence)],
            reply=_sharper(widths),
        )
    elif items := take(findings, "mean-change"):
        yield Sentence(
            f"Whether {visible(run.image)} came out sharper cannot be told: it has too few strong "
            "edges that can be measured.",
            items,
        )


def _went(widths: list[_Width]) -> str:
    first, *others = (f"{went(w.before, w.after)}{w.where}" for w in widths)
    verb = f"{first.split()[0]} "  # not said twice
    return format_list([first, *(other.removeprefix(verb) for other in others)])


def _in_words(widths: list[_Width]) -> str:
    """Return the phrases of the findings, a single one if both directions agree."""
    plain = {w.finding.phrase.removesuffix(w.where) for w in widths}
    if len(plain) < len(widths):
        phrase = plain.pop()
        return (
            f"{phrase} in {'either direction' if phrase.startswith('no ') else 'both directions'}"
        )
    return format_list([w.finding.phrase for w in widths])


def _came_out(widths: list[_Width]) -> str:
    """Return the verdict, naming the direction if it holds for only one."""
    worse, better = (
        [w for w in widths if w.finding.outcome == outcome]
        for outcome in ("contradicted", "supported")
    )
    if worse:
        where = worse[0].where if len(worse) < len(widths) else ""
        return f"came out more blurred than it was{where}"
    if still := [w for w in widths if not w.is_recovered]:
        if len(better) == len(widths):
            where = still[0].where if len(still) < len(widths) else ""
            return f"came out sharper, but is still blurred{where}"
        return f"came out sharper only{better[0].where}" if better else "is as blurred as it was"
    if not better:
        if _was_sharp(widths):
            return "was sharp already, so there was no blur to remove"
        return "was hardly blurred, and is as sharp as it was"
    soft = ", though it still looks soft" if _is_soft(widths) else ""
    return f"came out sharper{soft}"


def _sharper(widths: list[_Width]) -> Reply:
    """Return the replies to whether it became sharper, and whether it is blurred."""
    outcomes = {w.finding.outcome for w in widths}
    if _is_recovered(widths):
        if "supported" not in outcomes:  # it was sharp before
            return Reply("supported", "", "No" if _was_sharp(widths) else "Hardly")
        return Reply("supported", "Yes", "A little" if _is_soft(widths) else "No")
    if outcomes == {"supported"}:
        return Reply("untested", "Only in part", "Yes")
    if "contradicted" not in outcomes and "supported" in outcomes:
        return Reply("untested", "In one direction only", "In one direction")
    return Reply("contradicted", "No", "Yes")


def _was_sharp(widths: list[_Width]) -> bool:
    return all(w.before.value <= SHARP for w in widths)


def _is_soft(widths: list[_Width]) -> bool:
    return any(w.after.value >= SOFT for w in widths)


def gist(findings: EvidenceByKey) -> Sentence | None:
    """Return a clause on how sharp the edges became; None if blur remains."""
    widths = _widths(findings)
    if not _is_recovered(widths):
        return None
    clauses = [f"{_became(w)} ({w.before.value:g} to {w.after.format()})" for w in widths]
    items = [item for w in widths for item in (w.before, w.after, *w.finding.evidence)]
    halo = criteria.HALOS.finding(findings)
    added = ""
    sharper = all(w.finding.outcome == "supported" for w in widths)
    if sharper and halo and halo.outcome != "untested":
        added = " without a halo" if halo.outcome == "supported" else ", and gained a halo"
        items += halo.evidence
    return Sentence(f"the edges {format_list(clauses)}{added}", items)


def _became(width: _Width) -> str:
    """Return in words how much narrower edges became, if blur was removed or there was none."""
    if width.finding.outcome != "supported":
        sharp = "sharp already" if width.before.value <= SHARP else "hardly blurred"
        return f"were {sharp}{width.where}"
    ratio = width.after.value / width.before.value
    return f"became {next(word for most, word in _NARROWER if ratio <= most)}{width.where}"


#: Maximum ratio of widths for each phrase.
_NARROWER = (
    (0.45, "less than half as wide"),
    (0.55, "about half as wide"),
    (0.85, "clearly narrower"),
    (math.inf, "a little narrower"),
)


def _advice(findings: EvidenceByKey) -> str:
    original = "the least compressed original that you have"
    if _before(findings) == "enlarged":
        return f"Try a smaller factor, {original}, or a new picture."
    half = "a copy reduced to half its size, in which the blur is half as wide"
    return f"Try {original}, {half}, or a new picture."


def sizes(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield the size of the picture before and after."""
    keys = ("input-width", "input-height", "output-width", "output-height", "factor")
    if items := take(findings, *keys):
        w, h, out_w, out_h, factor = (f"{item.value:g}" for item in items)
        name = visible(run.image)
        own = findings.get("network-scale")
        if own and own.value > 1:
            yield Sentence(
                f"{name}, {w} × {h} px, was given to the network as it is; what it gave has "
                f"{out_w} × {out_h} px{_resized(own, findings['factor'])}.",
                [*items, own],
            )
            return
        if factor == "1":
            yield Sentence(f"{name} was restored at {out_w} × {out_h} px.", items[2:4])
            return
        yield Sentence(
            f"{name}, {w} × {h} px, was enlarged {factor}× by bicubic interpolation and then "
            f"restored at {out_w} × {out_h} px.",
            items,
        )


def _resized(own: Evidence, factor: Evidence) -> str:
    """Return how the result of a network was resized that itself enlarges by another factor."""
    if own.value == factor.value:
        return ""
    how = "reduced" if own.value > factor.value else "enlarged"
    return (
        f", {how} from {own.value:g} to {factor.value:g} times the size of the picture by the "
        "bicubic filter"
    )


def halos(_: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether halos appeared beside edges."""
    items = take(findings, f"overshoot-{_before(findings)}", "overshoot-restored")
    if items and (finding := criteria.HALOS.finding(findings)):
        yield Sentence(
            f"Overshoot beside strong edges {went(*items)} of their step: {finding.phrase}.",
            [*items, *finding.evidence],
            reply=_HALOS[finding.outcome],
        )


#: The picture may have had a halo already, so no reply says that there is none.
_HALOS = {
    "supported": Reply("supported", feared="No new ones"),
    "contradicted": Reply("contradicted", "No", "Yes"),
    "untested": Reply("untested", feared="None beyond doubt"),
}


def place_of_change(_: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether the change lies at edges."""
    items = take(findings, "change-near-edges", "area-near-edges")
    if items and (finding := criteria.PLACE_OF_CHANGE.finding(findings)):
        yield Sentence(
            f"{items[0].format()} of the squared change lies within 3 px of strong edges, which "
            f"take up {items[1].format()} of the picture: {finding.phrase}.",
            [*items, *finding.evidence],
        )


def invention(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether anything was invented, that is, changed away from edges to sharpen."""
    finding = criteria.FLAT_AREAS.finding(findings)
    answer = _INVENTION[finding.outcome] if finding else None
    for sentence in away_from_edges(run, findings):
        yield sentence._replace(reply=answer)


#: The change elsewhere does not show inventions at edges.
_INVENTION = {
    "supported": Reply("supported", "Probably", "Probably not"),
    "contradicted": Reply("contradicted", "Probably not", "Possibly"),
    "untested": Reply("untested", "Not beyond doubt", "Possibly a little"),
}


def away_from_edges(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether anything changed away from strong edges."""
    if finding := criteria.FLAT_AREAS.finding(findings):
        (item,) = finding.evidence
        yield Sentence(
            f"A pixel of {visible(run.image)} that is more than 3 px away from strong edges "
            f"changed by {item.format()} on average: {finding.phrase}.",
            finding.evidence,
        )
    if not _is_left_alone(findings):  # else there is hardly a change to locate
        yield from place_of_change(run, findings)


def colours(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether colours changed."""
    if finding := criteria.COLOURS.finding(findings):
        (item,) = finding.evidence
        yield Sentence(
            f"The colour of a pixel of {visible(run.image)} changed by {item.format()} on average: "
            f"{finding.phrase}.",
            finding.evidence,
            reply=reply(finding),
        )


def structure(_: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield whether it is still the same picture."""
    if finding := criteria.STRUCTURE.finding(findings):
        (item,) = finding.evidence
        yield Sentence(
            f"Brightness over blocks of 24 × 24 px agrees to {item.format()} (PSNR) with that "
            f"before: {finding.phrase}.",
            finding.evidence,
            reply=reply(finding),
        )
    if finding := criteria.LIKENESS.finding(findings):
        (item,) = finding.evidence
        yield Sentence(
            f"Scaled back down, the result matches your picture at {item.format()} PSNR, "
            f"{finding.phrase}.",
            finding.evidence,
            reply=reply(finding),
        )
