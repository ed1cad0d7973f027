"""What registries of MCP servers are told is what the package is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from agent.cli.commands import parser

_TOP = Path(__file__).parents[1]
_SERVER = json.loads((_TOP / "server.json").read_text("utf-8"))
_PROJECT = tomllib.loads((_TOP / "pyproject.toml").read_text("utf-8"))["project"]
#: Of the registry's schema.
_MOST_CHARACTERS = 100


def test_it_names_this_version_of_this_package() -> None:
    (package,) = _SERVER["packages"]
    assert package["identifier"] == _PROJECT["name"]
    assert {_SERVER["version"], package["version"]} == {_PROJECT["version"]}
    assert len(_SERVER["description"]) <= _MOST_CHARACTERS
    (extra,) = package["runtimeArguments"]
    assert extra["value"] == f"{_PROJECT['name']}[mcp]"
    assert "mcp" in _PROJECT["optional-dependencies"]


def test_its_arguments_start_the_server() -> None:
    command, option = _SERVER["packages"][0]["packageArguments"]
    options = parser().parse_args([command["value"], f"{option['name']}=a", f"{option['name']}=b"])
    assert len(options.allow) == 2
