"""The lines of a brief, checked for unsafe characters, and errors that name a line."""

from __future__ import annotations

from typing import NoReturn

from agent.errors import InputError
from agent.text import first_unsafe, visible

MAX_BYTES = 1_000_000


class Lines:
    """The lines of a brief, numbered from 1."""

    def __init__(self, text: str, source: str) -> None:
        self.source = visible(source)
        if (size := len(text.encode("utf-8", "surrogatepass"))) > MAX_BYTES:
            self.fail(1, f"the brief has {size:,} bytes; expected at most {MAX_BYTES:,}")
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        if (bad := first_unsafe(text)) is not None:
            self.fail(
                text.count("\n", 0, bad) + 1,
                f"contains the control character U+{ord(text[bad]):04X}; expected plain text",
            )
        self.texts = text.split("\n")

    def __getitem__(self, line: int) -> str:
        return self.texts[line - 1]

    def fail(self, line: int, what: str) -> NoReturn:
        raise InputError(f"{self.source}:{max(1, line)}: {what}")
