"""What each command does: reads its options, calls the core, prints; returns the exit code.

Heavy modules are imported by the command that needs them, so that `--help` is immediate.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import InputError
from agent.text import visible

#: Of a question on standard input; what is longer is refused, and need not be read to its end.
_MOST_BYTES = 200_000

if TYPE_CHECKING:
    from agent.registry import Registry
    from agent.settings import Settings
    from agent.types import Question, Report


def ask(options: argparse.Namespace) -> int:
    if bool(options.question) == bool(options.brief):
        raise InputError("give a question or --brief FILE, one of them; see groundglass ask --help")
    if options.output and options.output.exists() and not options.output.is_dir():
        raise InputError(f"{options.output}: is a file; name a folder for the report")
    report = _answer(options)
    if options.output:
        from agent.formats.folder import write

        write(report, options.output)
    _print_report(report, options.format, saved=bool(options.output))
    if options.output:
        print(f"Saved in {visible(str(options.output))}", file=sys.stderr)
    return 1 if options.strict and not report.verification.passed else 0


def _answer(options: argparse.Namespace) -> Report:
    from agent.pipeline import Agent

    images, progress = tuple(options.image), _progress(options)
    try:
        if options.brief:
            agent = Agent(_settings(options))
            return agent.ask_brief(options.brief, images, options.upscale, progress)
        question = _question(" ".join(options.question), images, options.upscale)
        return Agent(_settings(options)).ask(question, progress)
    finally:
        progress("")  # takes the last line of progress away


def _print_report(report: Report, form: str, saved: bool) -> None:
    if form == "markdown" and sys.stdout.isatty():
        from agent.formats.terminal import print_report

        print_report(report)
    elif form == "markdown":
        # Pictures that are not saved beside the text cannot be linked from it.
        shown = report if saved else report.model_copy(update={"pictures": {}})
        print(shown.to_markdown())
    elif form == "json":
        from agent.formats.schema import to_json

        print(to_json(report))
    elif form == "html":
        from agent.formats.html import to_html

        print(to_html(report))
    else:
        from agent.formats.citations import to_bibtex, to_csl_json

        convert = to_bibtex if form == "bibtex" else to_csl_json
        print(convert(report.answer.references))


def chat(options: argparse.Namespace) -> int:
    from agent.pipeline import Agent
    from agent.surfaces.chat import chat

    agent = Agent(_settings(options))
    return chat(agent, images=tuple(options.image), progress=_progress(options))


def brief(options: argparse.Namespace) -> int:
    from agent.pipeline import Agent

    question = _question(" ".join(options.question))
    print(Agent(_settings(options)).brief(question))
    return 0


def registry_list(options: argparse.Namespace) -> int:
    for card in _load_registry(options).cards():
        print(f"{visible(card.id)}\t{visible(card.name)}\t{visible(card.task)}")
    return 0


def registry_show(options: argparse.Namespace) -> int:
    card = _load_registry(options)[options.id]
    print(json.dumps(card.model_dump(exclude_defaults=True), indent=2, ensure_ascii=False))
    return 0


def registry_search(options: argparse.Namespace) -> int:
    from agent.evaluation.bulk import bulk_search
    from agent.retrieval import Index

    registry = _load_registry(options)
    index = Index.open(registry, _settings(options).cache)
    if options.questions:
        if not options.output:
            raise InputError("--questions needs -o FILE for its results")
        count = bulk_search(registry, index, options.questions, options.top, options.output)
        print(f"{count} questions searched, results in {visible(str(options.output))}")
        return 0
    if not options.text:
        raise InputError("give a text to search for, or --questions FILE")
    for hit in index.search(" ".join(options.text), options.top):
        print(f"{hit.score:.3f}\t{visible(hit.card)}\t{visible('; '.join(hit.reasons))}")
    return 0


def registry_check(options: argparse.Namespace) -> int:
    from agent.registry import check

    path = options.file or _settings(options).registry
    problems = check(path)
    if not problems:
        print(f"{visible(str(path))}: no problems")
        return 0
    for problem in problems:
        print(visible(problem), file=sys.stderr)
    return 3


def registry_schema(_: argparse.Namespace) -> int:
    from agent.registry import schema

    print(json.dumps(schema(), indent=2))
    return 0


def registry_add(options: argparse.Namespace) -> int:
    from agent.arxiv_drafts import append_draft, draft

    text = draft(options.source)
    if options.write:
        path = _settings(options).registry
        append_draft(path, text)
        print(f"Added to {visible(str(path))}; now put its summary and claims into your own words")
    else:
        print(text)
    return 0


def registry_refresh(options: argparse.Namespace) -> int:
    from agent.arxiv_drafts import drift

    found = drift(_load_registry(options))
    for item in found:
        print(
            f"{visible(item.card)}: {item.field}: the registry has {visible(item.ours)!r}, "
            f"arXiv has {visible(item.theirs)!r}"
        )
    print(f"{len(found)} differences; nothing was changed")
    return 0


def train_restoration(options: argparse.Namespace) -> int:
    from agent.nets.mimo_unet import load_checkpoint
    from agent.training.loop import Recipe, train

    recipe = Recipe(
        steps=options.steps,
        blocks=options.blocks,
        batch=options.batch,
        patch=options.patch,
        learning_rate=options.learning_rate,
        cooldown=options.cooldown,
        seed=options.seed,
    )
    start = load_checkpoint(options.start_from) if options.start_from else None
    weights = train(options.data, options.output, recipe, start_from=start, device=options.device)
    print(weights)
    return 0


def evaluate_restoration(options: argparse.Namespace) -> int:
    from agent.evaluation.restoration import evaluate, table

    settings = _settings(options)
    result = evaluate(
        options.data,
        settings.weights,
        crop=options.crop,
        limit=options.limit,
        seed=options.seed,
        device=settings.device,
        progress=_progress(options),
    )
    print(json.dumps(result.to_dict(), indent=2) if options.json else table(result))
    return 0


def evaluate_matching(options: argparse.Namespace) -> int:
    from agent.evaluation.matching import evaluate

    result = evaluate(options.models, options.questions)
    print(json.dumps(result.to_dict(), indent=2) if options.json else result.to_table())
    return 0


def schema(options: argparse.Namespace) -> int:
    from agent.formats.schema import report_schema
    from agent.registry import schema

    print(json.dumps(report_schema() if options.noun == "report" else schema(), indent=2))
    return 0


# --- shared by commands ----------------------------------------------------------------------


def _settings(options: argparse.Namespace) -> Settings:
    """Flags before environment variables before defaults."""
    from agent.settings import Settings

    given: dict[str, Any] = {"run_tools": not getattr(options, "no_run", False)}
    for name, kind in (("registry", Path), ("weights", Path), ("device", str)):
        value = getattr(options, name, None) or os.environ.get(f"GROUNDGLASS_{name.upper()}")
        if value:
            given[name] = kind(value)
    return Settings(**given)


def _load_registry(options: argparse.Namespace) -> Registry:
    from agent.registry import load

    settings = _settings(options)
    return load(settings.registry, settings.cache)


def _question(text: str, images: tuple[Path, ...] = (), upscale: int | None = None) -> Question:
    from agent.types import question_from

    if text == "-":
        text = sys.stdin.buffer.read(_MOST_BYTES).decode("utf-8", errors="replace")
    return question_from(text, images=images, upscale=upscale)


def _progress(options: argparse.Namespace) -> Callable[[str], None]:
    """Progress goes to standard error, and only where somebody watches."""
    if options.quiet or not sys.stderr.isatty():
        return lambda _: None

    def show(line: str) -> None:
        print(f"\r\x1b[2K{visible(line)}", end="", file=sys.stderr, flush=True)

    return show
