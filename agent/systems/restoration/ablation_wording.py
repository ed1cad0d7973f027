"""What the network does without one of its mechanisms, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from agent.systems.criterion import Findings
from agent.systems.restoration.criteria import silenced
from agent.systems.spec import Sentence
from agent.systems.wording import joined
from agent.types import Evidence, RunResult

_NAMES = {
    "attention": "its shallow modules and feature attention",
    "fusion": "the coarser branches of its feature fusion",
    "residual": "its residual head",
}


def sentences(run: RunResult, found: Findings) -> Iterator[Sentence]:
    """Sentences on a run of the tool `silence`."""
    for mechanism, named in _NAMES.items():
        said: list[str] = []
        items: list[Evidence] = []
        if finding := silenced(mechanism).finding(found):
            (width,) = finding.evidence
            said.append(f"{finding.said} ({width.value:g} times as wide)")
            items.append(width)
        if structure := found.get(f"silenced-{mechanism}-structure"):
            said.append(f"the broad structure agrees to {structure.shown()}")
            items.append(structure)
        if text := found.get(f"silenced-{mechanism}-text"):
            said.append(f"{text.shown()} of the characters read alike")
            items.append(text)
        if said:
            told = f"MIMO-UNet+ was run again without {named}: {joined(said)}."
            yield Sentence(told, items, names_system=True)
