"""The command `batch`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.surfaces.cli import shared
from agent.surfaces.cli.parsing import Group
from agent.text import visible

if TYPE_CHECKING:
    from agent.batch import Totals

_FORMS = ("jsonl", "json", "csv", "tsv", "yaml", "text")


def add(group: Group) -> None:
    """Add `batch`."""
    command = group.add("batch", "answer a file of questions; goes on where it was stopped", batch)
    add = command.add_argument
    add("questions", metavar="QUESTIONS", help="JSONL, CSV, TSV, YAML or text; - is standard input")
    add(
        *("-o", "--output"), type=Path, required=True, metavar="DIR",
        help="folder of the results; one that has some is gone on with",
    )  # fmt: skip
    add("--from", dest="form", choices=_FORMS, help="form of QUESTIONS; default: by its name")
    add(
        "--images",
        type=Path,
        metavar="DIR",
        help="where paths of pictures start; default: beside QUESTIONS",
    )
    shared.run_options(command)
    add("--workers", type=_count, default=1, metavar="N", help="processes that answer; default: 1")
    add("--limit", type=_count, metavar="N", help="the first N rows only")
    add("--retry-failed", action="store_true", help="answer again what failed before")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number of at least 1")
    return int(text)


def batch(options: argparse.Namespace) -> int:
    from agent.batch import Batch

    work = Batch(
        questions=options.questions,
        output=options.output,
        settings=shared.settings(options),
        form=options.form,
        images=options.images,
        limit=options.limit,
    )
    with _progress(options) as progress:
        totals = work.run(options.workers, options.retry_failed, progress)
    _close(totals, options.output)
    return 1 if totals.failed else 0


def _close(totals: Totals, output: Path) -> None:
    """The closing summary, on standard error."""
    counts = sorted(totals.statuses.items())
    told = ", ".join(f"{count:,} {status.replace('_', ' ')}" for status, count in counts)
    before = totals.rows - totals.fresh
    earlier = f" ({before:,} of them earlier)" if before else ""
    noun = "row" if totals.rows == 1 else "rows"
    print(f"{totals.rows:,} {noun}{earlier}: {told}", file=sys.stderr)
    if totals.failed:
        print("`error` says why; --retry-failed answers those rows again", file=sys.stderr)
    print(f"Results in {visible(str(output / 'index.html'))}", file=sys.stderr)


@contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Callable[[Totals], None]]:
    """A bar with rate, time left and failures, where somebody watches."""
    if options.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(elapsed_when_finished=True), TextColumn("{task.fields[failed]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", rate="", failed="")

        def show(totals: Totals) -> None:
            speed = bar.tasks[0].speed
            bar.update(
                task,
                total=totals.rows,
                completed=totals.done,
                rate=f"{speed:,.3g} rows/s" if speed else "",
                failed=f"{totals.failed:,} failed" if totals.failed else "",
            )

        yield show
