"""The file `.env` of the working folder: keys and settings that are not in the environment yet."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from agent.files import encoding_of, open_input
from agent.text import first_unsafe

#: A statement that mentions a name of ours, outside a comment. Nothing else is taken: a file that
#: came with a download must not set other variables.
_MENTION = re.compile(
    r"[^#]*?\b((?:GROUNDGLASS|OPENAI|AZURE_OPENAI|LANGSMITH)_[A-Z0-9_]+|[A-Z0-9_]+_API_KEY)\b"
)
#: The parser's time grows with the square of a line's length.
_MOST_BYTES, _LONGEST_LINE = 100_000, 4_000


def take_env_file(path: Path = Path(".env")) -> list[str]:
    """Put what the file holds into the environment; what is there already wins.

    Lines are `NAME=VALUE`, as python-dotenv reads them, with nothing expanded.

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
    text = content.decode(encoding_of(content), "replace")
    if max(map(len, re.split("[\r\n]", text))) > _LONGEST_LINE:
        return [
            f"{path}: has a line of over {_LONGEST_LINE:,} characters; nothing of it is in effect"
        ]
    values: dict[str, str] = {}
    complaints = list(_read(text, values))
    for name, value in values.items():
        os.environ.setdefault(name, value)
    return [f"{path}:{complaint}; the line is left out" for complaint in complaints]


def _read(text: str, values: dict[str, str]) -> Iterator[str]:
    """Put the settings of a file into `values`; yields what is wrong, `LINE: NAME …`."""
    from dotenv.parser import parse_stream  # takes time to load, and most folders have no `.env`

    for binding in parse_stream(StringIO(text)):
        statement = binding.original.string
        mention = _MENTION.match(statement if binding.error else statement.partition("=")[0])
        if mention is None:
            continue
        name, value = mention[1], binding.value
        line = binding.original.line + statement.count("\n", 0, mention.start(1))
        if value is None or binding.key != name:
            yield f"{line}: {name}: expected NAME=VALUE, with any quotation marks closed"
        elif "\ufffd" in value or first_unsafe(value) is not None:
            yield f"{line}: {name} holds bytes that are no text; save the file as UTF-8"
        else:
            values[name] = value
