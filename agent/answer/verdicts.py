"""Whether the measurements on a picture bear out what an explanation leads to expect.

A claim of the registry may name a test of a tool; what it looks at, and from which value on it
supports or contradicts, is settled by the tool's spec, so that data cannot name code. The
thresholds were chosen before any picture was measured with them; docs/evidence.md says why they
are where they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from agent.systems.catalogue import RESTORERS, VERDICT_TESTS
from agent.systems.criterion import Findings, worst
from agent.types import Card, Claim, Evidence, RunResult, Statement, Verdict

_NO_TEST = "no measurement here bears on it"
_NOT_MEASURED = "what would test it could not be measured on the picture"
#: Sections whose sentences explain. What complements them is judged where it can be tested.
_EXPLAINS, _COMPLEMENTS = ("answer", "task", "workflow"), "complementary"


def verdicts_on(
    statements: Sequence[Statement],
    cards: Iterable[Card],
    evidence: Iterable[Evidence],
    restorers: Collection[str] = (),
) -> list[Verdict | None]:
    """The verdict on each of several sentences, which cite claims of the cards.

    What one network did to a picture says nothing of another, so claims on a network that did not
    run where another did are not tested.

    Args:
        restorers: keys of the tools that restored the pictures; none where that is not known.
    """
    evidence = list(evidence)
    if not evidence:
        return [None] * len(statements)
    claims = {
        f"{card.id}/{claim.id}": _untested(claim) if _is_of_another(card, restorers) else claim
        for card in cards
        for claim in card.claims
    }
    return [verdict_on(statement, claims, evidence) for statement in statements]


def restorers_of(runs: Iterable[RunResult]) -> frozenset[str]:
    """Keys of the tools that restored a picture."""
    return frozenset(run.tool for run in runs if run.status == "ran" and run.tool in RESTORERS)


def _is_of_another(card: Card, restorers: Collection[str]) -> bool:
    """Whether a card is of a network that did not run where another did."""
    return bool(restorers) and card.tool in RESTORERS and card.tool not in restorers


def _untested(claim: Claim) -> Claim:
    return claim.model_copy(update={"test": None})


def verdict_on(
    statement: Statement, claims: Mapping[str, Claim], evidence: Iterable[Evidence]
) -> Verdict | None:
    """The verdict on a sentence; None for one that explains nothing, or with nothing measured.

    Of several claims and pictures the worst decides, and what is not measured decides nothing.

    Args:
        claims: by fact id; what a statement cites beside them, such as a summary, is not judged.
    """
    own = [claims[id] for id in statement.claims if id in claims]
    evidence = list(evidence)
    if statement.section not in (*_EXPLAINS, _COMPLEMENTS) or not own or not evidence:
        return None
    tests = [
        VERDICT_TESTS[claim.test] for claim in own if claim.test and claim.test in VERDICT_TESTS
    ]
    if not tests and statement.section == _COMPLEMENTS:
        return None
    if not tests:
        return Verdict(outcome="untested", reason=_NO_TEST)
    pictures = findings_by_picture(evidence)
    criteria = dict.fromkeys(criterion for test in tests for criterion in test)
    findings = (criterion.finding(picture) for criterion in criteria for picture in pictures)
    if finding := worst(finding for finding in findings if finding):
        ids = tuple(item.id for item in finding.evidence)
        return Verdict(outcome=finding.outcome, reason=finding.said, evidence=ids)
    return Verdict(outcome="untested", reason=_NOT_MEASURED)


def findings_by_picture(evidence: Iterable[Evidence]) -> list[Findings]:
    """Evidence of each picture by what follows the stem of the picture in its id."""
    pictures: dict[str, dict[str, Evidence]] = {}
    for item in evidence:
        stem, _, key = item.id.rpartition(".")
        pictures.setdefault(stem, {})[key] = item
    return list(pictures.values())
