"""Runs: what tools measured and made, and the workflow of what ran."""

# No `from __future__ import annotations`: Pydantic would have to compile each one at import.

import re
from typing import Literal

from pydantic import JsonValue

from agent.types.base import FrozenModel

_PLURAL = re.compile(r"(?<=[a-z]{3})s\b")
"""The ending of a unit in the plural, such as `lines`; not the unit `s`."""


class Evidence(FrozenModel):
    """A number measured on the user's picture; an answer may state no others about it."""

    id: str
    quantity: str
    value: float
    unit: str
    measured_on: str
    """File name of the picture and its version: input, enlarged, restored."""
    method: str
    """How it was measured, in a few words, with the formula's name."""
    interval: tuple[float, float] | None = None
    """95 % interval of the value over other parts of the same picture."""
    text: str | None = None
    """Text read in the picture that the number is about, safe to quote and without addresses. It
    supports nothing: a number in it was not measured."""

    def format(self) -> str:
        """Format the value with its unit, as an answer prints it."""
        text = f"{self.value:.4g}" if abs(self.value) < 10_000 else f"{self.value:,.0f}"
        unit = _PLURAL.sub("", self.unit) if text == "1" else self.unit
        return f"{text} {unit}".strip()


class Artefact(FrozenModel):
    """A picture made by a run."""

    name: str
    """File name in the report folder."""
    caption: str
    sha256: str


class Provenance(FrozenModel):
    """Everything that must be the same to reproduce a run."""

    weights_sha256: str | None = None
    versions: dict[str, str] = {}
    device: str = "cpu"
    dtype: str = "float32"
    seconds: float = 0.0
    licences: tuple[str, ...] = ()
    """Licences of the method's code and of its weights, one line each."""


class RunResult(FrozenModel):
    """The result of a tool on one picture; the status is `ran` only if it really ran."""

    card: str
    tool: str
    image: str
    """File name of the picture, without its folder."""
    status: Literal["ran", "skipped", "failed"]
    reason: str | None = None
    """Why it was skipped or failed."""
    evidence: tuple[Evidence, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    provenance: Provenance = Provenance()


class Node(FrozenModel):
    """A step of a workflow, of a kind in `agent.systems.workflow.document`."""

    id: str
    kind: str
    parameters: dict[str, JsonValue] = {}


class Edge(FrozenModel):
    """A connection between ports of two nodes, both written `NODE.PORT`."""

    source: str
    target: str


class Workflow(FrozenModel):
    """A document for `groundglass run`, which people may edit."""

    format: Literal["groundglass-workflow-1"] = "groundglass-workflow-1"
    title: str = ""
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
