"""A workflow as a document: what it may hold, its JSON Schema, and every mistake in one.

What a node can be is a closed table, so that a document names no code. Every tool of the catalogue
is a kind of its own under its key. A restorer only restores here: `enlarge` and `measure` are nodes
of their own, so that each can be moved or left out. Networks that may enlarge themselves take the
factor.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.errors import InputError
from agent.files import read_text
from agent.settings import Precision
from agent.systems.catalogue import TOOLS
from agent.systems.spec import Port, ToolSpec
from agent.text import visible
from agent.types import Node, Workflow

_MOST_BYTES = 1_000_000
_MOST_NODES = 100
_ID = "[A-Za-z][A-Za-z0-9_-]{0,63}"


# --- what a document may hold --------------------------------------------------------------------


class Parameters(BaseModel):
    """Base of what can be set on a node; nothing by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EnlargeParameters(Parameters):
    factor: Annotated[int, Field(ge=1, le=8)] = 2
    """Both sides grow by this, by bicubic interpolation."""


class RestoreParameters(Parameters):
    weights: str | None = None
    """Checkpoint of the network, from the folder of the document; null for the checkpoint that
    the settings name."""
    precision: Precision | None = None
    """Type of the network's arithmetic; null for that of the settings."""
    ensemble: bool | None = None
    """Whether four rotations are averaged; null for what the settings say."""


class EnlargeAndRestoreParameters(RestoreParameters):
    factor: Annotated[int, Field(ge=1, le=8)] = 1
    """Both sides grow by this; the network is given the picture as it was."""


@dataclass(frozen=True)
class Kind:
    """What a node can be."""

    stage: Literal["input", "model", "output"]
    says: str
    takes: tuple[Port, ...] = ()
    gives: tuple[Port, ...] = ()
    parameters: type[Parameters] = Parameters


_PICTURE = Port("picture", "picture")
_EVIDENCE = Port("evidence", "evidence")
_FIGURES = Port("figures", "figure")

_OWN: Mapping[str, Kind] = {
    "input": Kind("input", "a picture that is given with --image", gives=(_PICTURE,)),
    "enlarge": Kind(
        "input", "enlarge a picture by bicubic interpolation",
        takes=(_PICTURE,), gives=(_PICTURE,), parameters=EnlargeParameters,
    ),
    "measure": Kind(
        "model", "measure edges and change between two pictures of one size, and show them",
        takes=(
            Port("before", "picture"), Port("after", "picture"),
            Port("original", "picture", required=False),
        ),
        gives=(_EVIDENCE, _FIGURES),
    ),
    "output": Kind(
        "output", "save what arrives",
        takes=(
            Port("pictures", "picture", required=False, many=True),
            Port("figures", "figure", required=False, many=True),
            Port("evidence", "evidence", required=False, many=True),
        ),
    ),
}  # fmt: skip


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by name; own ones, then the tools."""
    return {**_OWN, **{key: _kind_of(spec) for key, spec in TOOLS.items()}}


def _kind_of(spec: ToolSpec) -> Kind:
    if spec.enlarges:
        says = f"enlarge a picture and restore it with {spec.network}"
        return Kind("model", says, (_PICTURE,), (_PICTURE,), EnlargeAndRestoreParameters)
    if spec.restores:
        says = f"restore a picture with {spec.network}, which keeps its size"
        return Kind("model", says, (_PICTURE,), (_PICTURE,), RestoreParameters)
    says = f"run the tool {spec.key} on a picture, or on it before and after restoration"
    return Kind("model", says, spec.takes, spec.gives)


def workflow_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12): a node is one of the kinds, each with its own parameters.

    What a schema cannot say, `read_workflow` checks too: that ids differ, that edges join ports
    that exist and are of one type, and that they run in no circle.
    """
    schema = Workflow.model_json_schema()
    end = {"type": "string", "pattern": rf"^{_ID}\.[a-z_]+$"}
    schema["$defs"]["Edge"]["properties"] = {"source": end, "target": end}
    schema["$defs"]["Node"] = {"oneOf": [_form(*item) for item in kinds().items()]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Groundglass workflow",
    }


def _form(name: str, kind: Kind) -> dict[str, Any]:
    """The schema of a node of one kind."""
    takes = [f"{port.name} ({port.type})" for port in kind.takes]
    gives = [f"{port.name} ({port.type})" for port in kind.gives]
    ports = f"Takes {', '.join(takes) or 'nothing'}; gives {', '.join(gives) or 'nothing'}."
    return {
        "type": "object",
        "description": f"{kind.says[0].upper()}{kind.says[1:]}. {ports}",
        "properties": {
            "id": {"type": "string", "pattern": f"^{_ID}$"},
            "kind": {"const": name},
            "parameters": kind.parameters.model_json_schema(),
        },
        "required": ["id", "kind"],
        "additionalProperties": False,
    }


# --- what is wrong with one -----------------------------------------------------------------------


