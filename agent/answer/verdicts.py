"""Verdicts: whether the measurements on a picture bear out what an explanation predicts.

A claim of the registry may name a test of a tool; what the test looks at, and at which values it
supports or contradicts, is defined in the tool's spec, so that data cannot name code. The
thresholds were chosen before any picture was measured with them; docs/evidence.md explains them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from agent.systems.catalogue import RESTORERS, VERDICT_TESTS
from agent.systems.criterion import EvidenceByKey, worst
from agent.types import Card, Claim, Evidence, RunResult, Statement, Verdict

_NO_TEST = "no measurement here bears on it"
_NOT_MEASURED = "what would test it could not be measured on the picture"
#: Sections whose sentences explain. Complementary ones are judged only if they can be tested.
_EXPLAINS, _COMPLEMENTS = ("answer", "task", "workflow"), "complementary"


def verdicts_on(
    statements: Sequence[Statement],
    cards: Iterable[Card],
    evidence: Iterable[Evidence],
    restorers: Collection[str] = (),
) -> list[Verdict | None]:
    """Return the verdict on each of several sentences that cite claims of the cards.

    What one network did to a picture says nothing about another, so if one restored the picture,
    claims about others are not tested.

    Args:
        restorers: keys of the tools that restored the pictures; empty if not known.
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
    """Return the keys of the tools that restored a picture."""
    return frozenset(run.tool for run in runs if run.status == "ran" and run.tool in RESTORERS)


def _is_of_another(card: Card, restorers: Collection[str]) -> bool:
    """Check whether a card is of a network that did not run although another did."""
    return bool(restorers) and card.tool in RESTORERS and card.tool not in restorers


def _untested(claim: Claim) -> Claim:
    return claim.model_copy(update={"test": None})


def verdict_on(
    statement: Statement, claims: Mapping[str, Claim], evidence: Iterable[Evidence]
) -> Verdict | None:
    """Return the verdict on a sentence; None if it explains nothing or nothing was measured.

    The worst of several claims and pictures decides; what was not measured does not count.

    Args:
        claims: claims by fact id; other facts that a statement cites, such as a summary, are not
            judged.
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
        return Verdict(outcome=finding.outcome, reason=finding.phrase, evidence=ids)
    return Verdict(outcome="untested", reason=_NOT_MEASURED)


def findings_by_picture(evidence: Iterable[Evidence]) -> list[EvidenceByKey]:
    """Return the evidence of each picture, by its id without the stem of the picture."""
    pictures: dict[str, dict[str, Evidence]] = {}
    for item in evidence:
        stem, _, key = item.id.rpartition(".")
        pictures.setdefault(stem, {})[key] = item
    return list(pictures.values())
