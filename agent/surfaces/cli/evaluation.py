"""The command `evaluate`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from agent.surfaces.cli import shared
from agent.surfaces.cli.parsing import Group


def add(group: Group) -> None:
    """Add `evaluate`."""
    evaluate = Group(group.add("evaluate", "measure quality"), "WHAT")
    add = evaluate.add("matching", "measure the search", _matching).add_argument
    add("--models", type=Path, required=True, metavar="FILE")
    add("--questions", type=Path, required=True, metavar="FILE")
    add("--json", action="store_true")
    add = evaluate.add(
        "restoration", "measure the network on sharp pictures", _restoration
    ).add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="sharp pictures")
    add("--weights", metavar="FILE")
    add("--limit", type=int, metavar="N", help="pictures a group")
    add("--crop", type=int, default=480, metavar="PX", help="side of the centre that is used")
    add("--seed", type=int, default=0)
    add("--json", action="store_true")


def _restoration(options: argparse.Namespace) -> int:
    from agent.evaluation.restoration import evaluate, table

    settings = shared.settings(options)
    result = evaluate(
        options.data,
        settings.weights,
        crop=options.crop,
        limit=options.limit,
        seed=options.seed,
        device=settings.device,
        progress=shared.progress(options),
    )
    print(json.dumps(result.to_dict(), indent=2) if options.json else table(result))
    return 0


def _matching(options: argparse.Namespace) -> int:
    from agent.evaluation.matching import evaluate

    result = evaluate(options.models, options.questions)
    print(json.dumps(result.to_dict(), indent=2) if options.json else result.to_table())
    return 0
