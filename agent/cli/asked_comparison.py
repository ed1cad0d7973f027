"""`ask --compare`: models side by side, as a question asks for it."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.compare import SCALE, compare_and_print
from agent.errors import InputError
from agent.text import visible

if TYPE_CHECKING:
    from agent.types import Report

_SCALES = range(1, 9)
#: `ask` lays Markdown out on a terminal, as `compare` does its text.
_FORMS = {"markdown": "text", "json": "json"}


def add_options(ask: argparse.ArgumentParser) -> None:
    """Add the options of a comparison to `ask`."""
    add = ask.add_argument_group(
        "comparison", "compare models on the pictures instead of answering from the registry"
    ).add_argument
    add(
        "--compare", action="store_true",
        help="compare the models that the question names, by what it asks about; see groundglass "
        "compare --help",
    )  # fmt: skip
    add(
        "--with", action="append", default=[], metavar="MODEL", dest="compared",
        help="compare this model too; may be given several times; groundglass compare --list "
        "shows all",
    )  # fmt: skip


def compare_asked(options: argparse.Namespace) -> int:
    """Compare models as a question asks; the exit code is that of `compare`."""
    _check(options)
    question = shared.question(" ".join(options.question)).text
    settings = shared.settings(options)

    from agent.question.parse import parse
    from agent.search.comparison import comparison_in
    from agent.systems.model_comparison.comparing import Order
    from agent.systems.model_comparison.contenders import DEFAULT

    request = comparison_in(question, parse(question), settings.cache)
    if request.strangers and not options.compared:
        raise InputError(
            f"there is no {visible(' or '.join(request.strangers))} to compare with; name models "
            "with --with, of those that `groundglass compare --list` shows"
        )
    models = (*request.models, *options.compared) or DEFAULT
    scale = options.upscale or request.factor or SCALE
    if scale not in _SCALES:
        raise InputError(
            f"models are compared at whole factors from 1 to {_SCALES[-1]}, and the question names "
            f"{scale:g}; give one with --upscale"
        )
    order = Order(options.image, models, int(scale), settings, request.criterion, question)
    return compare_and_print(order, options, _FORMS[options.format])


def _check(options: argparse.Namespace) -> None:
    """Refuse what no comparison can do."""
    if not options.image:
        raise InputError("give the pictures to compare models on with -i")
    unfit = {
        "--brief": options.brief,
        "--agent": options.agent,
        "--strict": options.strict,
        "--model": options.model,
        "--evidence and --no-run": options.evidence,
    }
    if names := [name for name, value in unfit.items() if value]:
        raise InputError(
            f"--compare measures models and writes no answer; leave {' and '.join(names)} out"
        )
    if options.format not in _FORMS:
        raise InputError(
            f"a comparison cannot be printed as {options.format}; expected markdown or json, or "
            "save its page with -o"
        )


def comparing_command(report: Report, options: argparse.Namespace) -> str | None:
    """The command that compares models on the pictures of a question; None where it asks for none.

    It asks for one where it compares models that can be compared, or wishes for a model.
    """
    if not options.image:
        return None
    from agent.search.comparison import comparison_in

    parsed = report.parsed
    request = comparison_in(report.question.text, parsed, shared.settings(options).cache)
    compares = request.models and (len(request.models) > 1 or parsed.intent == "compare")
    if not (compares or parsed.wish):
        return None
    words = ["groundglass", "compare"]
    for image in options.image:
        words += ["-i", str(image)]
    for model in request.models:
        words += ["--with", model]
    if (scale := options.upscale or request.factor) in _SCALES:
        words += ["--scale", f"{scale:g}"]
    if request.criterion:
        words += ["--criterion", request.criterion]
    return visible(shlex.join(words))
