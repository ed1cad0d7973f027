"""The command `evaluate`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from agent.cli import shared
from agent.cli.parser import Group


class _Evaluation(Protocol):
    """What an evaluation comes to."""

    def to_dict(self) -> Mapping[str, Any]: ...

    def to_table(self) -> str: ...


def add(group: Group) -> None:
    """Add `evaluate`."""
    evaluate = Group(group.add("evaluate", "evaluate search, answers, networks and checks"), "WHAT")
    add = evaluate.add("matching", "evaluate the search", _matching).add_argument
    add("--models", type=shared.path, required=True, metavar="FILE", help="cards as JSON lines")
    add(
        "--questions",
        type=shared.path,
        required=True,
        metavar="FILE",
        help="questions as JSON lines, with the card that each is about",
    )
    add("--json", action="store_true", help="print JSON")
    add = evaluate.add("answers", "evaluate answers to questions", _answers).add_argument
    add(
        "--questions", type=shared.path, required=True, metavar="FILE",
        help="questions as JSON lines, with what the answer to each must open with",
    )  # fmt: skip
    add("--json", action="store_true", help="print JSON")
    add = evaluate.add(
        "restoration", "evaluate the network on sharp pictures", _restoration
    ).add_argument
    add("--data", type=shared.path, required=True, metavar="DIR", help="sharp pictures")
    add("--weights", metavar="FILE", help="a checkpoint of MIMO-UNet or MIMO-UNet+")
    add("--limit", type=int, metavar="N", help="pictures per group")
    add("--crop", type=int, default=480, metavar="PX", help="side of the centre that is used")
    add(
        "--precision", choices=shared.PRECISIONS, default="fp32",
        help="precision of the network; default: fp32, the same on every machine",
    )  # fmt: skip
    add("--sheet", type=shared.sheet, metavar="FILE", help="also draw pictures and words")
    add("--seed", type=int, default=0, help="random seed")
    add("--json", action="store_true", help="print JSON")
    features = evaluate.add("features", "evaluate feature upsamplers", _features)
    add = features.add_argument
    add("--data", type=shared.path, required=True, metavar="DIR", help="pictures")
    add(
        "--sharpener", type=shared.path, nargs="+", metavar="FILE",
        help="weights that train features wrote; default: the built-in ones",
    )  # fmt: skip
    shared.encoder_options(features)
    add("--limit", type=int, metavar="N", help="pictures per group")
    add("--seed", type=int, default=0, help="random seed")
    add("--json", action="store_true", help="print JSON")
    _add_language_models(evaluate)


def _add_language_models(evaluate: Group) -> None:
    swaps = evaluate.add(
        "swaps", "count the false variants of the registry's claims that pass the checks",
        _swaps,
    )  # fmt: skip
    swaps.add_argument("--json", action="store_true", help="print JSON")
    shared.model_options(swaps)
    add = evaluate.add(
        "check", "evaluate the check of another assistant's prose", _check
    ).add_argument
    add(
        "--statements", type=shared.path, required=True, metavar="FILE",
        help="sentences as JSON lines, with whether the registry supports them",
    )  # fmt: skip
    add("--json", action="store_true", help="print JSON")
    judge = evaluate.add("judge", "evaluate a language model as a judge of sentences", _judge)
    add = judge.add_argument
    add(
        "--statements", type=shared.path, required=True, metavar="FILE",
        help="statements as JSON lines, with their facts and whether these support them",
    )  # fmt: skip
    add("--json", action="store_true", help="print JSON")
    shared.model_options(judge)


def _measure(
    options: argparse.Namespace, measure: Callable[[Callable[[str], None]], _Evaluation]
) -> int:
    """Evaluate with progress, and print the result as the options say."""
    progress = shared.progress(options)
    try:
        result = measure(progress)
    finally:
        progress("")
    print(json.dumps(result.to_dict(), indent=2) if options.json else result.to_table())
    return 0


def _check(options: argparse.Namespace) -> int:
    from agent.lab.evaluation.checking import evaluate

    settings = shared.settings(options)
    return _measure(options, lambda progress: evaluate(options.statements, settings, progress))


def _judge(options: argparse.Namespace) -> int:
    from agent.lab.evaluation.judging import evaluate

    settings = shared.settings(options)
    return _measure(options, lambda progress: evaluate(options.statements, settings, progress))


def _swaps(options: argparse.Namespace) -> int:
    from agent.lab.evaluation.judging import evaluate_swaps

    settings = shared.settings(options)
    return _measure(options, lambda progress: evaluate_swaps(settings, progress))


def _answers(options: argparse.Namespace) -> int:
    from agent.lab.evaluation.answers import evaluate

    settings = shared.settings(options)
    return _measure(options, lambda progress: evaluate(options.questions, settings, progress))


def _restoration(options: argparse.Namespace) -> int:
    from agent.lab.evaluation.restoration import Sample, evaluate, table
    from agent.lab.evaluation.restoration_sheet import RestorationSheet

    sheet = RestorationSheet() if options.sheet else None
    settings = shared.settings(options)
    result = evaluate(
        options.data,
        settings.weights,
        Sample(options.crop, options.limit, options.seed),
        device=settings.device,
        precision=settings.precision,
        progress=shared.progress(options),
        keep=sheet,
    )
    print(json.dumps(result.to_dict(), indent=2) if options.json else table(result))
    if sheet is not None:
        shared.write_sheet(options.sheet, sheet.pixels())
    return 0


def _features(options: argparse.Namespace) -> int:
    from agent.files import SHARPENERS
    from agent.lab.evaluation.features import evaluate, table

    result = evaluate(
        options.data,
        options.sharpener or list(SHARPENERS.values()),
        shared.feature_stage(options),
        limit=options.limit,
        seed=options.seed,
        progress=shared.progress(options),
    )
    print(json.dumps(result.to_dict(), indent=2) if options.json else table(result))
    return 0


def _matching(options: argparse.Namespace) -> int:
    from agent.lab.evaluation.matching import evaluate

    return _measure(options, lambda _: evaluate(options.models, options.questions))
