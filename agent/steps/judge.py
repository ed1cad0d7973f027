"""Judge each explanation of an answer by what was measured on the attached pictures.

Whoever wrote the answer: the verdict on a sentence follows from the claims that it cites.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.findings.verdicts import claims_of, verdict_on
from agent.registry import Registry
from agent.types import Answer, Evidence


def judge(answer: Answer, evidence: Sequence[Evidence], registry: Registry) -> Answer:
    """The answer with a verdict on each of its explanations, where anything was measured."""
    cards = {claim.partition("/")[0] for s in answer.statements for claim in s.claims}
    claims = claims_of(registry[card] for card in sorted(cards) if card in registry)
    statements = (
        statement.model_copy(update={"verdict": verdict_on(statement, claims, evidence)})
        for statement in answer.statements
    )
    return answer.model_copy(update={"statements": tuple(statements)})
