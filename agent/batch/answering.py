"""Answering a task; equal tasks give equal bytes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.batch.plan import Task
from agent.batch.result_cache import FolderCache
from agent.errors import GroundglassError, InputError
from agent.pipeline import Agent
from agent.report import folder
from agent.settings import Level, Settings
from agent.systems.result_cache import ResultCache
from agent.text import visible
from agent.types import Report, question_from

_LONGEST_SUMMARY = 600


@dataclass(frozen=True)
class Outcome:
    """The outcome of a task."""

    status: str
    """Status of the answer, or `error`."""
    fields: Mapping[str, Any]
    """Fields of the result row, as JSON data."""
    files: Mapping[str, bytes] | None = None
    """Files of the report; None without a report."""
    thumbnail: bytes | None = None
    finished: str = ""
    """Time of completion, ISO 8601, UTC."""
    seconds: float = 0.0
    cache_entries: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """New results of tools, as `FolderCache.new_entries` returns them."""


def failed(why: str) -> Outcome:
    """Return the outcome of a row without an answer."""
    fields: dict[str, Any] = {"status": "error", "error": why, "summary": why, "cards": []}
    fields["report"] = None
    return Outcome("error", fields, finished=now())


class Answerer:
    """Answers tasks with one agent, whose models stay loaded; a duplicate reuses the last outcome.

    Args:
        formats: keys of optional report formats to write as well, such as `pdf`.
        folder_cache: earlier results of tools.
    """

    def __init__(
        self,
        settings: Settings,
        formats: Sequence[str] = (),
        folder_cache: FolderCache | None = None,
    ) -> None:
        self._settings, self._formats = settings, formats
        self._folder_cache, self._result_cache = folder_cache, ResultCache(folder_cache)
        self._agents: dict[str, Agent] = {}
        self._agent(settings.evidence)
        self._last: tuple[str, Outcome] | None = None

    def __call__(self, task: Task) -> Outcome:
        """Answer a task; any error becomes part of the outcome."""
        if self._last is None or self._last[0] != task.key:
            self._last = (task.key, self._outcome(task))
        return self._last[1]

    def _agent(self, level: Level) -> Agent:
        """Return the agent that runs the tools of a level."""
        if level not in self._agents:
            agent = Agent(replace(self._settings, evidence=level))
            agent.result_cache = self._result_cache
            if self._agents:  # all agents share the caps on a language model
                agent.llm = next(iter(self._agents.values())).llm
            self._agents[level] = agent
        return self._agents[level]

    def _outcome(self, task: Task) -> Outcome:
        began = time.monotonic()
        try:
            outcome = self._answer(task)
        except GroundglassError as error:
            outcome = failed(str(error))
        except MemoryError:
            outcome = failed("out of memory; use smaller pictures or fewer --workers")
        except Exception as error:
            why = visible(" ".join(repr(error).split()))[:_LONGEST_SUMMARY]
            outcome = failed(f"this is a bug, please report it: {why}")
        cache_entries = self._folder_cache.new_entries() if self._folder_cache else {}
        seconds = round(time.monotonic() - began, 3)
        return replace(outcome, seconds=seconds, finished=now(), cache_entries=cache_entries)

    def _answer(self, task: Task) -> Outcome:
        row = task.row
        if row.error is not None:
            raise InputError(row.error)
        images = tuple(map(Path, task.images))
        question = question_from(row.question, images=images, upscale=row.upscale)
        agent = self._agent(row.evidence or self._settings.evidence)
        report = timeless(agent.ask(question, lambda _: None))  # no progress bar per row
        data = report.model_dump(mode="json")
        fields = {
            "status": report.answer.status,
            "error": None,
            "summary": gist(report),
            "cards": [reference.card for reference in report.answer.references],
            "report": data,
        }
        files = folder.contents(report, data, self._formats)
        return Outcome(report.answer.status, fields, files, _thumbnail(images))


def timeless(report: Report) -> Report:
    """Return the report without time and durations, the only parts that differ between runs."""
    runs = tuple(
        run.model_copy(update={"provenance": run.provenance.model_copy(update={"seconds": 0.0})})
        for run in report.runs
    )
    return report.model_copy(update={"runs": runs, "created": "", "seconds": 0.0})


def gist(report: Report) -> str:
    """Return the answer in short: its first sentence, or why there is none."""
    if report.abstention:
        return report.abstention.explanation
    direct = (s.text for s in report.answer.statements if s.section == "answer")
    return next(direct, report.answer.task)[:_LONGEST_SUMMARY]


def _thumbnail(images: tuple[Path, ...]) -> bytes | None:
    if not images:
        return None
    from agent.imaging.reading import read
    from agent.imaging.writing import write_thumbnail

    return write_thumbnail(read(images[0]))


def now() -> str:
    """Return the current time in the format of results."""
    return datetime.now(UTC).isoformat(timespec="seconds")
