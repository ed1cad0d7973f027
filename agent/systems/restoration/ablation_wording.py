"""What the network does without one of its mechanisms, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from agent.systems.spec import Findings, Sentence
from agent.systems.wording import compared
from agent.types import RunResult

_NAMES = {
    "attention": "its shallow modules and feature attention",
    "fusion": "the coarser branches of its feature fusion",
    "residual": "its residual head",
}


def sentences(run: RunResult, found: Findings) -> Iterator[Sentence]:
    """Sentences on a run of the tool `silence`."""
    for mechanism, named in _NAMES.items():
        said, items = [], []
        if width := found.get(f"silenced-{mechanism}-width-ratio"):
            verdict = compared(
                1.0,
                width.value,
                less="narrower than with it",
                more="wider than with it",
                same="as wide as with it",
            )
            said.append(f"edges come out {width.value:g} times as wide, {verdict}")
            items.append(width)
        if structure := found.get(f"silenced-{mechanism}-structure"):
            said.append(f"the broad structure agrees to {structure.value:g} dB")
            items.append(structure)
        if text := found.get(f"silenced-{mechanism}-text"):
            said.append(f"{text.value:g} % of the characters read alike")
            items.append(text)
        if said:
            yield f"Where MIMO-UNet+ runs without {named}, {_joined(said)}.", items


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
