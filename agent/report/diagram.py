"""The workflow diagram as data, parsed from the subset of Mermaid flowcharts that answers use.

A diagram with anything else in it, such as a `click` line, a directive or raw HTML, is rejected and
not shown: a diagram must never carry a link or a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agent.text import visible

_HEADER = re.compile(r"(?:flowchart|graph) (?:LR|RL|TD|TB|BT)")
_NODE = re.compile(r"([A-Za-z]\w*)(?:\[\"([^\"<>`#;&]*)\"\])?")
_ARROW = re.compile(r"\s+(-->|-\.->)\s+")


@dataclass(frozen=True)
class Diagram:
    """A parsed diagram."""

    source: str
    """The diagram as Mermaid, safe to show."""
    chains: tuple[tuple[str, ...], ...]
    """Labels of boxes that solid arrows connect, in order; each arrow is in one chain."""
    beside: tuple[str, ...]
    """Labels of boxes that dotted arrows point to, beside the workflow."""


@lru_cache(maxsize=256)  # every format of a report shows it
def read_diagram(mermaid: str) -> Diagram | None:
    """Parse a diagram; return None if there is none or a line is not recognised."""
    lines = [line.strip() for line in visible(mermaid).splitlines() if line.strip()]
    if not lines or not _HEADER.fullmatch(lines[0]):
        return None
    labels: dict[str, str] = {}
    solid: list[tuple[str, str]] = []
    dotted: list[tuple[str, str]] = []
    for line in lines[1:]:
        boxes, arrows = _ARROW.split(line)[::2], _ARROW.split(line)[1::2]
        nodes = [_NODE.fullmatch(box) for box in boxes]
        if not all(nodes):
            return None
        ids = []
        for node in filter(None, nodes):
            ids.append(node[1])
            labels[node[1]] = node[2] or labels.get(node[1], node[1])
        for start, arrow, end in zip(ids, arrows, ids[1:], strict=False):
            (solid if arrow == "-->" else dotted).append((start, end))
    chains = tuple(tuple(labels[id].strip() for id in chain) for chain in _chains(solid))
    beside = tuple(labels[end].strip() for _, end in dotted)
    return Diagram("\n".join([lines[0], *(f"  {line}" for line in lines[1:])]), chains, beside)


def _chains(arrows: list[tuple[str, str]]) -> Iterator[list[str]]:
    """Follow the arrows from the boxes that none points to, using each arrow once."""
    remaining = list(arrows)
    while remaining:
        ends = {end for _, end in remaining}
        chain = [next((start for start, _ in remaining if start not in ends), remaining[0][0])]
        while arrow := next((arrow for arrow in remaining if arrow[0] == chain[-1]), None):
            remaining.remove(arrow)
            chain.append(arrow[1])
        yield chain
