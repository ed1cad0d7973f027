"""The commands around the others: `doctor`, `completion` and `man`."""

from __future__ import annotations

import argparse

from agent.cli import shared
from agent.cli.parser import Group

_MARKS = {"ok": "ok      ", "optional": "missing ", "broken": "BROKEN  "}


def add(group: Group) -> None:
    """Add `doctor`, `completion` and `man`."""
    doctor = group.add("doctor", "look at what answers need and say what is missing", _doctor)
    doctor.add_argument("--device", metavar="NAME", help="a device to try, such as cuda")
    doctor.add_argument("--weights", metavar="FILE", help="a checkpoint to try")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    completion = group.add("completion", "print a script that completes commands", _completion)
    completion.add_argument("shell", choices=("bash", "zsh", "fish", "tcsh"), help="whose script")
    group.add("man", "print the manual page; pipe it to `man -l -`", _man)


def _doctor(options: argparse.Namespace) -> int:
    from agent.cli.diagnosis import examine
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
        print("All that is needed is there." if not broken else f"{len(broken)} broken.")
    if not broken:
        return 0
    return 4 if all(item.area == "model" for item in broken) else 3


def _completion(options: argparse.Namespace) -> int:
    from agent.cli.commands import parser
    from agent.cli.manual import completion

    print(completion(parser(), options.shell))
    return 0


def _man(_: argparse.Namespace) -> int:
    from agent.cli.commands import parser
    from agent.cli.manual import manual_page

    print(manual_page(parser()), end="")
    return 0
