"""The command `restore`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.parser import Group
from agent.text import visible

if TYPE_CHECKING:
    from agent.systems.restoration.files import Outcome


def add(group: Group) -> None:
    """Add `restore`."""
    command = group.add("restore", "enlarge and restore picture files", restore)
    add = command.add_argument
    add("input", nargs="+", metavar="IN", help="picture files, patterns and folders")
    add(
        *("-o", "--output"), required=True, metavar="OUT",
        help="a folder, or for a single picture a file, whose suffix sets the format",
    )  # fmt: skip
    add(
        "--scale", type=int, choices=range(1, 9), default=1, metavar="S",
        help="enlarge by a factor of S first, 1 to 8; default: 1",
    )  # fmt: skip
    add("--weights", metavar="FILE", help=shared.WEIGHTS)
    add(
        "--precision", choices=shared.PRECISIONS,
        help="default: auto, the fastest that keeps the quality; fp32 is exact",
    )  # fmt: skip
    add(
        "--tile", metavar="auto|exact|N",
        help="how to tile large pictures: auto, tiles at most 1024 pixels wide; exact, same result "
        "as untiled; N, tiles N pixels wide; default: auto",
    )  # fmt: skip
    add(
        "--ensemble", action="store_const", const=True,
        help="average four rotations (MIMO-UNet++), four times the work",
    )  # fmt: skip
    add("--device", help="a PyTorch device, such as cuda; default: cpu")
    add(
        "--strip-metadata",
        action="store_true",
        help="leave out EXIF data, text metadata and resolution",
    )
    add("--overwrite", action="store_true", help="replace existing files")


def restore(options: argparse.Namespace) -> int:
    settings = shared.settings(options)

    from agent.files import path_of
    from agent.systems.model_files.recognition import card_of_file
    from agent.systems.restoration.files import Order, find_sources, restore_files

    order = Order(
        path_of(options.output),
        options.scale,
        options.overwrite,
        options.strip_metadata,
        folder=options.output.endswith("/"),
        cache=settings.cache,
        card_of=lambda sha256: card_of_file(shared.load_registry(options).cards(), sha256),
    )
    sources = find_sources(options.input, order.output, order.cache, _warn)
    progress = shared.progress(options)
    outcomes = []
    try:
        for outcome in restore_files(sources, order, settings, progress):
            progress("")
            _print_outcome(outcome)
            outcomes.append(outcome)
    finally:
        progress("")  # erases the last line of progress
        if len(sources) > 1 and outcomes:
            print(_summary(outcomes, len(sources)))
    return 1 if any(outcome.status == "failed" for outcome in outcomes) else 0


def _warn(line: str) -> None:
    print(f"groundglass: {visible(line)}", file=sys.stderr)


def _print_outcome(outcome: Outcome) -> None:
    notes = "".join(f"; {visible(note)}" for note in outcome.notes)
    name = visible(str(outcome.source))
    if outcome.target is None:
        reason = notes.removeprefix("; ").removeprefix(f"{name}: ")
        print(f"{name}: {outcome.status}: {reason}", file=sys.stderr, flush=True)
        return
    print(
        f"{name}: {outcome.status}, {visible(str(outcome.target))}, {outcome.width} × "
        f"{outcome.height} px, {outcome.seconds:.1f} s{notes}",
        flush=True,
    )


def _summary(outcomes: list[Outcome], expected: int) -> str:
    counts = {"restored": 0, "doubtful": 0, "failed": 0}
    for outcome in outcomes:
        counts[outcome.status] += 1
    parts = [f"{number} {status}" for status, number in counts.items()]
    if missing := expected - len(outcomes):
        parts.append(f"{missing} not started")
    return f"{expected} pictures: {', '.join(parts)}"
