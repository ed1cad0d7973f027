"""Reading text from files, pipes and standard input, whatever its encoding."""

from __future__ import annotations

import hashlib
import io
import json
import os
import select
import stat
import sys
from pathlib import Path
from typing import BinaryIO, cast

from agent.errors import GroundglassError, InputError
from agent.text import visible

#: Seconds to wait for the first data from a pipe.
PATIENCE = 10.0


def open_input(path: Path, patience: float | None = None) -> io.BufferedReader:
    """Open a file that a person named; a pipe that nobody writes to counts as empty.

    Args:
        patience: seconds to wait for the first data from a pipe; `PATIENCE` by default.

    Raises:
        OSError: if it cannot be opened.
    """
    at_once = getattr(os, "O_NONBLOCK", 0)  # missing on Windows, as are such pipes
    file = io.FileIO(path, opener=lambda name, flags: os.open(name, flags | at_once))
    if at_once:
        if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            first = select.poll()
            first.register(file.fileno())
            first.poll(1000 * (PATIENCE if patience is None else patience))
        os.set_blocking(file.fileno(), True)  # once data has come, wait as long as it takes
    return io.BufferedReader(file)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, without loading it whole.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def standard_input() -> BinaryIO:
    """Return standard input as a binary stream.

    Raises:
        InputError: if it is closed.
    """
    if sys.stdin is None:
        raise InputError("standard input is closed; open it, for example with < FILE")
    return sys.stdin.buffer


def read_text(
    path: Path,
    expected: str,
    most: int,
    error: type[GroundglassError] = InputError,
    patience: float | None = None,
) -> str:
    """Read a text file in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Args:
        expected: what the file should be, for the error message.
        most: largest size in bytes.
        error: the class of error to raise.
        patience: see `open_input`.

    Raises:
        GroundglassError: if the file cannot be read, is too large, or is not such text.
    """
    where = visible(str(path))
    try:
        with open_input(path, patience) as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise error(f"{where}: cannot be read ({reason}); expected {expected}") from None
    if len(content) > most:
        raise error(f"{where}: is larger than {most:,} bytes; expected {expected}")
    return text_of(content, where, error)


def text_of(content: bytes, where: str, error: type[GroundglassError] = InputError) -> str:
    """Decode the whole content of a file, as `read_text` does.

    Args:
        where: the name of the file in the error message.
    """
    encoding = encoding_of(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise error(f"{where}: {not_text(encoding, problem)}") from None


def not_text(encoding: str, problem: UnicodeDecodeError) -> str:
    """Return the error message for a file whose bytes are invalid in its encoding."""
    name = encoding.upper().removesuffix("-SIG")
    return f"is not {name} text (byte {problem.start}: {problem.reason}); save it as UTF-8"


def text_stream(file: BinaryIO, errors: str) -> io.TextIOWrapper:
    """Decode a stream, with the encoding detected from its first bytes; line ends are preserved.

    Args:
        errors: how to handle invalid bytes, as in `open`.
    """
    if not isinstance(file, io.BufferedReader):  # a second buffer would block until it is full
        file = io.BufferedReader(cast(io.RawIOBase, file))
    return io.TextIOWrapper(file, encoding_of(file.peek(4)[:4]), errors, newline="")


def encoding_of(head: bytes) -> str:
    """Detect the encoding of a text from its first bytes: byte order mark or zero bytes."""
    return json.detect_encoding(head)
