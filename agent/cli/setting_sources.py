"""Where each setting comes from: flags before environment before configuration before default."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.errors import ConfigError, InputError
from agent.files import path_of, read_text, shipped_registry, write_whole
from agent.text import visible

if TYPE_CHECKING:
    from agent.settings import Settings

#: Of a configuration file; it holds a dozen lines.
_MOST_BYTES = 100_000


class SettingValue(NamedTuple):
    """A value that somebody gave, not yet checked."""

    value: Any
    origin: str
    """Who gave it, as a person would look for it: `--device`, `GROUNDGLASS_DEVICE` or a file."""


def config_path() -> Path:
    """The configuration file, whether it exists or not: GROUNDGLASS_CONFIG, or where XDG says."""
    from platformdirs import user_config_path

    path = os.environ.get("GROUNDGLASS_CONFIG")
    return path_of(path) if path else user_config_path("groundglass") / "config.yaml"


def resolve(options: argparse.Namespace | None = None) -> tuple[Settings, dict[str, str]]:
    """The settings, and the origin of each that is not at its default.

    Args:
        options: flags; those named like a setting count.

    Raises:
        ConfigError: for a value, or a configuration file, that cannot be used.
    """
    from agent.settings import Settings, settings_of

    path = config_path()
    file_values = read_config(path)
    values: dict[str, SettingValue] = {}
    for field in fields(Settings):
        name, variable = field.name, f"GROUNDGLASS_{field.name.upper()}"
        flag = getattr(options, name, None)
        if flag not in (None, "", [""]):
            values[name] = SettingValue(flag, f"--{name.replace('_', '-')}")
        elif os.environ.get(variable):
            values[name] = SettingValue(os.environ[variable], variable)
        elif name in file_values:
            values[name] = SettingValue(file_values[name], str(path))
    origins = {name: item.origin for name, item in values.items()}
    settings = settings_of({name: item.value for name, item in values.items()}, origins)
    placed = _placed(settings, origins, path)
    return replace(settings, **placed), origins


def _placed(settings: Settings, origins: Mapping[str, str], path: Path) -> dict[str, Any]:
    """The paths that somebody gave; those of the configuration file start from its folder."""
    paths = {}
    for name, value in asdict(settings).items():
        if name in origins:
            try:
                paths[name] = placed(value, path.parent if origins[name] == str(path) else None)
            except InputError as error:
                raise ConfigError(f"{origins[name]}: {error}") from None
    return paths


def placed(value: Any, base: Path | None = None) -> Any:
    """The value of a setting, each path in it as the person means it: see `agent.files.path_of`.

    The name of a registry that ships stays a name.

    Raises:
        InputError: for what is no path.
    """
    if isinstance(value, tuple):
        return tuple(placed(item, base) for item in value)
    if not isinstance(value, Path):
        return value
    place = path_of(value, base)
    return value if shipped_registry(value) and not place.exists() else place


def read_config(path: Path) -> dict[str, Any]:
    """The settings in a configuration file, not yet checked; none where there is no file.

    Raises:
        ConfigError: when it cannot be read, is no YAML mapping, or names no setting.
    """
    return _parsed(_text(path), visible(str(path)))


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    return read_text(path, "a few settings as YAML", _MOST_BYTES, ConfigError, patience=0)


def _parsed(content: str, where: str) -> dict[str, Any]:
    import yaml

    try:
        values = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        detail = " ".join(str(error).split())[:200]
        raise ConfigError(
            f"{where}: is no YAML ({visible(detail)}); expected lines such as `device: cpu`"
        ) from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(
            f"{where}: holds {type(values).__name__}; expected lines such as `device: cpu`"
        )
    for name in values:
        known_name(str(name), where)
    return values


def known_name(name: str, where: str = "") -> str:
    """`name` where it is a setting.

    Raises:
        ConfigError: where it is none; names the nearest.
    """
    from agent.settings import Settings

    names = [field.name for field in fields(Settings)]
    if name not in names:
        import difflib

        near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]}? " if near else ""
        prefix = f"{where}: " if where else ""
        raise ConfigError(
            f"{prefix}there is no setting {visible(name)!r}; {hint}expected one of "
            f"{', '.join(names)}"
        )
    return name


def write_setting(path: Path, name: str, value: object) -> None:
    """Put a setting into the configuration file, or take it out for None.

    Other lines, comments too, stay as they are.

    Raises:
        ConfigError: when the file cannot be read, or is laid out so that a line cannot be changed.
    """
    import yaml

    values = {k: v for k, v in read_config(path).items() if k != name}
    text = _text(path)
    line = ""
    if value is not None:
        values[name] = value
        line = yaml.safe_dump(
            {name: value},
            allow_unicode=str(value).isprintable(),
            width=2**20,
            default_flow_style=None if isinstance(value, list) else False,  # on one line
        )
    pattern = re.compile(rf"^{name}[ \t]*:.*\n?", re.MULTILINE)
    if pattern.search(text):
        text = pattern.sub(lambda _: line, text, count=1)
    else:
        text += ("\n" if text and not text.endswith("\n") else "") + line
    if _parsed(text, visible(str(path))) != values:
        raise ConfigError(f"{visible(str(path))}: {name} spans lines; change it in an editor")
    write_whole(path, text.encode())
