"""What there is to do: each row with its folder, and with the hash of all that its answer rests on.

Rows with equal hashes are asked once. A picture counts by what is in it, so a changed file is
asked again and a renamed question file is not.
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
#: Names that no file of Windows may have.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Task:
    """A row and how it is done."""

    row: Row
    images: tuple[str, ...]
    """Paths from where the program runs."""
    name: str
    """Of its folder; unique without regard to case."""
    key: str
    """Hash of all that the answer rests on; equal for duplicates."""
    group: str
    """Rows of one group, duplicates or questions about the same pictures, run one after another."""

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
    """A task for every row.

    Args:
        locate: where the picture of a name is; an `InputError` of it spoils the row.
        setup: hash of what all answers rest on: settings, registry and program.
        digest: gives the hash of a picture file's content.
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
    """The id where it can name a folder everywhere, else its letters with a part of its hash."""
    plain = re.sub(r"[^\w.-]+", "-", id, flags=re.ASCII)[:_LONGEST_NAME].strip(".-") or "row"
    if plain == id and not _RESERVED.fullmatch(plain):
        return id
    return f"{plain}-{hashlib.sha256(id.encode()).hexdigest()[:8]}"


def _hash(content: object) -> str:
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()
