"""Standard streams and terminal width, repaired if the shell has closed or broken them."""

from __future__ import annotations

import io
import os
import sys
from typing import IO


def prepare() -> None:
    """Make the standard streams usable, even if they are closed.

    A closed input stays None; see `agent.files.standard_input`.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # else the next opened file would become this stream
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    # Open until the process ends, like the interpreter's own streams.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):  # replaces characters that the terminal lacks
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    columns = os.environ.get("COLUMNS", "1")
    if not columns.isdecimal() or not int(columns):
        del os.environ["COLUMNS"]  # some terminals report 0 at first


def print_exact(text: str, file: IO[str] | None = None) -> None:
    """Print text for programs: in UTF-8, whatever the encoding of the terminal.

    Args:
        file: the output stream; standard output by default.
    """
    out = sys.stdout if file is None else file
    out.flush()
    if isinstance(out, io.TextIOWrapper):
        out.buffer.write(f"{text}\n".encode("utf-8", "backslashreplace"))
        out.buffer.flush()
    else:  # a text stream that replaces standard output
        print(text, file=out, flush=True)
