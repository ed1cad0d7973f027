"""The command-line parser: groups of commands, and the options that all commands share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from agent.cli.shared import path
from agent.text import visible

Run = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser that reports errors in one line, without raw control characters."""

    def error(self, message: str) -> None:  # type: ignore[override]
        print(f"groundglass: {visible(message)}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


class Group:
    """A group of commands, each with the shared options."""

    def __init__(
        self, parent: argparse.ArgumentParser, metavar: str = "COMMAND", required: bool = True
    ) -> None:
        self.parent = parent
        self._commands = parent.add_subparsers(
            metavar=metavar, required=required, parser_class=Parser
        )

    def add(self, name: str, help: str, run: Run | None = None) -> argparse.ArgumentParser:
        parser = self._commands.add_parser(
            name, help=help, description=help, parents=[shared_options()]
        )
        if run:
            parser.set_defaults(command=run)
        return parser


def shared_options() -> Parser:
    # They may come before or after the command; SUPPRESS keeps the later parser from resetting
    # them.
    shared = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument(
        "--registry", action="append", metavar="FILE",
        help="answer from these cards only: a file, or the built-in `default` or `upscalers`; may "
        "be given several times",
    )  # fmt: skip
    shared.add_argument("-q", "--quiet", action="store_true", help="show no progress")
    shared.add_argument(
        "-v", "--verbose", action="count", help="show each step; give it twice for more"
    )
    shared.add_argument(
        "--log-file",
        type=path,
        metavar="FILE",
        help="write diagnostics, with tracebacks, to this file",
    )
    return shared


class Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"groundglass {version('groundglass')}")
        parser.exit()
