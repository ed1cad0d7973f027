"""What the page on assistants shows to be copied is what the program takes."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

from agent.cli.commands import parser

_PAGE = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", _PAGE, re.DOTALL)


def entries() -> list[dict[str, Any]]:
    """What each configuration says of the server."""
    configurations = [*map(json.loads, blocks("json")), *map(tomllib.loads, blocks("toml"))]
    return [next(iter(whole.values()))["groundglass"] for whole in configurations]


def test_each_configuration_starts_the_command() -> None:
    commands = [[entry["command"], *entry["args"]] for entry in entries()]
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    commands += [shlex.split(line.partition(" -- ")[2]) for line in lines if " -- " in line]
    assert len(commands) == 6
    for command, *arguments in commands:
        assert command == "groundglass"
        assert parser().parse_args(arguments).allow
