"""Comparison of two reports on one question.

It separates two kinds of difference: conditions, such as the registry or the weights, and outcomes.
Only outcomes decide whether two answers are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Literal

from agent.types import Evidence, FrozenModel, Report

#: Two measurements are the same within this share of the larger one, or within the step below.
RELATIVE = 0.02
#: Differences by unit that do not count near zero.
ABSOLUTE = {
    "": 0.01, "×": 0.02, "px": 0.03, "grey levels (0–255)": 0.05, "dB": 0.2, "%": 0.5,
    "percentage points": 0.5, "lines": 1, "words": 1, "places": 1,
}  # fmt: skip
#: Largest mean absolute difference of two equal pictures, in grey levels of 255.
MEAN_LEVELS = 0.5
#: Share of the characters read in a picture that must agree.
LIKENESS = 0.9

#: Settings that name a file; files are compared by hash, not by path.
_FILES = ("registry", "weights")

Part = Literal[
    "question", "input", "version", "registry", "prompts", "settings", "weights", "libraries",
    "retrieval", "runs", "references", "evidence", "pictures", "statements",
]  # fmt: skip


#: Section, facts and evidence of a statement.
Support = tuple[str, tuple[str, ...], tuple[str, ...]]


class Difference(FrozenModel):
    """One difference; `old` or `new` is None if it is missing on that side."""

    part: Part
    key: str
    old: str | None
    new: str | None
    note: str = ""
    """How far apart the two are, and the tolerance."""
    within: bool = False
    """Whether the difference is within the tolerance and does not count."""


class Comparison(FrozenModel):
    """The differences between two reports."""

    conditions: tuple[Difference, ...] = ()
    """Differences in what the answers rest on."""
    outcomes: tuple[Difference, ...] = ()
    """Differences in the results."""
    compared: dict[str, int]
    """Number of outcomes of each kind in the first report."""
    same: bool
    """Whether no outcome differs by more than the tolerance."""


def compare(old: Report, new: Report) -> Comparison:
    """Compare two reports; the first is the expected one.

    Statements are compared by the facts and evidence they rest on, since their text contains
    measured numbers; if a language model wrote them, they are not compared. Pictures are compared
    by their bytes, and if those differ by their pixels, if both reports have them.
    """
    outcomes = [
        *_runs(old, new), *_references(old, new), *_evidence(old, new), *_pictures(old, new),
        *_statements(old, new),
    ]  # fmt: skip
    return Comparison(
        conditions=tuple(_conditions(old, new)),
        outcomes=tuple(outcomes),
        compared={
            "references": len(old.answer.references),
            "statements": len(old.answer.statements),
            "evidence": len(old.evidence),
            "pictures": len(_artefacts(old)),
        },
        same=all(item.within for item in outcomes),
    )


# --- conditions -------------------------------------------------------------------------------


def _conditions(old: Report, new: Report) -> Iterator[Difference]:
    yield from _differences("question", _question_parts(old), _question_parts(new))
    yield from _differences("input", _inputs(old), _inputs(new))
    yield from _differences("version", {"groundglass": old.version}, {"groundglass": new.version})
    yield from _differences(
        "registry", {"sha256": old.registry_sha256}, {"sha256": new.registry_sha256}
    )
    yield from _differences(
        "prompts", {"sha256": old.prompts_sha256}, {"sha256": new.prompts_sha256}
    )
    yield from _differences("settings", _settings(old), _settings(new))
    yield from _differences("weights", _weights(old), _weights(new))
    yield from _differences("libraries", _libraries(old), _libraries(new))
    yield from _differences("retrieval", {"mode": old.retrieval}, {"mode": new.retrieval})


def _question_parts(report: Report) -> dict[str, object]:
    turns = "; ".join(turn.question for turn in report.question.turns)
    return {
        "text": report.question.text,
        "enlarge by": report.question.upscale,
        "earlier questions": turns or None,
        "brief": report.brief.sha256 if report.brief else None,
    }


def _inputs(report: Report) -> dict[str, object]:
    return {f"{i}. {item.path.name}": item.sha256 for i, item in enumerate(report.inputs, 1)}


def _settings(report: Report) -> dict[str, object]:
    return {name: value for name, value in report.settings.items() if name not in _FILES}


def _weights(report: Report) -> dict[str, object]:
    return {run.tool: run.provenance.weights_sha256 for run in report.runs if run.status == "ran"}


def _libraries(report: Report) -> dict[str, object]:
    libraries: dict[str, object] = {}
    for run in report.runs:
        if run.status == "ran":
            libraries |= {f"{run.tool}: {k}": v for k, v in run.provenance.versions.items()}
            libraries[f"{run.tool}: device"] = run.provenance.device
            libraries[f"{run.tool}: precision"] = run.provenance.dtype
    return libraries


# --- outcomes ---------------------------------------------------------------------------------


def _runs(old: Report, new: Report) -> Iterator[Difference]:
    yield from _differences("runs", _statuses(old), _statuses(new))


def _statuses(report: Report) -> dict[str, object]:
    return {
        f"{run.tool or 'nothing'} on {run.image}": (
            run.status if run.reason is None else f"{run.status}: {run.reason}"
        )
        for run in report.runs
    }


def _references(old: Report, new: Report) -> Iterator[Difference]:
    before, after = ({r.card: r for r in report.answer.references} for report in (old, new))
    cited = ({card: reference.name for card, reference in side.items()} for side in (before, after))
    missing = [d for d in _differences("references", *cited) if d.old is None or d.new is None]
    yield from missing
    for card in [card for card in before if card in after]:
        fields = ({f"{card}: {k}": v for k, v in side[card]} for side in (before, after))
        yield from _differences("references", *fields)
    if not missing and list(before) != list(after):
        yield Difference(
            part="references", key="order", old=", ".join(before), new=", ".join(after)
        )


def _evidence(old: Report, new: Report) -> Iterator[Difference]:
    before = {item.id: item for item in old.evidence}
    after = {item.id: item for item in new.evidence}
    for key in dict.fromkeys((*before, *after)):
        a, b = before.get(key), after.get(key)
        if a is None or b is None or a.unit != b.unit:
            yield Difference(
                part="evidence",
                key=key,
                old=a.format() if a else None,
                new=b.format() if b else None,
            )
        elif a.value != b.value or a.text != b.text:
            limit = tolerance(a, b)
            likeness = _likeness(a.text or "", b.text or "")
            read = f"; words {100 * likeness:.0f} % alike" if a.text != b.text else ""
            yield Difference(
                part="evidence",
                key=key,
                old=a.format(),
                new=b.format(),
                note=f"apart {abs(a.value - b.value):.3g}, tolerance {limit:.3g}" + read,
                within=abs(a.value - b.value) <= limit and likeness >= LIKENESS,
            )


def _likeness(old: str, new: str) -> float:
    """Return the share of characters, in [0, 1], that two texts have in common, in order."""
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(old, new)


def tolerance(a: Evidence, b: Evidence) -> float:
    """Return how far two values of one measurement may be apart; docs/replay.md derives it.

    Values counted from a file, such as a width, have to be equal.
    """
    if a.method == "counted from the file":
        return 0.0
    return max(RELATIVE * max(abs(a.value), abs(b.value)), ABSOLUTE.get(a.unit, 0.0))


def _pictures(old: Report, new: Report) -> Iterator[Difference]:
    before, after = _artefacts(old), _artefacts(new)
    for name in dict.fromkeys((*before, *after)):
        a, b = before.get(name), after.get(name)
        if a == b:
            continue
        apart = None
        if a and b and _has_file(old, name, a) and _has_file(new, name, b):
            apart = _levels_apart(old.pictures[name], new.pictures[name])
        note = "" if apart is None else (
            f"mean difference {apart:.3g} of 255 grey levels, tolerance {MEAN_LEVELS:g}"
        )  # fmt: skip
        if a and b and apart is None:
            note = "different sizes, or a picture is missing"
        within = apart is not None and apart <= MEAN_LEVELS
        yield Difference(part="pictures", key=name, old=a, new=b, note=note, within=within)


def _artefacts(report: Report) -> dict[str, str]:
    return {item.name: item.sha256 for run in report.runs for item in run.artefacts}


def _has_file(report: Report, name: str, digest: str) -> bool:
    return name in report.pictures and sha256(report.pictures[name]).hexdigest() == digest


def _levels_apart(old: bytes, new: bytes) -> float | None:
    """Return the mean absolute difference of two PNG files in grey levels of 255.

    None if their sizes differ.
    """
    import numpy as np

    from agent.imaging.picture import white_level
    from agent.imaging.reading import read_bytes

    a, b = (read_bytes(content, "picture", "picture").pixels for content in (old, new))
    if a.shape != b.shape or a.dtype != b.dtype:
        return None
    scale = 255 / white_level(a)
    return float(np.abs(a.astype(np.float64) - b).mean() * scale)


def _statements(old: Report, new: Report) -> Iterator[Difference]:
    if _model_wrote(old) or _model_wrote(new):
        return
    before, after = _supports(old), _supports(new)
    for support in sorted(before.keys() ^ after.keys()):
        section, claims, evidence = support
        key = f"{section}: {', '.join((*claims, *evidence))}"
        yield Difference(
            part="statements", key=key, old=before.get(support), new=after.get(support)
        )


def _supports(report: Report) -> dict[Support, str]:
    return {(s.section, s.claims, s.evidence): s.text for s in report.answer.statements}


def _model_wrote(report: Report) -> bool:
    return report.tokens > 0


def _differences(
    part: Part, old: Mapping[str, object], new: Mapping[str, object]
) -> Iterable[Difference]:
    for key in dict.fromkeys((*old, *new)):
        a, b = old.get(key), new.get(key)
        if a != b:
            yield Difference(part=part, key=key, old=_text(a), new=_text(b))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
