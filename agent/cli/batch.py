"""The command `batch`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.parser import Group
from agent.errors import InputError
from agent.report.formats import optional_formats
from agent.report.single_line import counted
from agent.text import visible

if TYPE_CHECKING:
    from agent.batch import Totals
    from agent.batch.dry_run import Estimate

#: The statuses of rows, in the words of the summary.
_STATUSES = {"error": "failed", "partly": "partly answered", "cannot_answer": "not answered"}
_FORMS = ("jsonl", "json", "csv", "tsv", "yaml", "text")


def add(group: Group) -> None:
    """Add `batch`."""
    command = group.add("batch", "answer a file of questions; resumes where it stopped", batch)
    add = command.add_argument
    add("questions", metavar="QUESTIONS", help="JSONL, CSV, TSV, YAML or text; - is standard input")
    add(
        *("-o", "--output"), required=True, metavar="DIR",
        help="folder for the results; if it has some, the batch resumes",
    )  # fmt: skip
    add(
        "--from",
        dest="form",
        choices=_FORMS,
        help="format of QUESTIONS; default: inferred from the file name",
    )
    add(
        "--images",
        metavar="DIR",
        help="base folder for relative picture paths; default: the folder of QUESTIONS",
    )
    shared.run_options(command)
    formats = {form.key: form.title for form in optional_formats()}
    kinds = " or ".join(formats.values())
    add("-f", "--format", choices=formats, help=f"also write each report as {kinds}")
    add(
        "--workers", type=_count, metavar="N",
        help="number of processes; default: one per core if there are pictures, otherwise one",
    )  # fmt: skip
    add("--limit", type=_count, metavar="N", help="answer the first N rows only")
    add("--retry-failed", action="store_true", help="retry what failed before")
    add("--dry-run", action="store_true", help="read all rows, estimate time and cost, and stop")
    _ray_options(command)
    shared.model_options(command)


def _ray_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument_group("on many machines").add_argument
    add(
        "--ray", nargs="?", const="", metavar="ADDRESS",
        help="answer on the Ray cluster at ADDRESS, or on Ray on this machine; -o and pictures may "
        "be URLs such as s3://…; --workers is the number of actors",
    )  # fmt: skip
    add("--cpus-per-worker", type=float, default=1.0, metavar="X", help="default: 1")
    add("--gpus-per-worker", type=float, default=0.0, metavar="X", help="default: 0")
    add("--results", choices=("jsonl", "parquet"), default="jsonl", help="default: jsonl")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number of at least 1")
    return int(text)


def batch(options: argparse.Namespace) -> int:
    if options.ray is not None:
        return _on_ray(options)
    from agent.batch import Batch
    from agent.files import folder_of, path_of

    work = Batch(
        questions=options.questions
        if options.questions == "-"
        else str(path_of(options.questions)),
        output=folder_of(options.output),
        settings=shared.settings(options),
        form=options.form,
        images=path_of(options.images) if options.images else None,
        limit=options.limit,
        formats=(options.format,) if options.format else (),
    )
    if options.dry_run:
        return _print_estimate(work.estimate(options.workers))
    with _progress(options) as progress:
        totals = work.run(options.workers, options.retry_failed, progress)
    if totals.workers < (options.workers or 1):
        print(f"using {totals.workers} workers: memory allows no more", file=sys.stderr)
    earlier = totals.rows - totals.fresh
    return _summarize(totals.statuses, str(work.output / "index.html"), earlier)


def _print_estimate(estimate: Estimate) -> int:
    """Print an estimate, and return the exit code."""
    pending = estimate.statuses.get("pending", 0)
    print(f"{counted(estimate.rows, 'row')}: {pending:,} to do")
    if estimate.duplicates:
        print(f"{counted(estimate.duplicates, 'duplicate row')}, answered once")
    for number, why in estimate.bad:
        print(f"row {number} is unusable: {visible(why)}")
    if estimate.unusable > len(estimate.bad):
        print(f"and {counted(estimate.unusable - len(estimate.bad), 'more unusable row')}")
    if estimate.pictures:
        pictures = counted(estimate.pictures, "picture")
        print(f"{pictures} to restore, {estimate.megapixels:,.1f} megapixels in all")
    if estimate.restored:
        print(f"{counted(estimate.restored, 'picture')} already restored")
    minutes, seconds = divmod(round(estimate.seconds), 60)
    duration = (
        f"{minutes // 60} h {minutes % 60:02} min"
        if minutes >= 60
        else f"{minutes} min {seconds} s"
    )
    extra = ", plus text recognition and other tools" if estimate.pictures else ""
    workers = counted(estimate.workers, "worker")
    print(f"time: about {duration} with {workers}{extra}")
    if estimate.cost_usd is None:
        print("cost: unknown until some rows are done; try --limit 5")
    else:
        print(
            f"cost: about {estimate.cost_usd:.2f} US dollars"
            if estimate.cost_usd
            else "cost: nothing"
        )
    return 1 if estimate.unusable else 0


def _on_ray(options: argparse.Namespace) -> int:
    from agent.batch.on_ray import RayBatch

    if options.retry_failed or options.format or options.dry_run:
        raise InputError(
            "--ray does not support --retry-failed, --format or --dry-run; leave them out"
        )
    work = RayBatch(
        questions=options.questions,
        output=options.output,
        settings=shared.settings(options),
        form=options.form,
        images=options.images,
        limit=options.limit,
        actors=options.workers or 1,
        cpus=options.cpus_per_worker,
        gpus=options.gpus_per_worker,
        kind=options.results,
    )
    statuses = work.run(options.ray or None, progress=not options.quiet and sys.stderr.isatty())
    return _summarize(statuses, f"{options.output}/results")


def _summarize(statuses: Mapping[str, int], place: str, earlier: int = 0) -> int:
    """Print the summary to standard error, and return the exit code."""
    counts = ", ".join(
        f"{n:,} {_STATUSES.get(status, status)}" for status, n in sorted(statuses.items())
    )
    rows = sum(statuses.values())
    before = f" ({earlier:,} of them earlier)" if earlier else ""
    print(f"{counted(rows, 'row')}{before}: {counts}", file=sys.stderr)
    if statuses.get("error"):
        print("The `error` field says why a row failed", file=sys.stderr)
    print(f"Results in {visible(place)}", file=sys.stderr)
    return 1 if statuses.get("error") else 0


@contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Callable[[Totals], None]]:
    """Show a progress bar with rate, time left and failures, on a terminal only."""
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
            if not totals.fresh:  # earlier rows say nothing about the rate
                bar.reset(task, total=totals.rows, completed=totals.done)
            speed = bar.tasks[0].speed
            bar.update(
                task,
                total=totals.rows,
                completed=totals.done,
                rate=f"{speed:,.3g} rows/s" if speed else "",
                failed=f"{totals.failed:,} failed" if totals.failed else "",
            )

        yield show
