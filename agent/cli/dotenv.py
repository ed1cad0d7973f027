"""The file `.env` of the working folder: keys and settings that are not in the environment yet."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: Names that are taken; a file that came with a download must not set anything else.
_TAKEN = re.compile(r"(?:GROUNDGLASS|OPENAI|AZURE_OPENAI|LANGSMITH)_[A-Z0-9_]+|[A-Z0-9_]+_API_KEY")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*")
_MOST_BYTES = 100_000


def take_env_file(path: Path = Path(".env")) -> None:
    """Put what the file holds into the environment; what is there already wins.

    Lines are `NAME=VALUE`, as a shell would read them but with nothing expanded: quotes around a
    value and ` #` behind it go. A file that cannot be read, and lines of another form, are left
    out in silence.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if found and _TAKEN.fullmatch(found[1]):
            os.environ.setdefault(found[1], _value(found[2]))


def _value(text: str) -> str:
    for quote in "\"'":
        if text.startswith(quote) and (end := text.find(quote, 1)) > 0:
            return text[1:end]
    return text.partition(" #")[0].strip()
