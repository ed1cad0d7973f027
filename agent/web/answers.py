"""Saved answers, each under a random address for as long as the server keeps it.

They live in the private folder with their pictures, so that memory does not grow with them.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agent import types
from agent.report.folder import contents
from agent.report.reader import read_report
from agent.report.report import Report
from agent.types import Question
from agent.web.options import ServerOptions
from agent.web.workspace import Workspace

_REPORT = "report"


@dataclass(frozen=True)
class SavedAnswer:
    """The saved answer to a question."""

    id: str
    """The address: 128 random bits. Anybody who knows it may read the answer."""
    question: Question
    """The question, with copies of its pictures that last as long as the answer."""
    home: Path
    """The folder that holds everything that belongs to the answer."""
    lines: tuple[str, ...] = ()
    """The reply, where it is plain lines instead of a report."""
    comparison: bool = False
    """Whether the answer is a comparison of models instead of a report."""
    created: float = 0.0
    """Creation time in seconds since the epoch."""
    size: int = 0
    """Size in bytes on disk."""

    @property
    def folder(self) -> Path:
        """The folder of the report (as `ask -o` saves it) or of the comparison (`compare -o`)."""
        return self.home / _REPORT

    @property
    def has_report(self) -> bool:
        """Whether the answer is a report."""
        return not (self.lines or self.comparison)

    def report(self) -> Report | None:
        """Read the report with its pictures; return None if there is no report."""
        return read_report(self.folder) if self.has_report else None


class SavedAnswers:
    """The answers of a server by address; the oldest are dropped when there are too many."""

    def __init__(
        self,
        workspace: Workspace,
        options: ServerOptions,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._workspace = workspace
        self._options = options
        self._clock = clock
        self._saved: dict[str, SavedAnswer] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._saved)

    def get(self, id: str) -> SavedAnswer | None:
        """Return the answer at an address, or None if it does not exist or has expired."""
        self._forget_old()
        return self._saved.get(id)

    @property
    def gone(self) -> str:
        """The error message for an address without an answer."""
        hours = self._options.keep_hours
        return f"this address has no answer, or it has expired; answers are kept for {hours:g} h"

    def save(
        self,
        question: Question,
        answer: types.Report | Sequence[str],
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> SavedAnswer:
        """Save a report, or the lines that were replied instead of one.

        Args:
            files: contents by name of the files that belong to the lines.
        """
        lines: tuple[str, ...] = ()
        if isinstance(answer, types.Report):
            files = contents(answer)
        else:
            lines = tuple(answer)
        with self._workspace.lasting() as home:
            (home / _REPORT).mkdir()
            for name, content in files.items():
                (home / _REPORT / name).write_bytes(content)
            return self._keep(question, home, lines=lines)

    def save_comparison(self, question: Question, compare: Callable[[Path], None]) -> SavedAnswer:
        """Save a comparison of models.

        Args:
            compare: writes the comparison into the folder it is given; its exceptions propagate.
        """
        with self._workspace.lasting() as home:
            (home / _REPORT).mkdir()
            compare(home / _REPORT)
            return self._keep(question, home, comparison=True)

    def _keep(self, question: Question, home: Path, **what: Any) -> SavedAnswer:
        images = tuple(_copy(path, home / str(i)) for i, path in enumerate(question.images))
        question = question.model_copy(update={"images": images})
        size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
        id, now = secrets.token_urlsafe(16), self._clock()
        saved = SavedAnswer(id, question, home, created=now, size=size, **what)
        with self._lock:
            self._saved[id] = saved
        self._forget_old()
        return saved

    def _forget_old(self) -> None:
        """Drop answers past their time, and the oldest above the limits on number and size."""
        options, oldest = self._options, self._clock() - self._options.keep_hours * 3_600
        with self._lock:
            size = sum(each.size for each in self._saved.values())
            for each in list(self._saved.values()):
                many = len(self._saved) > options.keep_answers or size > options.keep_bytes
                if each.created >= oldest and not many:
                    break
                del self._saved[each.id]
                size -= each.size
                self._workspace.remove(each.home)


def without_paths(report: types.Report) -> types.Report:
    """Return the report with every path on this machine reduced to the name of the file.

    Paths occur in settings, in pictures and in the errors of tools that failed.
    """
    places = {str(path) for path in (*report.question.images, *(i.path for i in report.inputs))}
    places |= {text for value in report.settings.values() for text in _texts(value)}
    content = report.model_dump_json()
    for place in filter(os.path.isabs, places):
        # Whole paths only: not `/weights` in `https://example.org/weights` or `/weights/other`.
        whole = rf"(?<![\w.:/-]){re.escape(_in_json(place))}(?![\w/-])"
        name = _in_json(Path(place).name).replace("\\", r"\\")
        content = re.sub(whole, name, content)
    bare = type(report).model_validate_json(content)
    return bare.model_copy(update={"pictures": report.pictures})


def _texts(value: Any) -> Iterator[str]:
    """Yield the strings in the value of a setting."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _copy(picture: Path, folder: Path) -> Path:
    folder.mkdir()
    return Path(shutil.copy2(picture, folder / picture.name))
