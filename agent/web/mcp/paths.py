"""The pictures that an assistant may name by path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.errors import InputError
from agent.files import path_of
from agent.text import visible


def allowed_picture(name: str, folders: Sequence[Path]) -> Path:
    """Resolve a path, symbolic links included, to a file in one of `folders`.

    Args:
        name: a path, as `agent.files.path_of` takes it; a relative one may start in any of the
            folders.

    Raises:
        InputError: if the file is outside the folders or does not exist. The message does not say
            which, so that nobody can probe for files outside. For a network address, too.
    """
    for folder in folders:
        try:
            path = path_of(name, folder).resolve(strict=True)
            if path.is_relative_to(folder.resolve()) and path.is_file():
                return path
        except (OSError, RuntimeError, ValueError):
            continue
    raise InputError(
        f"{visible(name)} is not a file that assistants may read; expected one in a folder "
        "named with --allow DIR"
    )
