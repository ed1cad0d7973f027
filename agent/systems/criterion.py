"""`Criterion`: the one place that decides when a measurement is for or against something.

A sentence about a measurement ends in the phrase of a `Finding`, and the mark after an explanation
is the outcome of the same finding, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from agent.types import Evidence

Outcome = Literal["supported", "contradicted", "untested"]
EvidenceByKey = Mapping[str, Evidence]
"""Evidence of one run, by its id without the stem of the picture."""


class Finding(NamedTuple):
    """What a measurement shows: for, against, or neither beyond doubt."""

    outcome: Outcome
    phrase: str
    """In a few words, without numbers."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Criterion:
    """A decision by the whole interval of one measurement, or by its value if it has none."""

    key: str
    """Key of the decisive evidence: its id without the stem of the picture."""
    supports: float
    contradicts: float
    """The finding is against if the whole interval lies beyond this, away from `supports`."""
    phrases: tuple[str, str, str]
    """Phrases for the outcomes for, against, and neither."""
    unchanged: tuple[float, str] | None = None
    """The value that means no change, and the phrase if neither is decided and the interval spans
    that value."""
    absent: tuple[str, str] | None = None
    """Key of evidence whose value 0 means that there is nothing to test, and the phrase for it."""

    def finding(self, findings: EvidenceByKey) -> Finding | None:
        """Return the finding of a run; None if what decides was not measured."""
        if item := findings.get(self.key):
            outcome = self._outcome(*_interval(item))
            return Finding(outcome, self._phrase(item, outcome), (item,))
        if self.absent and (nothing := findings.get(self.absent[0])) and not nothing.value:
            return Finding("untested", self.absent[1], (nothing,))
        return None

    def _outcome(self, low: float, high: float) -> Outcome:
        supports, contradicts = self.supports, self.contradicts
        if supports < contradicts:  # less is better: negate, so that more is
            low, high, supports, contradicts = -high, -low, -supports, -contradicts
        if low >= supports:
            return "supported"
        return "contradicted" if high <= contradicts else "untested"

    def _phrase(self, item: Evidence, outcome: Outcome) -> str:
        if outcome == "untested" and self.unchanged:
            low, high = _interval(item)
            none, words = self.unchanged
            if low <= none <= high:
                return words
        return self.phrases[("supported", "contradicted", "untested").index(outcome)]


def _interval(item: Evidence) -> tuple[float, float]:
    return item.interval or (item.value, item.value)


def worst(findings: Iterable[Finding]) -> Finding | None:
    """Return the worst of several findings, with the evidence of all that are as bad.

    EvidenceByKey against outweigh undecided ones, and these outweigh findings for.
    """
    several = list(findings)
    for outcome in ("contradicted", "untested", "supported"):
        if same := [finding for finding in several if finding.outcome == outcome]:
            items = {item.id: item for finding in same for item in finding.evidence}
            return same[0]._replace(evidence=tuple(items.values()))
    return None
