"""The command `check`: another assistant's prose, checked against the registry."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.parser import Group
from agent.cli.streams import print_exact

if TYPE_CHECKING:
    from agent.llm.checking import CheckedSentence, CheckedText

_MOST_BYTES = 1_000_000
_WIDEST = 100


def add(group: Group) -> None:
    """Add `check`."""
    about = "check what another assistant wrote against the registry"
    add = group.add("check", about, _check).add_argument
    add(
        "file", nargs="?", default="-", metavar="FILE",
        help="the text, Markdown or plain; - or no FILE reads standard input",
    )  # fmt: skip
    add(
        "--question",
        default="",
        help="the question being answered; the text may repeat numbers and names from it",
    )
    add(
        "--report", type=shared.path, metavar="FILE",
        help="a report.json, or its folder, with the runs that the text may describe",
    )  # fmt: skip
    add("-f", "--format", choices=("text", "json"), default="text", help="what to print")


def _check(options: argparse.Namespace) -> int:
    from agent.pipeline import Agent
    from agent.report.reader import read_report

    text = _text(options.file)
    report = read_report(options.report) if options.report else None
    checked = Agent(shared.settings(options)).check(text, options.question, report)
    if options.format == "json":
        print_exact(checked.model_dump_json(indent=2))
    else:
        print("\n".join(_lines(checked)))
    return 0 if checked.passed else 1


def _text(name: str) -> str:
    from agent.errors import InputError
    from agent.files import read_text, standard_input, text_of

    if name != "-":
        return read_text(shared.path(name), "a text file to check", _MOST_BYTES)
    content = standard_input().read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise InputError(
            f"standard input is larger than {_MOST_BYTES:,} bytes; give a shorter text to check"
        )
    return text_of(content, "standard input")


def _lines(checked: CheckedText) -> Iterator[str]:
    """Yield each sentence under its verdict, then the summary, then the limits of the check."""
    from agent.llm.checking import summary

    for sentence in checked.sentences:
        yield from _sentence_lines(sentence)
    yield summary(checked)
    yield from textwrap.wrap(checked.note, _width())


def _sentence_lines(sentence: CheckedSentence) -> Iterator[str]:
    ids = ", ".join((*sentence.facts, *sentence.evidence))
    yield sentence.verdict + (f"  {ids}" if ids else "")
    yield from _wrap(sentence.text, "  ")
    for problem in sentence.problems:
        yield from _wrap(f"{problem.kind}: {problem.message}", "    ✗ ", "      ")
    yield ""


def _wrap(text: str, first: str, rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, _width(), initial_indent=first, subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
    )  # fmt: skip


def _width() -> int:
    from shutil import get_terminal_size

    return max(40, min(get_terminal_size().columns, _WIDEST))
