"""Sources of settings, in order of precedence: flags, environment, configuration file, defaults."""

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

#: Largest size of a configuration file; real ones have a dozen lines.
_MOST_BYTES = 100_000


class SettingValue(NamedTuple):
    """An unchecked value of a setting, and its origin."""

    value: Any
    origin: str
    """Where it comes from: `--device`, `GROUNDGLASS_DEVICE` or the path of a file."""


def config_path() -> Path:
    """Return the path of the configuration file: GROUNDGLASS_CONFIG, or the XDG default."""
    from platformdirs import user_config_path

    path = os.environ.get("GROUNDGLASS_CONFIG")
    return path_of(path) if path else user_config_path("groundglass") / "config.yaml"


def resolve(options: argparse.Namespace | None = None) -> tuple[Settings, dict[str, str]]:
    """Return the settings, and the origin of each that is not a default.

    Args:
        options: flags; those with the name of a setting are used.

    Raises:
        ConfigError: if a value or the configuration file is invalid.
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
    resolve_paths = _resolved_paths(settings, origins, path)
    return replace(settings, **resolve_paths), origins


def _resolved_paths(settings: Settings, origins: Mapping[str, str], path: Path) -> dict[str, Any]:
    """Resolve the paths that are set; those of the configuration file start from its folder."""
    paths = {}
    for name, value in asdict(settings).items():
        if name in origins:
            try:
                paths[name] = resolve_paths(
                    value, path.parent if origins[name] == str(path) else None
                )
            except InputError as error:
                raise ConfigError(f"{origins[name]}: {error}") from None
    return paths


def resolve_paths(value: Any, base: Path | None = None) -> Any:
    """Resolve the paths in the value of a setting, as `agent.files.path_of` does.

    The name of a built-in registry stays a name.

    Raises:
        InputError: if a value is not a path.
    """
    if isinstance(value, tuple):
        return tuple(resolve_paths(item, base) for item in value)
    if not isinstance(value, Path):
        return value
    place = path_of(value, base)
    return value if shipped_registry(value) and not place.exists() else place


def read_config(path: Path) -> dict[str, Any]:
    """Read the settings of a configuration file, unchecked; an absent file has none.

    Raises:
        ConfigError: if it cannot be read, is not a YAML mapping, or has an unknown setting.
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
            f"{where} is not valid YAML ({visible(detail)}); expected lines such as `device: cpu`"
        ) from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(
            f"{where} contains {type(values).__name__}; expected lines such as `device: cpu`"
        )
    for name in values:
        known_name(str(name), where)
    return values


def known_name(name: str, where: str = "") -> str:
    """Return `name` if it is a setting.

    Raises:
        ConfigError: if it is not; the message suggests the closest name.
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
    """Write a setting into the configuration file, or remove it if `value` is None.

    Other lines and comments stay as they are.

    Raises:
        ConfigError: if the file cannot be read, or the setting spans several lines.
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
        raise ConfigError(
            f"{visible(str(path))}: {name} spans several lines; change it in an editor"
        )
    write_whole(path, text.encode())
