"""A model that follows a script from a file or a function, for tests, demonstrations, benchmarks.

    - prompt: write            # optional: reply only to this prompt
      reply: {task: …}         # the reply; a mapping becomes JSON
    - refuse: I would rather not.
    - error: the service is down

Replies to a prompt are used in order; the last one is repeated.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from agent.errors import ConfigError, ServiceError
from agent.files import read_text
from agent.llm.client import MOST_CHARACTERS, Refused, Unusable, Watch
from agent.llm.prompts import Prompt
from agent.llm.spending import Meter
from agent.text import visible

Script = Callable[[Prompt], str]
"""Returns the reply to a prompt, or raises any error of a service."""

_KEYS = ("reply", "refuse", "error")
_MOST_BYTES = 4_000_000
_PIECE = 40


@dataclass
class Scripted:
    """A `ChatClient` without latency that follows a script."""

    script: Script
    name: str = "scripted"
    meter: Meter = field(default_factory=Meter)
    takes_images: bool = False

    @classmethod
    def from_file(cls, path: Path, meter: Meter | None = None) -> Scripted:
        """Create a client that follows a file of replies.

        Raises:
            ConfigError: if the file is not a list of replies.
        """
        return cls(_Replies(_entries(path)), f"scripted:{path.name}", meter or Meter())

    def reply(
        self, prompt: Prompt, schema: type[BaseModel] | None = None, watch: Watch | None = None
    ) -> str:
        prompt_text = "\n".join((prompt.system, prompt.user, *map("\n".join, prompt.turns)))
        self.meter.room(prompt_text)
        text = self.script(prompt)
        self.meter.add(prompt_text, text, None)
        if len(text) > MOST_CHARACTERS:
            raise Unusable(f"{self.name} answered with more than {MOST_CHARACTERS:,} characters")
        if watch:
            for end in range(_PIECE, len(text) + _PIECE, _PIECE):
                watch(text[:end])
        return text


class _Replies:
    def __init__(self, entries: Sequence[dict[str, Any]]) -> None:
        self._entries = entries
        self._calls: Counter[str] = Counter()

    def __call__(self, prompt: Prompt) -> str:
        own = [e for e in self._entries if e.get("prompt") == prompt.name]
        fitting = own or [e for e in self._entries if "prompt" not in e]
        if not fitting:
            raise ServiceError(f"the script has no reply to the prompt {prompt.name!r}")
        entry = fitting[min(self._calls[prompt.name], len(fitting) - 1)]
        self._calls[prompt.name] += 1
        if "refuse" in entry:
            raise Refused("the model refused to answer")
        if "error" in entry:
            raise ServiceError(visible(str(entry["error"])))
        return str(entry["reply"])


def _entries(path: Path) -> list[dict[str, Any]]:
    text = read_text(path, "a script of replies", _MOST_BYTES, ConfigError)
    try:
        entries = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: an impossible date
        raise ConfigError(f"{path}: is not valid YAML ({_in_line(error)})") from error
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{path}: expected a list of replies")
    return [_entry(entry, f"{path}: entry {number}") for number, entry in enumerate(entries, 1)]


def _entry(entry: dict[str, Any], place: str) -> dict[str, Any]:
    """Check an entry, and convert its reply to text; other values become JSON."""
    is_known = isinstance(entry, dict) and not entry.keys() - {"prompt", *_KEYS}
    if not is_known or sum(key in entry for key in _KEYS) != 1:
        raise ConfigError(
            f"{place}: expected one of {', '.join(_KEYS)}, and optionally prompt, the prompt to "
            "reply to"
        )
    reply = entry.get("reply", "")
    if isinstance(reply, str):
        return entry
    try:
        return {**entry, "reply": json.dumps(reply, ensure_ascii=False)}
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(
            f"{place}: reply: cannot be written as JSON ({_in_line(error)}); expected text, "
            "numbers, lists and mappings; put dates in quotes"
        ) from error


def _in_line(error: Exception) -> str:
    return " ".join(visible(str(error)).split())
