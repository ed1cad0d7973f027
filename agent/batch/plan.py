"""The plan of a batch: each row with its folder, and the hash of everything its answer depends on.

Rows with equal hashes are answered once. Pictures count by content, so that a changed picture is
answered again and a renamed question file is not.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from agent.batch.rows import Row
from agent.errors import InputError

_LONGEST_NAME = 80
#: File names that Windows does not allow.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Task:
    """A row with everything needed to answer it."""

    row: Row
    images: tuple[str, ...]
    """Paths of the pictures, relative to the working directory."""
    name: str
    """Name of its folder; unique regardless of case."""
    key: str
    """Hash of everything the answer depends on; equal for duplicates."""
    group: str
    """Key of its group: duplicates and questions about the same pictures run in sequence."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Task:
        values: dict[str, Any] = json.loads(text)
        row = values["row"] | {"images": tuple(values["row"]["images"])}
        return cls(**values | {"row": Row(**row), "images": tuple(values["images"])})


def tasks(
    rows: Iterable[Row],
    locate: Callable[[str], Path],
    setup: str,
    digest: Callable[[Path], str],
) -> Iterator[Task]:
    """Yield a task for every row.

    Args:
        locate: returns the path of a picture by name; `InputError` makes the row unusable.
        setup: hash of what all answers depend on: settings, registry and program.
        digest: returns the hash of a picture file's content.
    """
    for row in rows:
        try:
            paths = [locate(name) for name in row.images]
        except InputError as error:
            row, paths = replace(row, error=str(error)), []
        images = tuple(map(str, paths))
        digests = [digest(path) for path in paths]
        content = (setup, row.question, images, digests, row.upscale, row.evidence, row.error)
        key = _hash(content)
        group = _hash(digests) if images else key
        yield Task(row, images, folder_name(row.id), key, group)


def folder_name(id: str) -> str:
    """Return the id if it is a valid folder name everywhere, else a safe form with a hash."""
    plain = re.sub(r"[^\w.-]+", "-", id, flags=re.ASCII)[:_LONGEST_NAME].strip(".-") or "row"
    if plain == id and not _RESERVED.fullmatch(plain):
        return id
    return f"{plain}-{hashlib.sha256(id.encode()).hexdigest()[:8]}"


def _hash(content: object) -> str:
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()
