"""Results of earlier runs, known by their content, so that none is restored again unasked."""

from __future__ import annotations

import filecmp
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_NAME = "restored"


def remember(result: Path, source: Path, cache: Path) -> None:
    """Note in the cache that a file is a result, unless it equals its source.

    Where the cache cannot be written, it is not known as one later.
    """
    with suppress(OSError):
        if not filecmp.cmp(result, source, shallow=False):
            cache.mkdir(parents=True, exist_ok=True)
            with (cache / _NAME).open("a", encoding="ascii") as file:
                file.write(f"{_mark(result)}\n")


def results_among(pictures: Iterable[Path], cache: Path) -> set[Path]:
    """Those of the pictures that an earlier run wrote, under whatever name they lie there now."""
    try:
        marks = frozenset((cache / _NAME).read_text("ascii", "replace").splitlines())
    except OSError:
        return set()
    sizes = {mark.partition(" ")[0] for mark in marks}
    results = set()
    for path in pictures:
        with suppress(OSError):  # reading it says what is wrong with it
            if str(path.stat().st_size) in sizes and _mark(path) in marks:
                results.add(path)
    return results


def _mark(path: Path) -> str:
    with path.open("rb") as file:
        return f"{path.stat().st_size} {hashlib.file_digest(file, 'sha256').hexdigest()}"
