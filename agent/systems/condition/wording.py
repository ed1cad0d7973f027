"""Sentences on the condition of a picture; nothing unclear gets one."""

from __future__ import annotations

from collections.abc import Iterator

from agent.systems.condition.traits import traits
from agent.systems.criterion import EvidenceByKey
from agent.systems.spec import Sentence
from agent.text import visible
from agent.types import RunResult


def sentences(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield sentences on a run of the tool `condition`."""
    for trait in traits(findings):
        yield Sentence(f"{visible(run.image)} {trait.phrase}.", trait.evidence)
