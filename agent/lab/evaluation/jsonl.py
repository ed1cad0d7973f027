"""Reading of JSON lines, one object each, with checks."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from agent.errors import InputError
from agent.files import read_text
from agent.text import visible

_MOST_BYTES = 4_000_000_000  # the whole file is read into memory


def read(path: Path, required: Collection[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file with their line numbers, skipping blank lines.

    Args:
        required: keys that must have a text in every object; other keys are allowed.

    Raises:
        InputError: for a file that cannot be read, or the first invalid line.
    """
    name = visible(str(path))
    text = read_text(path, "a JSONL file", _MOST_BYTES)
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _object(line, f"{name}:{number}", required)


def _object(line: str, place: str, required: Collection[str]) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(f"{place}: not valid JSON; expected an object such as {{…}}") from None
    if not isinstance(content, dict):
        raise InputError(f"{place}: holds {type(content).__name__}; expected an object {{…}}")
    for key in required:
        if not isinstance(content.get(key), str):
            raise InputError(f"{place}: has no text under {key!r}; every line needs one")
    return content
