"""Which pictures an assistant may name by their path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.errors import InputError
from agent.files import path_of
from agent.text import visible


def allowed_picture(name: str, folders: Sequence[Path]) -> Path:
    """The file of a name, symbolic links followed, where it lies in one of `folders`.

    Args:
        name: a path, as `agent.files.path_of` takes it; a relative one starts from any of the
            folders.

    Raises:
        InputError: for a file outside, and for one that is not there; which of the two is not
            told, so that nobody learns what lies outside. For an address on the network, too.
    """
    for folder in folders:
        try:
            path = path_of(name, folder).resolve(strict=True)
            if path.is_relative_to(folder.resolve()) and path.is_file():
                return path
        except (OSError, RuntimeError, ValueError):
            continue
    raise InputError(
        f"{visible(name)} is no file in a folder that assistants may read; expected one in a "
        "folder named with --allow DIR"
    )
