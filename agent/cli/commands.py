"""The whole command line: one module a group of commands, with their options and what they do."""

from __future__ import annotations

from agent.cli import (
    ask,
    batch,
    check,
    compare,
    config,
    diff,
    doctor,
    evaluate,
    export,
    identify,
    logs,
    manual,
    mcp,
    read,
    registry,
    replay,
    restore,
    rsa,
    run,
    serve,
    train,
)
from agent.cli.parser import Group, Parser, Version, shared_options

#: In the order of the help.
GROUPS = (
    ask,
    restore,
    compare,
    serve,
    batch,
    check,
    mcp,
    logs,
    replay,
    diff,
    run,
    registry,
    train,
    evaluate,
    read,
    identify,
    export,
    rsa,
    config,
    doctor,
    manual,
)


def parser() -> Parser:
    """The parser of the whole command line; `command` of its result is what to run."""
    top = Parser(
        prog="groundglass",
        description="Explains why an image model did what it did, from vetted sources.",
        parents=[shared_options()],
    )
    top.set_defaults(quiet=False, verbose=0, log_file=None, registry=None)
    top.add_argument("--version", action=Version, nargs=0, help="print the version")
    commands = Group(top)
    for group in GROUPS:
        group.add(commands)
    return top
