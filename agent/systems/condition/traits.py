"""Traits of a picture that bear on which model suits it.

A trait is clear-cut: a value between two thresholds makes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.systems.condition.criteria import BLOCKS, GRAPHIC, NOISE, PAGE, PREFIX, SMALL_TEXT, SOFT
from agent.systems.criterion import Criterion, EvidenceByKey
from agent.systems.wording import take
from agent.types import Defect, Evidence, RunResult, Subject

DRAWN: tuple[Subject, ...] = ("anime", "cartoon", "manga")
"""Subjects that a drawing may show; its pixels do not tell which."""
PHOTOGRAPH: tuple[Subject, ...] = ("photo",)


@dataclass(frozen=True)
class Trait:
    """A property that a picture clearly has or clearly lacks."""

    phrase: str
    """What to say about the picture after its name: `is soft (…)`."""
    evidence: tuple[Evidence, ...]
    defects: tuple[Defect, ...] = ()
    """Defects of which a model should remove any."""
    subjects: tuple[Subject, ...] = ()
    """Subjects of which a model should be made for any."""
    is_there: bool = True
    """False if the picture clearly lacks these defects."""


def traits_of(runs: Iterable[RunResult]) -> Iterator[tuple[str, tuple[Trait, ...]]]:
    """Yield the name of each measured picture with its traits."""
    for run in runs:
        findings = {item.id.rpartition(".")[2]: item for item in run.evidence}
        if any(key.startswith(PREFIX) for key in findings):
            yield run.image, tuple(traits(findings))


def traits(findings: EvidenceByKey) -> Iterator[Trait]:
    """Yield the traits that the measurements of one picture show."""
    for criterion, defects, there, absent in _DEFECTS:
        finding = criterion.finding(findings)
        if finding and finding.outcome != "untested":
            is_there = finding.outcome == "supported"
            phrase = (there if is_there else absent).format(finding.evidence[0].format())
            yield Trait(phrase, finding.evidence, defects, is_there=is_there)
    text = take(findings, f"{PREFIX}line-height", f"{PREFIX}text-share")
    if kind := _kind(findings, is_page=text is not None and text[1].value >= PAGE):
        yield kind
    if text and text[0].value <= SMALL_TEXT:
        phrase = f"holds small text (half of its lines are at most {text[0].format()} high)"
        yield Trait(phrase, tuple(text), subjects=("text",))


_BREAKS = "it breaks {} as strongly at the borders of 8 × 8 squares as in them"
_DEFECTS: tuple[tuple[Criterion, tuple[Defect, ...], str, str], ...] = (
    (
        SOFT, ("blur",),
        "is soft (three quarters of its edges spread over more than {})",
        "is sharp (a quarter of its edges spread over less than {})",
    ),
    (
        BLOCKS, ("jpeg", "compression"),
        f"shows JPEG blocks ({_BREAKS})",
        f"shows no JPEG blocks ({_BREAKS})",
    ),
    (
        NOISE, ("noise",),
        "is noisy (a standard deviation of {})",
        "is hardly noisy (a standard deviation of {})",
    ),
)  # fmt: skip
"""Criterion, defects that a model should remove, phrases for a picture with and without them."""


def _kind(findings: EvidenceByKey, is_page: bool) -> Trait | None:
    """Return whether it is drawn or a photograph; a page of text has the colours of a drawing."""
    verdicts = [finding for one in GRAPHIC if (finding := one.finding(findings))]
    outcomes = {finding.outcome for finding in verdicts}
    evidence = tuple(item for finding in verdicts for item in finding.evidence)
    if outcomes == {"supported"} and not is_page:
        phrase = "is drawn in few colours (four fill {} of it)"
        return Trait(phrase.format(evidence[0].format()), evidence, subjects=DRAWN)
    if outcomes == {"contradicted"}:
        phrase = "is shaded like a photograph (its four commonest colours fill {} of it)"
        return Trait(phrase.format(evidence[0].format()), evidence, subjects=PHOTOGRAPH)
    return None
