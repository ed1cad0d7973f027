"""The standard streams and the width of the terminal, whatever the shell has made of them."""

from __future__ import annotations

import io
import os
import sys
from typing import IO


def prepare() -> None:
    """Make output possible on any standard stream, closed ones included.

    A closed input stays None; see `agent.files.standard_input`.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # else the next file to be opened would become this stream
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    # Held to the end of the process, as the streams of the interpreter are.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a sign gets another one
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    columns = os.environ.get("COLUMNS", "1")
    if not columns.isdecimal() or not int(columns):
        del os.environ["COLUMNS"]  # some terminals tell 0 before they know


def print_exact(text: str, file: IO[str] | None = None) -> None:
    """Print what programs read: in UTF-8, whatever the encoding of the terminal.

    Args:
        file: where to; None is standard output.
    """
    out = sys.stdout if file is None else file
    out.flush()
    if isinstance(out, io.TextIOWrapper):
        out.buffer.write(f"{text}\n".encode("utf-8", "backslashreplace"))
        out.buffer.flush()
    else:  # a stream of text that somebody put there
        print(text, file=out, flush=True)
