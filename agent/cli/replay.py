"""The commands about saved reports: `replay` and `diff`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.parser import Group
from agent.text import visible

if TYPE_CHECKING:
    from agent.report.differences import Comparison


def add(group: Group) -> None:
    """Add `replay` and `diff`."""
    again = group.add("replay", "answer a saved report again and compare", _replay)
    again.add_argument("report", type=Path, help="a report.json, or the folder that holds it")
    shared.picture_options(again)
    shared.model_options(again)
    again.add_argument("--device", metavar="NAME", help="as PyTorch names it, such as cpu or cuda")
    again.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="save the new report")
    again.add_argument("--json", action="store_true", help="print the comparison as JSON")
    compared = group.add("diff", "compare two saved reports", _diff)
    compared.add_argument("old", type=Path, help="a report.json, or the folder that holds it")
    compared.add_argument("new", type=Path, help="the one to compare with it")
    compared.add_argument("--json", action="store_true", help="print the comparison as JSON")


def _replay(options: argparse.Namespace) -> int:
    from dataclasses import fields

    from agent.cli.replayer import replay
    from agent.report.differences import compare
    from agent.report.saved import read_report
    from agent.settings import Settings

    old = read_report(options.report)
    home = options.report if options.report.is_dir() else options.report.parent
    given = {field.name: getattr(options, field.name, None) for field in fields(Settings)}
    changes = {name: value for name, value in given.items() if value is not None}
    progress = shared.progress(options)
    try:
        new = replay(old, home, options.image, changes, shared.settings(options), progress)
    finally:
        progress("")
    if options.output:
        from agent.report.folder import write

        write(new, options.output)
        print(f"Saved in {visible(str(options.output))}", file=sys.stderr)
    return _told(compare(old, new), options.json)


def _diff(options: argparse.Namespace) -> int:
    from agent.report.differences import compare
    from agent.report.saved import read_report

    return _told(compare(read_report(options.old), read_report(options.new)), options.json)


def _told(comparison: Comparison, as_json: bool) -> int:
    from agent.report.difference_text import to_text
    from agent.report.schema import to_json

    print(to_json(comparison) if as_json else to_text(comparison))
    return 0 if comparison.same else 1
