"""The workflow diagram as data: reads the part of Mermaid's flowchart language that answers use.

A diagram with anything else in it, such as a `click` line, a directive or raw HTML, is not read,
and what is not read is not shown: a diagram must never carry a link or a script.
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
    """A diagram that was read."""

    source: str
    """As Mermaid, safe to show."""
    chains: tuple[tuple[str, ...], ...]
    """Labels of boxes joined by solid arrows, in their order; each arrow is in one chain."""
    beside: tuple[str, ...]
    """Labels of boxes that dotted arrows lead to: what stands beside the workflow."""


@lru_cache(maxsize=256)  # each form of a report shows it
def read_diagram(mermaid: str) -> Diagram | None:
    """The diagram, or None where there is none or a line of it is not of the known kind."""
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
    """Follow the arrows from boxes that none leads to, taking each arrow once."""
    left = list(arrows)
    while left:
        ends = {end for _, end in left}
        chain = [next((start for start, _ in left if start not in ends), left[0][0])]
        while arrow := next((arrow for arrow in left if arrow[0] == chain[-1]), None):
            left.remove(arrow)
            chain.append(arrow[1])
        yield chain
