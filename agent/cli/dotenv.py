"""The file `.env` of the working folder: keys and settings that are not in the environment yet."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from agent.files import encoding_of, open_input
from agent.text import first_unsafe

_NAME = r"(?:GROUNDGLASS|OPENAI|AZURE_OPENAI|LANGSMITH)_[A-Z0-9_]+|[A-Z0-9_]+_API_KEY"
#: Names that are taken; a file that came with a download must not set anything else.
_TAKEN = re.compile(_NAME)
_MENTIONED = re.compile(rf"[^#]*?\b({_NAME})\b")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*")
_MOST_BYTES = 100_000


def take_env_file(path: Path = Path(".env")) -> list[str]:
    """Put what the file holds into the environment; what is there already wins.

    Lines are `NAME=VALUE`, as a shell would read them but with nothing expanded: quotes around a
    value and ` #` behind it go, and of two lines with one name the latter holds.

    Returns:
        What had no effect: the file, where it cannot be read, and each line that seems to set a
        name of ours.
    """
    try:
        with open_input(path, patience=0) as file:
            content = file.read(_MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return []  # a folder of that name is a virtual environment
    except OSError as error:
        return [f"{path}: cannot be read ({error.strerror}); nothing of it is in effect"]
    if len(content) > _MOST_BYTES:
        return [f"{path}: is larger than {_MOST_BYTES:,} bytes; nothing of it is in effect"]
    values: dict[str, str] = {}
    complaints = list(_read(content.decode(encoding_of(content), "replace"), values))
    for name, value in values.items():
        os.environ.setdefault(name, value)
    return [f"{path}:{complaint}; the line is left out" for complaint in complaints]


def _read(text: str, values: dict[str, str]) -> Iterator[str]:
    """Put the settings of a file into `values`; yields what is wrong, `LINE: NAME …`."""
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            if mentioned := _MENTIONED.match(line):
                yield f"{number}: {mentioned[1]} is not set as NAME=VALUE"
        elif _TAKEN.fullmatch(match[1]):
            value = _value(match[2])
            if value is None:
                yield f"{number}: {match[1]} has a quotation mark that is not closed"
            elif "\ufffd" in value or first_unsafe(value) is not None:
                yield f"{number}: {match[1]} holds bytes that are no text; save the file as UTF-8"
            else:
                values[match[1]] = value


def _value(text: str) -> str | None:
    """The value without its quotation marks; None where they are not closed."""
    for quote in "\"'":
        if text.startswith(quote):
            end = text.find(quote, 1)
            return text[1:end] if end > 0 else None
    return text.partition(" #")[0].strip()
