"""The command `diff`: the differences between two saved reports."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.parser import Group
from agent.cli.streams import print_exact

if TYPE_CHECKING:
    from agent.report.differences import Comparison


def add(group: Group) -> None:
    """Add `diff`."""
    diff = group.add("diff", "compare two saved reports", _diff)
    diff.add_argument("old", type=shared.path, help="a report.json, or the folder that holds it")
    diff.add_argument("new", type=shared.path, help="the one to compare with it")
    diff.add_argument("--json", action="store_true", help="print the comparison as JSON")


def _diff(options: argparse.Namespace) -> int:
    from agent.report.differences import compare
    from agent.report.reader import read_report

    return print_comparison(
        compare(read_report(options.old), read_report(options.new)), options.json
    )


def print_comparison(comparison: Comparison, as_json: bool) -> int:
    """Print the differences, and return the exit code: 1 if there are any."""
    from agent.report.difference_text import to_text
    from agent.report.schema import to_json

    if as_json:
        print_exact(to_json(comparison))
    else:
        print(to_text(comparison))
    return 0 if comparison.same else 1
