"""The command `mcp`: tools for an assistant, over standard input and output."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.cli import shared
from agent.cli.parser import Group
from agent.errors import ConfigError, InputError
from agent.text import visible


def add(group: Group) -> None:
    """Add `mcp`."""
    about = "run an MCP server for an assistant (stdio)"
    command = group.add("mcp", about, _serve)
    command.add_argument(
        "--allow", type=shared.path, action="append", default=[], metavar="DIR",
        help="let the assistant use pictures in this folder and below; may be given several "
        "times; default: none",
    )  # fmt: skip
    shared.run_options(command)
    shared.model_options(command)


def _serve(options: argparse.Namespace) -> int:
    for folder in options.allow:
        _check_folder(folder)
    settings = shared.settings(options)
    try:
        from agent.web.mcp import run_stdio
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"the package {error.name} is missing; run: pip install 'groundglass[mcp]'"
        ) from None
    from agent.web.options import ServerOptions
    from agent.web.service import Service

    run_stdio(lambda: Service(settings, ServerOptions(allow=tuple(options.allow))))
    return 0


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise InputError(f"{visible(str(folder))} is not a folder; name one with --allow DIR")
