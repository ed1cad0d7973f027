"""Every text that a language model is sent: files in `prompts/`, checked when they are opened.

    ---
    version: 1
    variables: [question, facts]
    ---
    What the model is to do.
    === user
    ${question}
    ${facts}

What stands before `=== user` is the system message. A text is filled in as a JSON string, a list
of texts as one line each, so that nothing from outside can end its quotation or begin a line of its
own: in the prompt it is data.
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

#: Prompts by name, each with the variables that the program gives it.
KNOWN: dict[str, frozenset[str]] = {
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
    """What is sent to a model: a system and a user message, and what was said since."""

    name: str
    system: str
    user: str
    images: tuple[bytes, ...] = ()
    """PNG files that go with the user message."""
    turns: tuple[tuple[str, str], ...] = ()
    """Replies that would not do, each with what the model was told of it."""
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What the variables were filled with; a scripted model reads it."""

    def corrected(self, reply: str, complaint: str) -> Prompt:
        """The same, with the reply and what was wrong with it."""
        return replace(self, turns=(*self.turns, (reply, complaint)))


@dataclass(frozen=True)
class _File:
    version: int
    system: str
    user: str


class Prompts:
    """All prompts of a folder, complete and checked."""

    def __init__(self, folder: Path | None = None) -> None:
        """Open the prompts that ship, those of `folder` in the place of ours of the same name.

        Raises:
            ConfigError: with file and reason, for one that cannot be used.
        """
        contents = {name: _bytes(PROMPTS / f"{name}.md") for name in KNOWN}
        if folder is not None:
            contents |= {path.stem: _bytes(path) for path in _own(folder)}
        home = folder or PROMPTS
        self._files = {name: _read(name, raw, home) for name, raw in contents.items()}
        content = b"".join(name.encode() + b"\0" + contents[name] for name in sorted(contents))
        self.sha256 = hashlib.sha256(content).hexdigest()
        """Hash over every prompt, as reports and cached replies hold it."""

    def version(self, name: str) -> int:
        return self._files[name].version

    def render(self, name: str, images: tuple[bytes, ...] = (), **values: Any) -> Prompt:
        """The prompt with every variable filled in: texts quoted, lists as one line each.

        Raises:
            KeyError: where a value is missing or is none of the prompt's variables.
        """
        if values.keys() != KNOWN[name]:
            raise KeyError(f"the prompt {name!r} takes {sorted(KNOWN[name])}, got {sorted(values)}")
        file = self._files[name]
        texts = {key: quoted(value) for key, value in values.items()}
        system, user = (Template(text).substitute(texts) for text in (file.system, file.user))
        return Prompt(name, system, user, images, values=values)


def quoted(value: str | Sequence[str] | int) -> str:
    """The value as a prompt holds it: no control character, no markup and no end of a quotation."""
    if isinstance(value, str):
        return f'"{_harmless(value).replace(chr(34), chr(92) + chr(34))}"'
    if isinstance(value, int):
        return str(value)
    return "\n".join(map(_harmless, value)) or "none"


def _harmless(text: str) -> str:
    """One line, in which what could steer a reader or end a quotation is escaped as in JSON."""
    escaped = (json.dumps(c)[1:-1] if is_unsafe(c) or c in _BREAKS else c for c in text)
    text = "".join(escaped)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("`", "\\u0060")


def _own(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: is no folder; name one with prompts, as --prompts DIR")
    paths = sorted(folder.glob("*.md"))
    for path in paths:
        if path.stem not in KNOWN:
            raise ConfigError(
                f"{path}: there is no prompt of that name; expected one of "
                f"{', '.join(sorted(KNOWN))}"
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
        raise ConfigError(f"{where}: is no prompt ({visible(str(error))})") from error
    if match is None or not isinstance(head, dict) or head.keys() != {"version", "variables"}:
        raise ConfigError(
            f"{where}: expected a head of version and variables between two lines of ---"
        )
    version, declared = head["version"], head["variables"]
    if type(version) is not int or not isinstance(declared, list):
        raise ConfigError(f"{where}: expected a whole number as version and a list of variables")
    system, *rest = _USER.split(match[2], maxsplit=1)
    user = "".join(rest)
    texts = (Template(system), Template(user))
    if not all(text.is_valid() for text in texts):
        raise ConfigError(f"{where}: a $ stands for nothing; write $$ for the sign itself")
    used = {key for text in texts for key in text.get_identifiers()}
    if used != set(declared):
        raise ConfigError(
            f"{where}: declares the variables {sorted(map(str, declared))} and uses {sorted(used)}"
        )
    if strange := used - KNOWN[name]:
        raise ConfigError(
            f"{where}: uses the variables {sorted(strange)}; known are {sorted(KNOWN[name])}"
        )
    return _File(version, system.strip(), user.strip())
