"""The command `run`: run the workflow of an answer, perhaps edited, on other pictures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.parser import Group
from agent.cli.streams import print_exact
from agent.errors import InputError
from agent.text import visible

if TYPE_CHECKING:
    from agent.systems.workflow.execution import WorkflowResult
    from agent.types import Workflow


def add(group: Group) -> None:
    """Add `run`."""
    run = group.add("run", "run a workflow.json on pictures", _run)
    run.add_argument("workflow", type=shared.path, help="a workflow.json, as saved with a report")
    run.add_argument(
        *("-i", "--image"), type=shared.path, action="append", default=[], metavar="FILE",
        help="a picture to run it on; given several times, it runs on each",
    )  # fmt: skip
    run.add_argument("--weights", metavar="FILE", help="weights for nodes that name none")
    run.add_argument("--device", metavar="NAME", help="a PyTorch device, such as cpu or cuda")
    run.add_argument(
        "-o", "--output", type=shared.folder, metavar="FOLDER", help="a new folder for results"
    )
    run.add_argument("--check", action="store_true", help="only check the workflow")
    run.add_argument("--json", action="store_true", help="print the results as JSON")


def _run(options: argparse.Namespace) -> int:
    from agent.systems.workflow.document import read_workflow

    workflow = read_workflow(options.workflow)
    if options.check:
        print(f"{visible(str(options.workflow))}: no problems")
        return 0
    if not options.image:
        raise InputError("give a picture to run the workflow on, with --image FILE")
    if options.output and options.output.exists():
        raise InputError(f"{visible(str(options.output))} already exists; name a new folder")
    results = list(_results(workflow, options))
    if options.output:
        _save(results, options.output)
        print(f"Saved in {visible(str(options.output))}", file=sys.stderr)
    _print(results, options.json)
    return 0 if all(result.ran for result in results) else 1


def _results(workflow: Workflow, options: argparse.Namespace) -> Iterator[WorkflowResult]:
    from agent.systems.workflow.execution import run_workflow

    settings, home = shared.settings(options), options.workflow.parent
    takes = sum(node.kind == "input" for node in workflow.nodes)
    sets = [options.image] if takes > 1 else [[image] for image in options.image]
    progress = shared.progress(options)
    try:
        for images in sets:
            yield run_workflow(workflow, images, settings, home, progress)
    finally:
        progress("")


def _save(results: list[WorkflowResult], folder: Path) -> None:
    """Save one result in the folder itself, several in numbered subfolders."""
    from agent.report.folder import put
    from agent.report.schema import to_json

    for number, result in enumerate(results, 1):
        place = folder if len(results) == 1 else folder / f"{number:03}"
        put({"result.json": f"{to_json(result)}\n".encode(), **result.pictures}, place)


def _print(results: list[WorkflowResult], as_json: bool) -> None:
    from agent.report.schema import json_text

    if as_json:
        rows = [result.model_dump(mode="json") for result in results]
        print_exact(json_text(rows if len(rows) > 1 else rows[0]))
        return
    for result in results:
        print(visible(", ".join(item.path.name for item in result.inputs)))
        for run in result.runs:
            reason = f": {run.result.reason}" if run.result.reason else ""
            print(visible(f"  {run.node:20} {run.result.status}{reason}"))
        for item in result.evidence:
            print(visible(f"  {item.format():>12}  {item.quantity}, {item.measured_on}"))
