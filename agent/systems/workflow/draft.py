"""The workflow of an answer: what its tools did to a picture, node by node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.settings import Level
from agent.systems.catalogue import TOOLS, tools_at
from agent.systems.selection import Cards, tools_of
from agent.systems.workflow.document import kinds
from agent.types import Edge, Match, Node, RunResult, Workflow


def draft_of(
    matches: Sequence[Match], cards: Cards, runs: Sequence[RunResult], evidence: Level, factor: int
) -> Workflow | None:
    """What ran, as a document; where nothing ran, what would at the level of evidence.

    Args:
        factor: by how much a picture would be enlarged; what was measured counts where one was.
    """
    if not matches:
        return None
    level = tools_at("core" if evidence == "none" else evidence)
    fitting = [tool for _, tool in tools_of(matches, cards) if tool in level]
    factors = [int(e.value) for run in runs for e in run.evidence if e.id.endswith(".factor")]
    title = cards[matches[0].card].name
    return draft(runs, fitting, factors[0] if factors else factor, title=title)


def draft(
    runs: Sequence[RunResult], fitting: Sequence[str], factor: int, title: str
) -> Workflow | None:
    """The workflow of what ran, or where nothing did, of the tools that fit.

    What looked at a picture before a model was chosen is no part of it.

    Args:
        fitting: keys of tools in the order in which they would run.
        factor: by how much a picture is enlarged before it is restored.

    Returns:
        None where none of the tools is there.
    """
    done = dict.fromkeys(run.tool for run in runs if run.status == "ran")
    ran = [tool for tool in done if not (tool in TOOLS and TOOLS[tool].for_choice)]
    tools = _with_one_restorer([tool for tool in ran or fitting if tool in TOOLS])
    if not tools:
        return None
    ends = _edges(tools, factor)
    return Workflow(
        title=title,
        nodes=tuple(_nodes(tools, factor)),
        edges=tuple(Edge(source=source, target=target) for source, target in ends),
    )


def _nodes(tools: Sequence[str], factor: int) -> Iterator[Node]:
    yield _node("input", "input")
    if restorer := _restorer(tools):
        if factor > 1:
            yield _node("enlarge", "enlarge", factor=factor)
        yield _node(restorer, restorer, **({"factor": factor} if TOOLS[restorer].enlarges else {}))
        yield _node("measure", "measure")
    yield from (_node(tool, tool) for tool in tools if tool != restorer)
    yield _node("output", "output")


def _node(id: str, kind: str, **given: int) -> Node:
    parameters = kinds()[kind].parameters.model_validate(given).model_dump(mode="json")
    return Node(id=id, kind=kind, parameters=parameters)


def _with_one_restorer(tools: Sequence[str]) -> list[str]:
    """The tools without restorers after the first, and without what looks into those."""
    others = {tool for tool in tools if TOOLS[tool].restores} - {_restorer(tools)}
    return [tool for tool in tools if not others & {tool, TOOLS[tool].part_of}]


def _restorer(tools: Sequence[str]) -> str | None:
    return next((tool for tool in tools if TOOLS[tool].restores), None)


def _edges(tools: Sequence[str], factor: int) -> Iterator[tuple[str, str]]:
    restorer = _restorer(tools)
    before = "enlarge.picture" if factor > 1 else "input.picture"
    after = f"{restorer}.picture"
    if restorer:
        if factor > 1:
            yield "input.picture", "enlarge.picture"
        yield "input.picture" if TOOLS[restorer].enlarges else before, after
        yield "input.picture", "measure.original"
        yield before, "measure.before"
        yield after, "measure.after"
        if factor > 1:
            yield before, "output.pictures"
        yield after, "output.pictures"
        yield "measure.figures", "output.figures"
        yield "measure.evidence", "output.evidence"
    for tool in tools:
        if tool == restorer:
            continue
        yield "input.picture", f"{tool}.picture"
        if restorer:
            yield before, f"{tool}.before"
            yield after, f"{tool}.after"
        yield f"{tool}.figures", "output.figures"
        yield f"{tool}.evidence", "output.evidence"
