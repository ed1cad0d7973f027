"""The prompts of language models: files in `prompts/`, checked when they are opened.

    ---
    version: 1
    variables: [question, facts]
    ---
    What the model has to do.
    === user
    ${question}
    ${facts}

The text before `=== user` is the system message. Text values are filled in as JSON strings, lists
of texts as one line each, so that untrusted text can neither end its quotation nor begin a line: in
the prompt it is data.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from typing import Any

import yaml

from agent.errors import ConfigError
from agent.files import PROMPTS, open_input, text_of
from agent.text import is_unsafe, visible

#: Variables that the program provides, by prompt.
VARIABLES: dict[str, frozenset[str]] = {
    name: frozenset(variables.split())
    for name, variables in (
        ("agent", "question pictures cards"),
        ("brief", ""),
        ("correct", "language sentences sources"),
        ("judge", "sentences sources"),
        ("read", "question"),
        ("retry", "problems"),
        ("understand", "cards earlier pictures question tags tools"),
        ("write", "earlier kind language not_run question short sources steps words"),
    )
}
_HEAD = re.compile(r"---\n(.*?\n)---\n(.*)", re.DOTALL)
_USER = re.compile(r"^=== user\n", re.MULTILINE)
_MOST_BYTES = 64_000
_BREAKS = "\n\r\t\\\u2028\u2029"


@dataclass(frozen=True)
class Prompt:
    """A system and a user message for a model, and the turns since."""

    name: str
    system: str
    user: str
    images: tuple[bytes, ...] = ()
    """PNG files attached to the user message."""
    turns: tuple[tuple[str, str], ...] = ()
    """Rejected replies, each with the complaint sent to the model."""
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """Values of the variables, which a scripted model reads."""

    def with_complaint(self, reply: str, complaint: str) -> Prompt:
        """Return the prompt with a rejected reply and the complaint appended."""
        return replace(self, turns=(*self.turns, (reply, complaint)))


@dataclass(frozen=True)
class _File:
    version: int
    system: str
    user: str


class Prompts:
    """All prompts of a folder, complete and checked."""

    def __init__(self, folder: Path | None = None) -> None:
        """Open the built-in prompts; prompts in `folder` replace those of the same name.

        Raises:
            ConfigError: if a prompt is unusable; the message names the file and the reason.
        """
        contents = {name: _bytes(PROMPTS / f"{name}.md") for name in VARIABLES}
        if folder is not None:
            contents |= {path.stem: _bytes(path) for path in _own(folder)}
        home = folder or PROMPTS
        self._files = {name: _read(name, raw, home) for name, raw in contents.items()}
        content = b"".join(name.encode() + b"\0" + contents[name] for name in sorted(contents))
        self.sha256 = hashlib.sha256(content).hexdigest()
        """Hash of all prompts, recorded in reports and cached replies."""

    def version(self, name: str) -> int:
        return self._files[name].version

    def render(self, name: str, images: tuple[bytes, ...] = (), **values: Any) -> Prompt:
        """Fill in the variables of a prompt: texts quoted, lists as one line each.

        Raises:
            KeyError: if a value is missing, or is not a variable of the prompt.
        """
        if values.keys() != VARIABLES[name]:
            raise KeyError(
                f"the prompt {name!r} takes {sorted(VARIABLES[name])}, got {sorted(values)}"
            )
        file = self._files[name]
        texts = {key: quote(value) for key, value in values.items()}
        system, user = (Template(text).substitute(texts) for text in (file.system, file.user))
        return Prompt(name, system, user, images, values=values)


def quote(value: str | Sequence[str] | int) -> str:
    """Quote a value for a prompt: no control characters, no markup, no end of quotation."""
    if isinstance(value, str):
        return f'"{_harmless(value).replace(chr(34), chr(92) + chr(34))}"'
    if isinstance(value, int):
        return str(value)
    return "\n".join(map(_harmless, value)) or "none"


def _harmless(text: str) -> str:
    """Return one line with control characters, markup and line breaks escaped as in JSON."""
    characters = (json.dumps(c)[1:-1] if is_unsafe(c) or c in _BREAKS else c for c in text)
    text = "".join(characters)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("`", "\\u0060")


def _own(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder; name a folder of prompts with --prompts DIR")
    paths = sorted(folder.glob("*.md"))
    for path in paths:
        if path.stem not in VARIABLES:
            raise ConfigError(
                f"{path}: this is not the name of a prompt; expected one of "
                f"{', '.join(sorted(VARIABLES))}"
            )
    return paths


def _bytes(path: Path) -> bytes:
    try:
        with open_input(path) as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give a prompt") from error
    if len(raw) > _MOST_BYTES:
        raise ConfigError(f"{path}: is larger than {_MOST_BYTES:,} bytes; expected a prompt")
    return raw


def _read(name: str, raw: bytes, home: Path) -> _File:
    where = f"{home / name}.md"
    text = text_of(raw, where, ConfigError).replace("\r\n", "\n")
    try:
        match = _HEAD.fullmatch(text)
        head = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: is not a valid prompt ({visible(str(error))})") from error
    if match is None or not isinstance(head, dict) or head.keys() != {"version", "variables"}:
        raise ConfigError(
            f"{where}: expected a header with version and variables between two lines of ---"
        )
    version, declares = head["version"], head["variables"]
    if type(version) is not int or not isinstance(declares, list):
        raise ConfigError(f"{where}: expected a whole number as version and a list of variables")
    system, *rest = _USER.split(match[2], maxsplit=1)
    user = "".join(rest)
    texts = (Template(system), Template(user))
    if not all(text.is_valid() for text in texts):
        raise ConfigError(f"{where}: a $ does not begin a variable; write $$ for a literal $")
    uses = {key for text in texts for key in text.get_identifiers()}
    if uses != set(declares):
        raise ConfigError(
            f"{where}: declares the variables {sorted(map(str, declares))}, but uses {sorted(uses)}"
        )
    if strange := uses - VARIABLES[name]:
        raise ConfigError(
            f"{where}: uses unknown variables {sorted(strange)}; expected {sorted(VARIABLES[name])}"
        )
    return _File(version, system.strip(), user.strip())
