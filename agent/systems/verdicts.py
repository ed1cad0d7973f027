"""Whether the measurements on a picture bear out what an explanation leads to expect.

A claim of the registry may name a test; what a test looks at, and from which value on it supports
or contradicts, is settled in this table, so that data cannot name code. The thresholds were chosen
before any picture was measured with them; docs/evidence.md says why they are where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.types import Card, Claim, Evidence, Statement, Verdict

Outcome = Literal["supported", "contradicted", "untested"]


@dataclass(frozen=True)
class Test:
    """One quantity and its thresholds, with what each outcome means in words."""

    key: str
    """Of the evidence that decides, behind the stem of the picture."""
    supports: float
    contradicts: float
    """Beyond it, away from `supports`, the claim is contradicted; between them nothing is said."""
    said: tuple[str, str, str]
    """What is said where it is supported, contradicted, and neither."""
    absent: tuple[str, str] | None = None
    """Key of evidence that, where it is 0, says that there is nothing to test; and what is said."""

    def outcome(self, item: Evidence) -> Outcome:
        """Decided by the whole interval of the value, where it has one."""
        low, high = item.interval or (item.value, item.value)
        if self.supports < self.contradicts:
            low, high = -high, -low
        sign = -1 if self.supports < self.contradicts else 1
        if low >= sign * self.supports:
            return "supported"
        return "contradicted" if high <= sign * self.contradicts else "untested"


_LINES = ("text-lines", "no text was found in the picture")
TESTS: Mapping[str, Test] = {
    "edges-narrow": Test(
        "edge-width-ratio", 0.97, 1.03,
        (
            "edges came out narrower",
            "edges came out wider",
            "edges came out no narrower beyond doubt",
        ),
    ),
    "no-halos": Test(
        "overshoot-change", 1.0, 3.0,
        ("edges gained no halo", "edges gained a halo", "halos may have grown a little"),
    ),
    "change-at-edges": Test(
        "change-concentration", 1.5, 1.1,
        (
            "the change is gathered at edges",
            "the change is spread over the picture",
            "the change is gathered at edges only a little",
        ),
    ),
    "structure-kept": Test(
        "low-frequency-agreement", 40.0, 30.0,
        (
            "the broad structure is what it was",
            "the broad structure was changed",
            "the brightness of small areas shifted a little",
        ),
    ),
    "text-kept": Test(
        "text-confidence-change", -1.0, -3.0,
        (
            "text is read as surely as before, or more so",
            "text is read less surely than before",
            "text may be read a little less surely than before",
        ),
        _LINES,
    ),
    "attention-sharpens": Test(
        "silenced-attention-width-ratio", 1.03, 0.97,
        (
            "without it edges come out wider",
            "without it edges come out narrower",
            "without it edges come out no wider beyond doubt",
        ),
    ),
    "fusion-sharpens": Test(
        "silenced-fusion-width-ratio", 1.03, 0.97,
        (
            "without it edges come out wider",
            "without it edges come out narrower",
            "without it edges come out no wider beyond doubt",
        ),
    ),
    "features-align": Test(
        "features-distance-ratio", 0.97, 1.03,
        (
            "boundaries of features came closer to those of the picture",
            "boundaries of features moved away from those of the picture",
            "boundaries of features came no closer to those of the picture beyond doubt",
        ),
    ),
    "features-agree": Test(
        "features-view-error-ratio", 0.97, 1.03,
        (
            "the finer features agree better with other views of the picture",
            "the finer features agree worse with other views of the picture",
            "the finer features agree no better with other views of the picture",
        ),
    ),
}  # fmt: skip

_NO_TEST = "no measurement here bears on it"
_NOT_MEASURED = "what would test it could not be measured on the picture"
#: Sections whose sentences explain. What complements them is judged where it can be tested.
_EXPLAINS, _COMPLEMENTS = ("task", "workflow"), "complementary"


def verdicts_on(
    statements: Sequence[Statement], cards: Iterable[Card], evidence: Iterable[Evidence]
) -> list[Verdict | None]:
    """The verdict on each of several sentences, which cite claims of the cards."""
    measured = list(evidence)
    if not measured:
        return [None] * len(statements)
    claims = {f"{card.id}/{claim.id}": claim for card in cards for claim in card.claims}
    return [verdict_on(statement, claims, measured) for statement in statements]


def verdict_on(
    statement: Statement, claims: Mapping[str, Claim], evidence: Iterable[Evidence]
) -> Verdict | None:
    """The verdict on a sentence; None for one that explains nothing, or with nothing measured.

    Of several claims and pictures the worst decides, and what is not measured decides nothing.

    Args:
        claims: by fact id; what a statement cites beside them, such as a summary, is not judged.
    """
    own = [claims[id] for id in statement.claims if id in claims]
    measured = list(evidence)
    if statement.section not in (*_EXPLAINS, _COMPLEMENTS) or not own or not measured:
        return None
    tests = [TESTS[claim.test] for claim in own if claim.test and claim.test in TESTS]
    if not tests and statement.section == _COMPLEMENTS:
        return None
    if not tests:
        return Verdict(outcome="untested", reason=_NO_TEST)
    found = [verdict for test in tests for verdict in _verdicts(test, measured)]
    for outcome in ("contradicted", "untested", "supported"):
        same = [verdict for verdict in found if verdict.outcome == outcome]
        if same:
            ids = dict.fromkeys(id for verdict in same for id in verdict.evidence)
            return same[0].model_copy(update={"evidence": tuple(ids)})
    return Verdict(outcome="untested", reason=_NOT_MEASURED)


def _verdicts(test: Test, measured: Iterable[Evidence]) -> Iterator[Verdict]:
    """One for each picture on which the test, or that there is nothing to test, was measured."""
    for item in measured:
        key = item.id.rpartition(".")[2]
        if key == test.key:
            outcome = test.outcome(item)
            said = dict(zip(("supported", "contradicted", "untested"), test.said, strict=True))
            yield Verdict(outcome=outcome, reason=said[outcome], evidence=(item.id,))
        elif test.absent and key == test.absent[0] and not item.value:
            yield Verdict(outcome="untested", reason=test.absent[1], evidence=(item.id,))
