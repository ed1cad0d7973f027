"""Run a checked workflow on pictures, node by node, and what that came to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, JsonValue

from agent.errors import InputError
from agent.files import sha256_of
from agent.settings import Settings
from agent.systems.catalogue import TOOLS
from agent.systems.run import run_tool, stems
from agent.systems.spec import Figure, Job, Progress
from agent.systems.workflow.document import kinds, order
from agent.text import visible
from agent.types import Artefact, Evidence, FrozenModel, InputFile, Node, RunResult, Workflow

if TYPE_CHECKING:
    from agent.imaging.picture import Picture

    _Item = Picture | Figure | Evidence
    """What lies at a port."""
    _Outputs = dict[str, list[_Item]]
    """What lies at each port of a node that ran."""
    _Done = tuple[_Outputs, dict[str, Any]]
    """What a node gives, and what its result says beside that it ran."""


class NodeRun(FrozenModel):
    """What a node of a workflow did."""

    node: str
    result: RunResult


class WorkflowResult(FrozenModel):
    """What running a workflow came to."""

    workflow: Workflow
    inputs: tuple[InputFile, ...]
    runs: tuple[NodeRun, ...]
    """In the order in which they ran."""
    evidence: tuple[Evidence, ...]
    """What arrived at the outputs, as are the artefacts."""
    artefacts: tuple[Artefact, ...]
    settings: dict[str, JsonValue]
    version: str
    seconds: float
    pictures: dict[str, bytes] = Field(default={}, exclude=True, repr=False)
    """Artefact name to PNG bytes; saved beside the JSON."""

    @property
    def ran(self) -> bool:
        """Whether every node ran."""
        return all(run.result.status == "ran" for run in self.runs)


def run_workflow(
    workflow: Workflow,
    images: Sequence[Path],
    settings: Settings,
    home: Path = Path(),
    progress: Progress = lambda _: None,
) -> WorkflowResult:
    """Run every node after those that it takes from.

    A node that fails says so in its `NodeRun`; those that take from it are skipped with the
    reason, and the others run.

    Args:
        workflow: as `read_workflow` gives it.
        images: one for each node of the kind `input`, in the order of the document.
        home: folder that paths in the document start from.

    Raises:
        InputError: for too few or too many pictures, or one that cannot be read.
    """
    from agent.imaging.reading import read

    places = [node.id for node in workflow.nodes if node.kind == "input"]
    if len(images) != len(places):
        raise InputError(
            f"the workflow takes {len(places)} pictures, got {len(images)}; give each with --image"
        )
    pictures = [read(path).without_metadata() for path in images]  # results are shared
    given = dict(zip(places, pictures, strict=True))
    bench = _Bench(workflow, home, settings, progress, given, next(stems(p.name for p in pictures)))
    began = time.monotonic()
    runs = tuple(_node_run(node, bench) for node in order(workflow))
    figures = {item[0].name: item for item in bench.saved if isinstance(item, tuple)}
    return WorkflowResult(
        workflow=workflow,
        inputs=tuple(InputFile(path=path, sha256=sha256_of(path)) for path in images),
        runs=runs,
        evidence=tuple(item for item in bench.saved if isinstance(item, Evidence)),
        artefacts=tuple(artefact for artefact, _ in figures.values()),
        settings=settings.recorded(),
        version=version("groundglass"),
        seconds=round(time.monotonic() - began, 3),
        pictures={name: png for name, (_, png) in figures.items()},
    )


@dataclass
class _Bench:
    """A workflow in progress."""

    workflow: Workflow
    home: Path
    settings: Settings
    progress: Progress
    pictures: dict[str, Picture]
    """By id of the input node."""
    stem: str
    outputs: dict[str, _Outputs] = field(default_factory=dict)
    """By id of the node, of those that ran."""
    networks: dict[str, str] = field(default_factory=dict)
    """Names of the networks that restored, by id of the node."""
    saved: list[_Item] = field(default_factory=list)
    """What arrived at the outputs."""

    def sources(self, node: Node, port: str | None = None) -> list[tuple[str, str]]:
        """Node and port of each edge that ends at a port of the node, or at any."""
        edges = ((e.source.split("."), e.target.split(".")) for e in self.workflow.edges)
        return [(s[0], s[1]) for s, (id, end) in edges if id == node.id and port in (None, end)]

    def arrivals(self, node: Node, port: str) -> list[_Item]:
        """What the edges that end at a port bring, in the order of the edges."""
        sources = self.sources(node, port)
        return [item for id, name in sources for item in self.outputs.get(id, {}).get(name, [])]

    def picture(self, node: Node, port: str) -> Picture | None:
        """The picture that arrives at a port."""
        from agent.imaging.picture import Picture

        return next((p for p in self.arrivals(node, port) if isinstance(p, Picture)), None)

    def missing(self, node: Node) -> str | None:
        """Why a node cannot run: a node that it takes from did not."""
        ids = dict.fromkeys(id for id, _ in self.sources(node))
        gone = [id for id in ids if id not in self.outputs]
        if not gone or (node.kind == "output" and len(gone) < len(ids)):
            return None  # what did arrive is saved
        return f"{' and '.join(gone)} did not run"


def _node_run(node: Node, bench: _Bench) -> NodeRun:
    """Run one node; whatever it raises becomes its reason."""
    image = next(iter(bench.pictures.values())).name
    result = RunResult(card="", tool=node.kind, image=image, status="skipped")
    if missing := bench.missing(node):
        return NodeRun(node=node.id, result=result.model_copy(update={"reason": missing}))
    bench.progress(f"{node.id}: {kinds()[node.kind].says}")
    try:
        work = _WORK.get(node.kind) or (_restore if TOOLS[node.kind].restores else _tool)
        outputs, changes = work(node, bench)
    except Exception as error:  # a broken node must not take the others with it
        outputs, detail = {}, visible(" ".join(str(error).split())) or type(error).__name__
        changes = {"status": "failed", "reason": detail}
    result = result.model_copy(update={"status": "ran", **changes})
    if result.status == "ran":
        bench.outputs[node.id] = outputs
    return NodeRun(node=node.id, result=result)


def _take(node: Node, bench: _Bench) -> _Done:
    return {"picture": [bench.pictures[node.id]]}, {}


def _enlarge(node: Node, bench: _Bench) -> _Done:
    from agent.imaging.resampling import enlarged

    picture, factor = bench.picture(node, "picture"), _parameters(node)["factor"]
    assert picture is not None
    pixels = picture.width * picture.height * factor**2
    if pixels > bench.settings.max_pixels:
        raise InputError(
            f"the picture would have {pixels:,} pixels, and at most {bench.settings.max_pixels:,} "
            "are worked on; crop it or enlarge it less"
        )
    return {"picture": [enlarged(picture, factor)]}, {}


def _restore(node: Node, bench: _Bench) -> _Done:
    from agent.systems.restoration.tool import provenance_of

    picture, changes = bench.picture(node, "picture"), _parameters(node)
    assert picture is not None
    factor = changes.pop("factor", 1)
    if "weights" in changes:
        changes["weights"] = bench.home / changes["weights"]
    began = time.monotonic()
    spec = TOOLS[node.kind]
    restorer = spec.open_restorer(replace(bench.settings, **changes))
    _, restored = restorer.enlarge_and_restore(
        picture, factor,
        lambda done, total: bench.progress(f"{node.id}: restored {done} of {total} tiles"),
    )  # fmt: skip
    bench.networks[node.id] = restorer.name
    provenance = spec.complete(provenance_of(restorer), began)
    return {"picture": [restored]}, {"provenance": provenance}


def _measure(node: Node, bench: _Bench) -> _Done:
    from agent.systems.figures import figure
    from agent.systems.restoration.before_after import before_after
    from agent.systems.restoration.comparison import Comparison
    from agent.systems.restoration.evidence import measure

    before, after = bench.picture(node, "before"), bench.picture(node, "after")
    assert before is not None and after is not None
    original = bench.picture(node, "original") or before
    factor = before.width // original.width
    if (before.width, before.height) != (after.width, after.height):
        raise InputError(
            f"the pictures are {before.width} × {before.height} and {after.width} × "
            f"{after.height} pixels; join two of one size"
        )
    if (original.width * factor, original.height * factor) != (before.width, before.height):
        raise InputError(
            f"before is {before.width} × {before.height} pixels, no multiple of the original, "
            f"{original.width} × {original.height}; join the picture that before was made of"
        )
    job = Job("", original, f"{bench.stem}-{node.id}", factor)
    pair = Comparison(before, after)
    evidence = [*measure(job, pair)]
    [(restorer, _)] = bench.sources(node, "after")
    network = bench.networks.get(restorer)
    sheet = figure(
        job,
        "comparison",
        f"the most detailed part of {original.name}, before and after",
        before_after(original, pair, f"restored by {network}" if network else "after"),
    )
    return _report(evidence, [sheet])


def _tool(node: Node, bench: _Bench) -> _Done:
    picture = bench.picture(node, "picture")
    before, after = bench.picture(node, "before"), bench.picture(node, "after")
    assert picture is not None
    versions: dict[str, Picture] = {}
    factor = 1
    if before is not None and after is not None:
        factor = max(before.width // picture.width, 1)
        versions = {"enlarged" if factor > 1 else "input": before, "restored": after}
    job = Job("", picture, f"{bench.stem}-{node.id}", factor, versions)
    result, files = run_tool(TOOLS[node.kind], job, bench.settings, bench.progress)
    figures = [(artefact, files[artefact.name]) for artefact in result.artefacts]
    return {"evidence": [*result.evidence], "figures": [*figures]}, dict(result)


def _output(node: Node, bench: _Bench) -> _Done:
    from agent.imaging.picture import Picture
    from agent.systems.figures import figure

    figures = [
        figure(Job("", picture, bench.stem), id, f"{picture.name} as {id} gives it", picture)
        for id, name in bench.sources(node, "pictures")
        for picture in bench.outputs.get(id, {}).get(name, [])
        if isinstance(picture, Picture)
    ]
    bench.saved += [*figures, *bench.arrivals(node, "figures"), *bench.arrivals(node, "evidence")]
    return _report([], figures)


def _report(evidence: Sequence[Evidence], figures: Sequence[Figure]) -> _Done:
    artefacts = tuple(artefact for artefact, _ in figures)
    outputs: _Outputs = {"evidence": [*evidence], "figures": [*figures]}
    return outputs, {"evidence": tuple(evidence), "artefacts": artefacts}


def _parameters(node: Node) -> dict[str, Any]:
    """The parameters of a node that are set, or have a default."""
    model = kinds()[node.kind].parameters.model_validate(node.parameters)
    return model.model_dump(exclude_none=True)


#: What a node of each own kind does; every other kind is a tool.
_WORK: Mapping[str, Callable[[Node, _Bench], _Done]] = {
    "input": _take,
    "enlarge": _enlarge,
    "measure": _measure,
    "output": _output,
}
