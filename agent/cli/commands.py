"""The whole command line: one module a group of commands, with their options and what they do."""

from __future__ import annotations

from agent.cli import ask as asking
from agent.cli import batch, logs, registry
from agent.cli import config as configuring
from agent.cli import doctor as everyday
from agent.cli import evaluate as evaluation
from agent.cli import export as exporting
from agent.cli import read as reading
from agent.cli import replay as replaying
from agent.cli import restore as restoring
from agent.cli import rsa as representations
from agent.cli import run as workflows
from agent.cli import train as training
from agent.cli.parser import Group, Parser, Version, shared_options

GROUPS = (
    asking,
    restoring,
    batch,
    logs,
    replaying,
    workflows,
    registry,
    training,
    evaluation,
    reading,
    exporting,
    representations,
    configuring,
    everyday,
)


def parser() -> Parser:
    """The parser of the whole command line; `command` of its result is what to run."""
    top = Parser(
        prog="groundglass",
        description="Asks why an image model did what it did, and answers from vetted sources.",
        parents=[shared_options()],
    )
    top.set_defaults(quiet=False, verbose=0, log_file=None, registry=None)
    top.add_argument("--version", action=Version, nargs=0, help="print the version")
    commands = Group(top)
    for group in GROUPS:
        group.add(commands)
    return top
