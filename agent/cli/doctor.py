"""The command `doctor`: what is installed, what is missing, and how to install it."""

from __future__ import annotations

import argparse

from agent.cli import shared
from agent.cli.parser import Group

_MARKS = {"ok": "ok      ", "optional": "missing ", "broken": "BROKEN  "}


def add(group: Group) -> None:
    """Add `doctor`."""
    doctor = group.add("doctor", "check the installation and say what is missing", _doctor)
    doctor.add_argument("--device", metavar="NAME", help="a device to try, such as cuda")
    doctor.add_argument("--weights", metavar="FILE", help="a checkpoint to try")
    doctor.add_argument("--json", action="store_true", help="print JSON")


def _doctor(options: argparse.Namespace) -> int:
    from agent.cli.installation import examine
    from agent.report.schema import json_text

    findings = examine(shared.settings(options))
    broken = [item for item in findings if item.state == "broken"]
    if options.json:
        print(json_text([item.model_dump(mode="json") for item in findings]))
    else:
        for item in findings:
            print(f"{item.area:9} {_MARKS[item.state]} {item.name}: {item.detail}")
            if item.fix:
                print(f"{'':18} → {item.fix}")
        print("Everything needed is installed." if not broken else f"{len(broken)} broken.")
    if not broken:
        return 0
    return 4 if all(item.area == "model" for item in broken) else 3
