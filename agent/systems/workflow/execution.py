"""Run a checked workflow on pictures, node by node."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.files import sha256_of
from agent.settings import Settings
from agent.systems.catalogue import TOOLS
from agent.systems.run import run_tool, stems
from agent.systems.spec import Job, Progress
from agent.systems.workflow.document import order, parameters_of
from agent.systems.workflow.kinds import EnlargeParameters, RestoreParameters, kinds
from agent.systems.workflow.result import NodeRun, WorkflowResult
from agent.text import visible
from agent.types import (
    Artefact,
    Evidence,
    InputFile,
    Node,
    RunResult,
    Workflow,
)

if TYPE_CHECKING:
    from agent.imaging.picture import Picture


@dataclass(frozen=True)
class Figure:
    """A PNG file that is only to be looked at."""

    name: str
    caption: str
    png: bytes


#: What lies at each port of a node that ran.
Outputs = dict[str, list["Picture | Figure | Evidence"]]


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
    outputs: dict[str, Outputs] = field(default_factory=dict)
    """By id of the node, of those that ran."""
    networks: dict[str, str] = field(default_factory=dict)
    """Names of the networks that restored, by id of the node."""

    def arrives(self, node: Node, port: str) -> list[Picture | Figure | Evidence]:
        """What the edges that end at a port bring, in the order of the edges."""
        sources = [e.source for e in self.workflow.edges if e.target == f"{node.id}.{port}"]
        ends = [source.partition(".") for source in sources]
        return [item for id, _, name in ends for item in self.outputs.get(id, {}).get(name, [])]

    def origin(self, node: Node, port: str) -> str:
        """Id of the node whose picture arrives at a port; empty where none does."""
        ends = (e.source for e in self.workflow.edges if e.target == f"{node.id}.{port}")
        return next(ends, "").partition(".")[0]

    def picture(self, node: Node, port: str) -> Picture | None:
        from agent.imaging.picture import Picture

        return next((p for p in self.arrives(node, port) if isinstance(p, Picture)), None)


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

    places = [node for node in workflow.nodes if node.kind == "input"]
    if len(images) != len(places):
        raise InputError(
            f"the workflow takes {len(places)} pictures, got {len(images)}; give each with --image"
        )
    pictures = [read(path).without_metadata() for path in images]  # results are shared
    names = dict(zip((node.id for node in places), pictures, strict=True))
    bench = _Bench(workflow, home, settings, progress, names, next(stems(p.name for p in pictures)))
    began = time.monotonic()
    runs = [_node_run(node, bench) for node in order(workflow)]
    saved = [item for output in bench.outputs.values() for item in output.get("saved", [])]
    files = list({item.name: item for item in saved if isinstance(item, Figure)}.values())
    return WorkflowResult(
        workflow=workflow,
        inputs=tuple(_input(path) for path in images),
        runs=tuple(runs),
        evidence=tuple(item for item in saved if isinstance(item, Evidence)),
        artefacts=tuple(_artefact(item) for item in files),
        settings=settings.recorded(),
        version=version("groundglass"),
        seconds=round(time.monotonic() - began, 3),
        pictures={item.name: item.png for item in files},
    )


def _node_run(node: Node, bench: _Bench) -> NodeRun:
    """Run one node; whatever it raises becomes its reason."""
    image = next(iter(bench.pictures.values())).name
    result = RunResult(card="", tool=node.kind, image=image, status="skipped")
    if missing := _missing(node, bench):
        return NodeRun(node=node.id, result=result.model_copy(update={"reason": missing}))
    bench.progress(f"{node.id}: {kinds()[node.kind].says}")
    try:
        work = _WORK.get(node.kind) or (_restore if TOOLS[node.kind].restores else _tool)
        output, result = work(node, bench, result.model_copy(update={"status": "ran"}))
    except Exception as error:  # a broken node must not take the others with it
        detail = visible(" ".join(str(error).split())) or type(error).__name__
        result = result.model_copy(update={"status": "failed", "reason": detail})
    else:
        if result.status == "ran":
            bench.outputs[node.id] = output
    return NodeRun(node=node.id, result=result)


def _missing(node: Node, bench: _Bench) -> str | None:
    """Why a node cannot run: a node that it takes from did not."""
    ends = [e.source.partition(".")[0] for e in bench.workflow.edges
            if e.target.partition(".")[0] == node.id]  # fmt: skip
    gone = [id for id in dict.fromkeys(ends) if id not in bench.outputs]
    if not gone or (node.kind == "output" and len(gone) < len(set(ends))):
        return None  # what did arrive is saved
    return f"{' and '.join(gone)} did not run"


def _take(node: Node, bench: _Bench, result: RunResult) -> tuple[Outputs, RunResult]:
    return {"picture": [bench.pictures[node.id]]}, result


def _enlarge(node: Node, bench: _Bench, result: RunResult) -> tuple[Outputs, RunResult]:
    from agent.imaging.resampling import enlarged

    picture, parameters = bench.picture(node, "picture"), parameters_of(node)
    assert picture is not None and isinstance(parameters, EnlargeParameters)
    pixels = picture.width * picture.height * parameters.factor**2
    if pixels > bench.settings.max_pixels:
        raise InputError(
            f"the picture would have {pixels:,} pixels, and at most {bench.settings.max_pixels:,} "
            "are worked on; crop it or enlarge it less"
        )
    return {"picture": [enlarged(picture, parameters.factor)]}, result


def _restore(node: Node, bench: _Bench, result: RunResult) -> tuple[Outputs, RunResult]:
    from agent.systems.restoration.tool import provenance_of

    picture, parameters = bench.picture(node, "picture"), parameters_of(node)
    assert picture is not None and isinstance(parameters, RestoreParameters)
    changes = parameters.model_dump(exclude_none=True)
    factor = changes.pop("factor", 1)
    if parameters.weights:
        changes["weights"] = bench.home / parameters.weights
    settings = replace(bench.settings, **changes)
    began = time.monotonic()
    spec = TOOLS[node.kind]
    restorer = spec.open_restorer(settings)
    _, restored = restorer.enlarge_and_restore(
        picture, factor,
        lambda done, total: bench.progress(f"{node.id}: restored {done} of {total} tiles"),
    )  # fmt: skip
    provenance = spec.complete(provenance_of(restorer), began)
    bench.networks[node.id] = restorer.name
    return {"picture": [restored]}, result.model_copy(update={"provenance": provenance})


def _measure(node: Node, bench: _Bench, result: RunResult) -> tuple[Outputs, RunResult]:
    from agent.imaging.writing import write_png
    from agent.systems.restoration.before_after import before_after
    from agent.systems.restoration.comparison import Comparison
    from agent.systems.restoration.evidence import measure

    before, after = bench.picture(node, "before"), bench.picture(node, "after")
    assert before is not None and after is not None
    original = bench.picture(node, "original") or before
    factor = before.width // original.width
    job = Job("", original, f"{bench.stem}-{node.id}", max(factor, 1))
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
    pair = Comparison(before, after)
    evidence = tuple(measure(job, pair))
    network = bench.networks.get(bench.origin(node, "after"))
    caption = f"restored by {network}" if network else "after"
    sheet = Figure(
        f"{job.stem}-comparison.png",
        f"the most detailed part of {original.name}, before and after",
        write_png(before_after(original, pair, caption)),
    )
    return {"evidence": [*evidence], "figures": [sheet]}, _with(result, evidence, [sheet])


def _tool(node: Node, bench: _Bench, result: RunResult) -> tuple[Outputs, RunResult]:
    picture = bench.picture(node, "picture")
    before, after = bench.picture(node, "before"), bench.picture(node, "after")
    assert picture is not None
    versions: dict[str, Picture] = {}
    factor = 1
    if before is not None and after is not None:
        factor = max(before.width // picture.width, 1)
        versions = {"enlarged" if factor > 1 else "input": before, "restored": after}
    job = Job("", picture, f"{bench.stem}-{node.id}", factor, versions)
    tool_result, files = run_tool(TOOLS[node.kind], job, bench.settings, bench.progress)
    captions = {item.name: item.caption for item in tool_result.artefacts}
    figures = [Figure(name, captions.get(name, name), png) for name, png in files.items()]
    return {"evidence": [*tool_result.evidence], "figures": [*figures]}, tool_result


def _output(node: Node, bench: _Bench, result: RunResult) -> tuple[Outputs, RunResult]:
    from agent.imaging.picture import Picture
    from agent.imaging.writing import write_png

    edges = [e for e in bench.workflow.edges if e.target == f"{node.id}.pictures"]
    pictures = [
        Figure(
            f"{bench.stem}-{edge.source.partition('.')[0]}.png",
            f"{picture.name} as {edge.source.partition('.')[0]} gives it",
            write_png(picture),
        )
        for edge in edges
        for picture in bench.outputs.get(edge.source.partition(".")[0], {}).get("picture", [])
        if isinstance(picture, Picture)
    ]
    arrived = [*bench.arrives(node, "figures"), *bench.arrives(node, "evidence")]
    return {"saved": [*pictures, *arrived]}, _with(result, (), pictures)


def _with(
    result: RunResult, evidence: tuple[Evidence, ...], figures: Sequence[Figure]
) -> RunResult:
    artefacts = tuple(_artefact(item) for item in figures)
    return result.model_copy(update={"evidence": evidence, "artefacts": artefacts})


def _artefact(item: Figure) -> Artefact:
    digest = hashlib.sha256(item.png).hexdigest()
    return Artefact(name=item.name, caption=item.caption, sha256=digest)


def _input(path: Path) -> InputFile:
    return InputFile(path=path, sha256=sha256_of(path))


#: What a node of each own kind does; every other kind is a tool.
_WORK: Mapping[str, Callable[[Node, _Bench, RunResult], tuple[Outputs, RunResult]]] = {
    "input": _take,
    "enlarge": _enlarge,
    "measure": _measure,
    "output": _output,
}
