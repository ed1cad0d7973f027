"""`Criterion`: from which value on a measurement speaks for or against something, in one place.

A sentence about a measurement ends in the words of a `Finding`, and the mark behind an explanation
is the outcome of the same one, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from agent.types import Evidence

Outcome = Literal["supported", "contradicted", "untested"]
Findings = Mapping[str, Evidence]
"""Evidence of one run by what follows the stem of the picture in its id."""


class Finding(NamedTuple):
    """What a measurement says: for, against, or neither beyond doubt."""

    outcome: Outcome
    said: str
    """In a few words, without numbers."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Criterion:
    """Decides by the whole interval of one measurement, or by its value where it has none."""

    key: str
    """Of the evidence that decides, behind the stem of the picture."""
    supports: float
    contradicts: float
    """Where the whole interval lies beyond it, away from `supports`, the finding is against."""
    said: tuple[str, str, str]
    """What is said where it is for, against, and neither."""
    unchanged: tuple[float, str] | None = None
    """The value of no change, and what is said where it is neither for nor against and the
    interval spans that value."""
    absent: tuple[str, str] | None = None
    """Key of evidence that, where it is 0, says that there is nothing to test; and what is said."""

    def finding(self, findings: Findings) -> Finding | None:
        """The finding of a run; None where what decides was not measured."""
        if item := findings.get(self.key):
            outcome = self._outcome(*_interval(item))
            return Finding(outcome, self._words(item, outcome), (item,))
        if self.absent and (nothing := findings.get(self.absent[0])) and not nothing.value:
            return Finding("untested", self.absent[1], (nothing,))
        return None

    def _outcome(self, low: float, high: float) -> Outcome:
        supports, contradicts = self.supports, self.contradicts
        if supports < contradicts:  # less is better: turned round, more is
            low, high, supports, contradicts = -high, -low, -supports, -contradicts
        if low >= supports:
            return "supported"
        return "contradicted" if high <= contradicts else "untested"

    def _words(self, item: Evidence, outcome: Outcome) -> str:
        if outcome == "untested" and self.unchanged:
            low, high = _interval(item)
            none, words = self.unchanged
            if low <= none <= high:
                return words
        return self.said[("supported", "contradicted", "untested").index(outcome)]


def _interval(item: Evidence) -> tuple[float, float]:
    return item.interval or (item.value, item.value)


def worst(findings: Iterable[Finding]) -> Finding | None:
    """Of several findings the one that counts, with the evidence of all that are as bad.

    One against outweighs those that are open, and these outweigh those that are for.
    """
    several = list(findings)
    for outcome in ("contradicted", "untested", "supported"):
        if same := [finding for finding in several if finding.outcome == outcome]:
            items = {item.id: item for finding in same for item in finding.evidence}
            return same[0]._replace(evidence=tuple(items.values()))
    return None
