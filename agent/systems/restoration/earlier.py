"""Record of earlier results by content, so that none is restored again unasked."""

from __future__ import annotations

import filecmp
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_NAME = "restored"


def remember(result: Path, source: Path, cache: Path) -> None:
    """Record in the cache that a file is a result, unless it equals its source.

    If the cache cannot be written, the file will not be recognised later.
    """
    with suppress(OSError):
        if not filecmp.cmp(result, source, shallow=False):
            cache.mkdir(parents=True, exist_ok=True)
            with (cache / _NAME).open("a", encoding="ascii") as file:
                file.write(f"{_mark(result)}\n")


def results_among(pictures: Iterable[Path], cache: Path) -> set[Path]:
    """Return the pictures that an earlier run wrote, whatever their names are now."""
    try:
        marks = frozenset((cache / _NAME).read_text("ascii", "replace").splitlines())
    except OSError:
        return set()
    sizes = {mark.partition(" ")[0] for mark in marks}
    results = set()
    for path in pictures:
        with suppress(OSError):  # reading the picture reports what is wrong
            if str(path.stat().st_size) in sizes and _mark(path) in marks:
                results.add(path)
    return results


def _mark(path: Path) -> str:
    with path.open("rb") as file:
        return f"{path.stat().st_size} {hashlib.file_digest(file, 'sha256').hexdigest()}"