def read_workflow(path: Path) -> Workflow:
    """A workflow that can be run.

    Raises:
        InputError: with every problem, one a line, `FILE: where: what is wrong; what to do`.
    """
    where = visible(str(path))
    content = read_text(path, "a workflow.json", _MOST_BYTES)
    try:
        data = json.loads(content, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        detail = visible(" ".join(str(error).split())) or "it is nested too deeply"
        raise InputError(f"{where}: is not valid JSON ({detail}); correct it there") from None
    try:
        workflow = Workflow.model_validate(data)
    except ValidationError as error:
        errors = (f"{'.'.join(map(str, p['loc'])) or 'all'}: {p['msg']}" for p in error.errors())
        raise InputError(_lines(where, errors)) from None
    if problems := list(problems_of(workflow)):
        raise InputError(_lines(where, problems))
    return workflow


def problems_of(workflow: Workflow) -> Iterator[str]:
    """What keeps a workflow from being run: `where: what is wrong; what to do`."""
    nodes = {node.id: node for node in workflow.nodes}
    if len(workflow.nodes) > _MOST_NODES:
        yield f"nodes: {len(workflow.nodes)} of them; expected at most {_MOST_NODES}"
        return
    problems = [*_node_problems(workflow), *_edge_problems(workflow, nodes)]
    yield from problems or _graph_problems(workflow, nodes)


def order(workflow: Workflow) -> list[Node]:
    """The nodes of a checked workflow so that each comes after those that it takes from."""
    nodes = {node.id: node for node in workflow.nodes}
    return [nodes[id] for id in TopologicalSorter(_sources(workflow)).static_order()]


def _node_problems(workflow: Workflow) -> Iterator[str]:
    ids: set[str] = set()
    for i, node in enumerate(workflow.nodes):
        where = f"node {node.id}" if re.fullmatch(_ID, node.id) else f"nodes.{i}"
        if not re.fullmatch(_ID, node.id):
            yield (
                f"{where}: the id {node.id!r} cannot be used; expected a letter, then letters, "
                "digits, '_' or '-', at most 64"
            )
        if node.id.casefold() in ids:
            yield f"{where}: another node has this id; give it one of its own"
        ids.add(node.id.casefold())
        if node.kind not in kinds():
            yield f"{where}: there is no kind {node.kind!r}; {_expected(node.kind, kinds())}"
            continue
        model = kinds()[node.kind].parameters
        try:
            model.model_validate(node.parameters)
        except ValidationError as error:
            for problem in error.errors():
                name = str(problem["loc"][0])
                hint = f"; {_expected(name, model.model_fields)}" * (name not in model.model_fields)
                yield f"{where}: parameter {name}: {problem['msg']}{hint}"


def _edge_problems(workflow: Workflow, nodes: Mapping[str, Node]) -> Iterator[str]:
    filled: set[str] = set()
    for i, edge in enumerate(workflow.edges):
        ends = []
        for side, text in (("source", edge.source), ("target", edge.target)):
            port = _port(text, side, nodes)
            if isinstance(port, str):
                yield f"edges.{i}: {side} {text!r}: {port}"
            elif port:
                ends.append(port)
        if len(ends) < 2:
            continue
        source, target = ends
        where = f"edges.{i}: {edge.source} → {edge.target}"
        if source.type != target.type:
            yield f"{where}: joins {source.type} to {target.type}; join ports of one type"
        if edge.target in filled and not target.many:
            yield f"{where}: another edge ends there already; take one of them out"
        filled.add(edge.target)
    for node in nodes.values():
        for port in kinds()[node.kind].takes if node.kind in kinds() else ():
            if port.required and f"{node.id}.{port.name}" not in filled:
                yield (
                    f"node {node.id}: nothing arrives at {node.id}.{port.name}; add an edge that "
                    f"brings a {port.type}"
                )


def _port(text: str, side: str, nodes: Mapping[str, Node]) -> Port | str | None:
    """The port that an end of an edge names, else what is wrong; None where its node is wrong."""
    id, dot, name = text.partition(".")
    if not dot:
        return "expected NODE.PORT, such as restore.picture"
    if id not in nodes:
        return f"there is no node {id!r}; {_expected(id, nodes)}"
    kind: Kind | None = kinds().get(nodes[id].kind)
    if kind is None:
        return None
    ports = {port.name: port for port in (kind.gives if side == "source" else kind.takes)}
    if name not in ports:
        does = "gives" if side == "source" else "takes"
        return f"the kind {nodes[id].kind} {does} no {name!r}; {_expected(name, ports)}"
    return ports[name]


def _graph_problems(workflow: Workflow, nodes: Mapping[str, Node]) -> Iterator[str]:
    for kind, does in (("input", "gives the picture"), ("output", "saves what comes out")):
        if all(node.kind != kind for node in nodes.values()):
            yield f"nodes: there is no {kind}; add a node of the kind {kind}, which {does}"
    try:
        TopologicalSorter(_sources(workflow)).prepare()
    except CycleError as error:
        yield f"edges: they run in a circle, {' → '.join(reversed(error.args[1]))}; take one out"


def _sources(workflow: Workflow) -> dict[str, list[str]]:
    sources: dict[str, list[str]] = {node.id: [] for node in workflow.nodes}
    for edge in workflow.edges:
        sources[edge.target.partition(".")[0]].append(edge.source.partition(".")[0])
    return sources


def _expected(word: str, legal: Iterable[str]) -> str:
    names = list(legal)
    if not names:
        return "expected none"
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{hint}expected one of {', '.join(names)}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    return result


def _lines(where: str, problems: Iterable[str]) -> str:
    return "\n".join(f"{where}: {visible(problem)}" for problem in problems)
