"""The command `compare`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.parser import Group
from agent.cli.streams import print_exact
from agent.errors import InputError
from agent.text import visible

if TYPE_CHECKING:
    from agent.report.model_comparison.record import ModelComparison
    from agent.systems.model_comparison.comparing import Order, Progress

_BAR = 24
#: The default factor by which both sides are enlarged.
SCALE = 3


def add(group: Group) -> None:
    """Add `compare`."""
    about = "compare models on your own pictures, and say which is best at what"
    command = group.add("compare", about, _compare)
    add = command.add_argument
    add(
        *("-i", "--image"), type=shared.path, action="extend", nargs="+", default=[],
        metavar="FILE", dest="images", help="the pictures",
    )  # fmt: skip
    add(
        "--with", action="extend", nargs="+", default=[], metavar="MODEL", dest="models",
        help="a model to compare; may be given several times; default: mimo-unet-plus; bicubic "
        "interpolation is always included",
    )  # fmt: skip
    add("--list", action="store_true", help="print every model that can be compared, and stop")
    add(
        "--scale", type=int, choices=range(1, 9), default=SCALE, metavar="S",
        help="enlarge by a factor of S, 1 to 8; default: %(default)s",
    )  # fmt: skip
    add(
        "--criterion", metavar="WORD",
        help="criterion to rank by: text, edges, halos, fidelity, texture, colour, speed or "
        "memory; default: show the best for each",
    )  # fmt: skip
    add(
        *("-o", "--output"), type=shared.folder, metavar="DIR",
        help="save an HTML page, text versions and all results here; an interrupted comparison "
        "resumes from them",
    )  # fmt: skip
    add(
        "--format", choices=("text", "markdown", "json"), default="text",
        help="what to print; default: %(default)s",
    )  # fmt: skip
    add("--weights", metavar="FILE", help="weights of MIMO-UNet or MIMO-UNet+")
    add("--device", help="a PyTorch device, such as cuda; default: cpu")


def _compare(options: argparse.Namespace) -> int:
    if options.list:
        return _list()
    if not options.images:
        raise InputError("give the pictures with -i, or --list; see groundglass compare --help")
    from agent.systems.model_comparison.comparing import Order
    from agent.systems.model_comparison.contenders import BICUBIC, DEFAULT

    models, settings = options.models or DEFAULT, shared.settings(options)
    if set(models) == {BICUBIC}:
        raise InputError(
            f"{BICUBIC} is always compared, so name another model too, with --with MODEL; --list "
            "shows them"
        )
    order = Order(options.images, models, options.scale, settings, options.criterion)
    return compare_and_print(order, options, options.format)


def compare_and_print(order: Order, options: argparse.Namespace, form: str) -> int:
    """Run a comparison with the options `output` and `quiet`, and print it.

    Args:
        form: what to print, as `--format` takes it.

    Returns:
        The exit code: 1 if a model did not run.
    """
    from agent.systems.model_comparison.comparing import compare
    from agent.systems.model_comparison.folder import ComparisonFolder
    from agent.systems.model_comparison.pages import save_pages

    with _folder(options.output) as path:
        folder = ComparisonFolder(path)
        tell = shared.progress(options)
        try:
            comparison = compare(order, folder, _bar(tell))
        finally:
            tell("")  # erases the last line of progress
        if options.output:
            save_pages(comparison, order.pictures, folder)
    _print(comparison, form, bool(options.output))
    if options.output:
        print(f"Saved in {visible(str(options.output))}", file=sys.stderr)
    results = [result for picture in comparison.pictures for result in picture.results]
    return 0 if all(result.status == "ran" for result in results) else 1


@contextmanager
def _folder(folder: Path | None) -> Iterator[Path]:
    """Provide the named folder, or a temporary one."""
    if folder:
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="groundglass-") as temporary:
            yield Path(temporary)


def _bar(tell: Callable[[str], None]) -> Callable[[Progress], None]:
    def show(progress: Progress) -> None:
        full = round(progress.share * _BAR)
        bar = "█" * full + "░" * (_BAR - full)
        tell(f"{bar} {100 * progress.share:.0f} %  {progress.text}")

    return show


def _print(comparison: ModelComparison, format: str, saved: bool) -> None:
    if format == "json":
        from agent.report.schema import to_json

        print_exact(to_json(comparison))
    elif format == "markdown" or not sys.stdout.isatty():
        from agent.report.model_comparison.markdown import to_markdown

        print_exact(to_markdown(comparison, saved=saved))
    else:
        from agent.report.model_comparison.terminal import print_comparison

        print_comparison(comparison)


def _list() -> int:
    from agent.systems.model_comparison.contenders import contenders

    models = contenders()
    width = max(map(len, models))
    for key, model in models.items():
        print(f"{key:<{width}}  {model.name}")
    return 0
