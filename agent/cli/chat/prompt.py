"""Input lines of the chat: typed with line editing and history, or read from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from agent.files import text_stream

#: Longer piped lines are cut; a question has to be much shorter anyway.
_LONGEST_LINE = 1_000_000
_HISTORY_LINES = 1_000

#: Returns the completions of a word, given the line so far and its last word.
Complete = Callable[[str, str], list[str]]


def piped_lines(stream: BinaryIO) -> Iterator[str]:
    """Yield the lines of a stream; bytes that are invalid in its encoding become U+FFFD."""
    text = text_stream(stream, "replace")
    while line := text.readline(_LONGEST_LINE):
        rest = line
        while not rest.endswith(("\n", "\r")) and (rest := text.readline(_LONGEST_LINE)):
            pass
        yield line.rstrip("\r\n")


class Prompt:
    """Reads a line from the terminal, with history across sessions if readline is available."""

    def __init__(self, history: Path, complete: Complete) -> None:
        """Read the history; go without if it cannot be read or written."""
        self._history = history
        try:
            import readline
        except ImportError:  # not part of Python on every system
            self._readline = None
            return
        self._readline = readline
        with suppress(OSError):
            history.parent.mkdir(parents=True, exist_ok=True)
            history.touch(mode=0o600)
            readline.read_history_file(history)
        readline.set_history_length(_HISTORY_LINES)
        readline.set_completer_delims(" \t\n")
        readline.set_completer(lambda word, i: self._candidate(complete, word, i))
        backend = getattr(readline, "backend", "readline")
        readline.parse_and_bind("bind ^I rl_complete" if backend == "editline" else "tab: complete")

    def __call__(self, label: str) -> str:
        """Read one line, without its end.

        Raises:
            EOFError: if the person ends the session.
            KeyboardInterrupt: if the person drops the line.
        """
        while True:
            try:
                line = input(label)
                break
            except UnicodeDecodeError:
                print("that line is not valid UTF-8; type it again", file=sys.stderr)
        if self._readline and line.strip():
            with suppress(OSError):
                self._readline.write_history_file(self._history)
        return line

    def _candidate(self, complete: Complete, word: str, number: int) -> str | None:
        line = self._readline.get_line_buffer() if self._readline else ""
        return next(iter(complete(line, word)[number : number + 1]), None)
