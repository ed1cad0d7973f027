"""`ask --compare`: a comparison of models, as the question asks for it."""

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
#: The format of `compare` for each format of `ask`: on a terminal both are laid out.
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


def compare_for_question(options: argparse.Namespace) -> int:
    """Compare models as a question asks, and return the exit code of `compare`."""
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
            f"{visible(' or '.join(request.strangers))} cannot be compared; use --with to name "
            "models that `groundglass compare --list` shows"
        )
    models = (*request.models, *options.compared) or DEFAULT
    scale = options.upscale or request.factor or SCALE
    if scale not in _SCALES:
        raise InputError(
            f"models can be compared at whole factors from 1 to {_SCALES[-1]}, but the question "
            f"names {scale:g}; choose one with --upscale"
        )
    order = Order(options.image, models, int(scale), settings, request.criterion, question)
    return compare_and_print(order, options, _FORMS[options.format])


def _check(options: argparse.Namespace) -> None:
    """Check that the options fit a comparison.

    Raises:
        InputError: if they do not.
    """
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
            f"--compare measures models and writes no answer; leave out {' and '.join(names)}"
        )
    if options.format not in _FORMS:
        raise InputError(
            f"a comparison cannot be printed as {options.format}; choose markdown or json, or "
            "save its page with -o"
        )


def compare_command(report: Report, options: argparse.Namespace) -> str | None:
    """Return the command that compares models on the pictures of a question.

    None unless the question compares models that can be compared, or asks for a model.
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
