"""Text from files and standard input, whatever its encoding; no pipe is waited for for ever."""

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

#: Seconds in which somebody may begin to write to a pipe that is to be read.
PATIENCE = 10.0


def open_input(path: Path, patience: float | None = None) -> io.BufferedReader:
    """Open a file that a person named. A pipe that nobody writes to is empty.

    Args:
        patience: seconds in which somebody may begin to write to a pipe; None is `PATIENCE`.

    Raises:
        OSError: where it cannot be opened.
    """
    at_once = getattr(os, "O_NONBLOCK", 0)  # Windows has none, and no such pipes
    file = io.FileIO(path, opener=lambda name, flags: os.open(name, flags | at_once))
    if at_once:
        if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            first = select.poll()
            first.register(file.fileno())
            first.poll(1000 * (PATIENCE if patience is None else patience))
        os.set_blocking(file.fileno(), True)  # who writes already may take any time
    return io.BufferedReader(file)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal; it is never in memory as a whole.

    Raises:
        OSError: where it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def standard_input() -> BinaryIO:
    """Standard input, as bytes.

    Raises:
        InputError: where it is closed.
    """
    if sys.stdin is None:
        raise InputError("there is no standard input: it is closed; open it, such as by < FILE")
    return sys.stdin.buffer


def read_text(
    path: Path,
    expected: str,
    most: int,
    error: type[GroundglassError] = InputError,
    patience: float | None = None,
) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Args:
        expected: what the file should be, for the message.
        most: bytes that it may have.
        error: the class to raise.
        patience: as `open_input` has it.

    Raises:
        GroundglassError: for a file that cannot be read, is too large, or is no such text.
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
    """The text of a whole file's content, as `read_text` has it.

    Args:
        where: what the message calls the file.
    """
    encoding = encoding_of(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise error(f"{where}: {not_text(encoding, problem)}") from None


def not_text(encoding: str, problem: UnicodeDecodeError) -> str:
    """What to say of a file whose bytes are no text in its encoding."""
    name = encoding.upper().removesuffix("-SIG")
    return f"is not {name} text (byte {problem.start}: {problem.reason}); save it as UTF-8"


def text_stream(file: BinaryIO, errors: str) -> io.TextIOWrapper:
    """A stream as text, its encoding told by its first bytes; line ends stay as they are.

    Args:
        errors: what becomes of bytes that are no text, as `open` has it.
    """
    if not isinstance(file, io.BufferedReader):  # a second buffer would wait until it is full
        file = io.BufferedReader(cast(io.RawIOBase, file))
    return io.TextIOWrapper(file, encoding_of(file.peek(4)[:4]), errors, newline="")


def encoding_of(head: bytes) -> str:
    """The encoding of a text by its first bytes: a byte order mark, or where the zeros are."""
    return json.detect_encoding(head)
