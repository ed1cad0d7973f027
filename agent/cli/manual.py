"""The command `completion`, and the reference page of the documentation: both follow the parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from agent.cli.parser import Group
from agent.errors import ConfigError

_FILES = ("FILE", "DIR", "FOLDER")
_EXIT_CODES = (
    "0 done; 1 failed, or differs; 2 wrong usage or unreadable input; 3 an error in settings, "
    "registry or weights; 4 a web service failed; 130 interrupted."
)
_ENVIRONMENT = (
    "Every setting is read from GROUNDGLASS_NAME, such as GROUNDGLASS_DEVICE, and from the "
    "configuration file that `groundglass config path` prints; a flag overrides both. NO_COLOR "
    "turns colours off. GROUNDGLASS_CONFIG names another configuration file."
)


def add(group: Group) -> None:
    """Add `completion`, which describes all commands of the group's parser."""
    script = group.add(
        "completion", "print a completion script for your shell",
        lambda options: _completion(group.parent, options.shell),
    )  # fmt: skip
    script.add_argument("shell", choices=("bash", "zsh", "fish", "tcsh"), help="your shell")


def _completion(parser: argparse.ArgumentParser, shell: str) -> int:
    print(completion(parser, shell))
    return 0


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """A script for the shell that completes commands, options, choices and files.

    Raises:
        ConfigError: where the package shtab is not installed.
    """
    try:
        import shtab
    except ImportError:
        raise ConfigError(
            "completion needs the package shtab, which is not installed; pip install shtab"
        ) from None
    for _, command in commands(parser):
        for action in command._actions:
            if action.type is Path or action.metavar in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    return shtab.complete(parser, shell)


def commands(
    parser: argparse.ArgumentParser, about: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The parser and those of all its commands, in order, each with what it is for."""
    yield about, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {item.dest: item.help or "" for item in action._choices_actions}
            for name, child in action.choices.items():
                yield from commands(child, helps.get(name, ""))


def reference(parser: argparse.ArgumentParser) -> str:
    """Every command with its help, as Markdown."""
    parts = ["# Command line", f"Exit codes: {_EXIT_CODES}", _ENVIRONMENT]
    for about, command in commands(parser):
        if about:
            parts += [f"## {command.prog}", f"{about[0].upper()}{about[1:]}."]
        parts.append(f"```text\n{_help(command)}\n```")
    return "\n\n".join(parts) + "\n"


def _help(command: argparse.ArgumentParser) -> str:
    """The help of a command, the same on every terminal."""
    make = command.formatter_class
    command.formatter_class = lambda prog: argparse.HelpFormatter(prog, width=80)
    try:
        return command.format_help().rstrip()
    finally:
        command.formatter_class = make
