"""Which pictures an assistant may name by their path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.errors import InputError
from agent.text import visible


def allowed_picture(name: str, folders: Sequence[Path]) -> Path:
    """The file of a name, symbolic links followed, where it lies in one of `folders`.

    Raises:
        InputError: for a file outside, and for one that is not there; which of the two is not
            told, so that nobody learns what lies outside.
    """
    try:
        path = Path(name).resolve(strict=True)
        inside = any(path.is_relative_to(folder.resolve()) for folder in folders)
    except (OSError, RuntimeError, ValueError):
        inside = False
    if not inside or not path.is_file():
        raise InputError(
            f"{visible(name)} is no file in a folder that assistants may read; expected one in a "
            "folder named with --allow DIR"
        )
    return path
