"""The options of the command line; what they do is in `commands`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from agent.surfaces.cli import commands
from agent.text import visible

FORMATS = ("markdown", "json", "html", "bibtex", "csl-json")

Run = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """Complains in one line, without raw control characters."""

    def error(self, message: str) -> None:  # type: ignore[override]
        print(f"groundglass: {visible(message)}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


class _Group:
    """Commands side by side, each with the options that all share."""

    def __init__(self, parent: argparse.ArgumentParser, metavar: str = "COMMAND") -> None:
        self._commands = parent.add_subparsers(metavar=metavar, required=True, parser_class=_Parser)

    def add(self, name: str, help: str, run: Run | None = None) -> argparse.ArgumentParser:
        made = self._commands.add_parser(
            name, help=help, description=help, parents=[_shared_options()]
        )
        if run:
            made.set_defaults(command=run)
        return made


def _shared_options() -> _Parser:
    # Given before or after the command; SUPPRESS keeps the later parser from resetting the value.
    shared = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--registry", metavar="FILE", help="cards to answer from, and no others")
    shared.add_argument("-q", "--quiet", action="store_true", help="no progress")
    return shared


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; `command` of its result is what to run."""
    top = _Parser(
        prog="groundglass",
        description="Asks why an image model did what it did, and answers from vetted sources.",
        parents=[_shared_options()],
    )
    top.set_defaults(quiet=False, registry=None)
    top.add_argument("--version", action=_Version, nargs=0, help="print the version")
    group = _Group(top)
    _ask_options(group.add("ask", "answer a question, with or without pictures", commands.ask))
    chat = group.add("chat", "ask and follow up, from a prompt", commands.chat)
    _picture_options(chat)
    brief = group.add("brief", "write a brief for any assistant to answer from", commands.brief)
    brief.add_argument("question", nargs="+")
    _registry_commands(group)
    _training_commands(group)
    _evaluation_commands(group)
    schema = group.add("schema", "print a JSON Schema", commands.schema)
    schema.add_argument("noun", choices=("report", "registry"))
    return top


def _picture_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add(
        *("-i", "--image"), type=Path, action="append", default=[], metavar="FILE",
        help="a picture to run the model on; may be given several times",
    )  # fmt: skip
    add("--weights", metavar="FILE", help="weights of MIMO-UNet or MIMO-UNet+")
    add("--no-run", action="store_true", help="answer without running a model")


def _ask_options(ask: argparse.ArgumentParser) -> None:
    _picture_options(ask)
    add = ask.add_argument
    add("question", nargs="*", help="the question; - reads it from standard input")
    add(
        "--upscale", type=int, choices=range(1, 9), metavar="N",
        help="enlarge pictures N times first, 1 to 8; default: what the question names",
    )  # fmt: skip
    add("--brief", type=Path, metavar="FILE", help="answer this brief, from what it lists alone")
    add("-f", "--format", choices=FORMATS, default="markdown")
    add("-o", "--output", type=Path, metavar="FOLDER", help="save the report with its pictures")
    add("--strict", action="store_true", help="exit with 1 where the answer is not verified")


def _registry_commands(group: _Group) -> None:
    verbs = _Group(group.add("registry", "look at, search, check and extend the cards"), "VERB")
    verbs.add("list", "list the cards", commands.registry_list)
    verbs.add("show", "print a card", commands.registry_show).add_argument("id")
    search = verbs.add("search", "search the cards", commands.registry_search)
    search.add_argument("text", nargs="*")
    search.add_argument("--questions", type=Path, metavar="FILE", help="JSON lines {id, question}")
    search.add_argument("--top", type=int, default=10, metavar="N")
    search.add_argument("-o", "--output", type=Path, metavar="FILE")
    check = verbs.add("check", "report every problem of a registry", commands.registry_check)
    check.add_argument("file", nargs="?", type=Path)
    verbs.add("schema", "print the JSON Schema of a registry", commands.registry_schema)
    add = verbs.add("add", "draft a card from arXiv", commands.registry_add)
    add.add_argument("source", metavar="arxiv:ID")
    add.add_argument("--write", action="store_true", help="append it to the registry")
    refresh = "report where arXiv differs from the cards; changes nothing"
    verbs.add("refresh", refresh, commands.registry_refresh)


def _training_commands(group: _Group) -> None:
    train = _Group(group.add("train", "train a network"), "WHAT")
    add = train.add("restoration", "train MIMO-UNet+", commands.train_restoration).add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="sharp pictures")
    add("-o", "--output", type=Path, required=True, metavar="DIR", help="resumed where it exists")
    add("--steps", type=int, default=12_000)
    add("--blocks", type=int, default=20, help="residual blocks a stage: 20 is MIMO-UNet+")
    add("--batch", type=int, default=8)
    add("--patch", type=int, default=64)
    add("--learning-rate", type=float, default=3e-4)
    add("--cooldown", type=int, default=500, help="steps over which the rate falls to zero")
    add("--seed", type=int, default=0)
    add("--device", default="cpu")
    add("--start-from", type=Path, metavar="FILE", help="a checkpoint of the same depth or less")


def _evaluation_commands(group: _Group) -> None:
    evaluate = _Group(group.add("evaluate", "measure quality"), "WHAT")
    add = evaluate.add("matching", "measure the search", commands.evaluate_matching).add_argument
    add("--models", type=Path, required=True, metavar="FILE")
    add("--questions", type=Path, required=True, metavar="FILE")
    add("--json", action="store_true")
    add = evaluate.add(
        "restoration", "measure the network on sharp pictures", commands.evaluate_restoration
    ).add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="sharp pictures")
    add("--weights", metavar="FILE")
    add("--limit", type=int, metavar="N", help="pictures a group")
    add("--crop", type=int, default=480, metavar="PX", help="side of the centre that is used")
    add("--seed", type=int, default=0)
    add("--json", action="store_true")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"groundglass {version('groundglass')}")
        parser.exit()
