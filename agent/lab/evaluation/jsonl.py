"""Lines of JSON, one object each, checked as they are read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from agent.errors import InputError
from agent.files import read_text
from agent.text import visible

_MOST_BYTES = 4_000_000_000  # it is held as a whole


def read(path: Path, required: Collection[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a file with their line numbers; blank lines are passed over.

    Args:
        required: keys that every object must have with a text; others may be there.

    Raises:
        InputError: for a file that cannot be read, or the first line that does not fit.
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
        raise InputError(f"{place}: is no JSON; expected an object such as {{…}}") from None
    if not isinstance(content, dict):
        raise InputError(f"{place}: holds {type(content).__name__}; expected an object {{…}}")
    for key in required:
        if not isinstance(content.get(key), str):
            raise InputError(f"{place}: has no text under {key!r}; every line needs one")
    return content
