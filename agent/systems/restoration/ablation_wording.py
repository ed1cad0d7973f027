"""Sentences on what the network does without one of its mechanisms."""

from __future__ import annotations

from collections.abc import Iterator

from agent.systems.criterion import EvidenceByKey
from agent.systems.restoration.criteria import ablation_width
from agent.systems.spec import Sentence
from agent.text import format_list
from agent.types import Evidence, RunResult

_NAMES = {
    "attention": "its shallow modules and feature attention",
    "fusion": "the coarser branches of its feature fusion",
    "residual": "its residual head",
}


def sentences(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield sentences on a run of the tool `ablate`."""
    for mechanism, name in _NAMES.items():
        clauses: list[str] = []
        items: list[Evidence] = []
        if finding := ablation_width(mechanism).finding(findings):
            (width,) = finding.evidence
            clauses.append(f"{finding.phrase} ({width.value:g} times as wide)")
            items.append(width)
        if structure := findings.get(f"ablated-{mechanism}-structure"):
            clauses.append(f"the broad structure agrees to {structure.format()}")
            items.append(structure)
        if text := findings.get(f"ablated-{mechanism}-text"):
            clauses.append(f"{text.format()} of the characters read the same")
            items.append(text)
        if clauses:
            statement = f"MIMO-UNet+ was run again without {name}: {format_list(clauses)}."
            yield Sentence(statement, items, names_system=True)
