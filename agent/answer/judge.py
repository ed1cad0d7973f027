"""Verdicts on the explanations of an answer, from the measurements on the attached pictures.

The verdict on a sentence follows from the claims that it cites, whoever wrote the sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agent.answer.verdicts import verdicts_on
from agent.registry import Registry
from agent.types import Answer, Evidence


def judge(
    answer: Answer,
    evidence: Sequence[Evidence],
    registry: Registry,
    restorers: Collection[str] = (),
) -> Answer:
    """Return the answer with a verdict on each of its explanations, if anything was measured.

    Args:
        restorers: keys of the tools that restored the pictures.
    """
    ids = {claim.partition("/")[0] for s in answer.statements for claim in s.claims}
    cards = [registry[id] for id in sorted(ids) if id in registry]
    verdicts = verdicts_on(answer.statements, cards, evidence, restorers)
    statements = (
        statement
        if statement.verdict == verdict
        else statement.model_copy(update={"verdict": verdict})
        for statement, verdict in zip(answer.statements, verdicts, strict=True)
    )
    return answer.model_copy(update={"statements": tuple(statements)})
