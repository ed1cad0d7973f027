"""The command `config`: show the settings and their origins, or save them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from agent.cli.parser import Group
from agent.text import visible

_NAME = "a setting that `groundglass config` lists"


def add(group: Group) -> None:
    """Add `config`."""
    show = group.add("config", "show the settings and where they come from, or set one", _show)
    show.add_argument("--json", action="store_true", help="print JSON")
    verbs = Group(show, "VERB", required=False)
    verbs.add("get", "print one setting", _get).add_argument("name", help=_NAME)
    keep = verbs.add("set", "save a setting in the configuration file", _set)
    keep.add_argument("name", help=_NAME)
    keep.add_argument("value", help="parsed to the setting's type")
    verbs.add("unset", "remove a setting from the configuration file", _unset).add_argument(
        "name", help=_NAME
    )
    verbs.add("path", "print where the configuration file is", _path)


def _show(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from agent.cli.setting_sources import resolve
    from agent.settings import plain

    settings, origins = resolve(options)
    rows = {
        name: {"value": plain(value), "from": origins.get(name, "default")}
        for name, value in asdict(settings).items()
    }
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    for name, row in rows.items():
        print(f"{name:12} {visible(_line(row['value']))}  ({visible(row['from'])})")
    return 0


def _get(options: argparse.Namespace) -> int:
    from agent.cli.setting_sources import known_name, resolve
    from agent.settings import plain

    settings, _ = resolve(options)
    print(visible(_line(plain(getattr(settings, known_name(options.name))))))
    return 0


def _set(options: argparse.Namespace) -> int:
    from agent.cli.setting_sources import config_path, known_name, resolve_paths, write_setting
    from agent.settings import plain, settings_of

    name = known_name(options.name)
    value = getattr(settings_of({name: options.value}), name)
    write_setting(config_path(), name, plain(resolve_paths(value, Path.cwd())))
    return 0


def _unset(options: argparse.Namespace) -> int:
    from agent.cli.setting_sources import config_path, known_name, write_setting

    write_setting(config_path(), known_name(options.name), None)
    return 0


def _path(_: argparse.Namespace) -> int:
    from agent.cli.setting_sources import config_path

    print(visible(str(config_path())))
    return 0


def _line(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
