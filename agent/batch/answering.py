"""From a task to what is kept of it; the same task gives the same bytes."""

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

_SUMMARY = 600


@dataclass(frozen=True)
class Outcome:
    """What came of a task."""

    status: str
    """That of the answer, or `error`."""
    fields: Mapping[str, Any]
    """What the result row says of it, as JSON has it."""
    files: Mapping[str, bytes] | None = None
    """The report as files; None where there is none."""
    thumbnail: bytes | None = None
    finished: str = ""
    """Time, ISO 8601, UTC."""
    seconds: float = 0.0
    cache_entries: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What tools made for it, as `FolderCache.new_entries` has it."""


def failed(why: str) -> Outcome:
    """The outcome of a row that has no answer."""
    fields: dict[str, Any] = {"status": "error", "error": why, "summary": why, "cards": []}
    fields["report"] = None
    return Outcome("error", fields, finished=now())


class Answerer:
    """Answers tasks with one agent, whose models stay loaded; a duplicate takes the last outcome.

    Args:
        formats: keys of optional formats, such as `pdf`, that each report is written in, too.
        folder_cache: what tools made of pictures earlier.
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
        """The outcome; whatever goes wrong with the row is told in it."""
        if self._last is None or self._last[0] != task.key:
            self._last = (task.key, self._outcome(task))
        return self._last[1]

    def _agent(self, level: Level) -> Agent:
        """The agent that runs tools of this level."""
        if level not in self._agents:
            agent = Agent(replace(self._settings, evidence=level))
            agent.result_cache = self._result_cache
            if self._agents:  # what may be spent on a language model is for all together
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
            outcome = failed("out of memory; take smaller pictures or fewer --workers")
        except Exception as error:
            why = visible(" ".join(repr(error).split()))[:_SUMMARY]
            outcome = failed(f"this should not happen, please report it: {why}")
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
        report = timeless(agent.ask(question, lambda _: None))  # rows show no bar of their own
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
    """The report without its time and durations, the only parts that differ from run to run."""
    runs = tuple(
        run.model_copy(update={"provenance": run.provenance.model_copy(update={"seconds": 0.0})})
        for run in report.runs
    )
    return report.model_copy(update={"runs": runs, "created": "", "seconds": 0.0})


def gist(report: Report) -> str:
    """The answer in short: what it says first, or why there is none."""
    if report.abstention:
        return report.abstention.explanation
    direct = (s.text for s in report.answer.statements if s.section == "answer")
    return next(direct, report.answer.task)[:_SUMMARY]


def _thumbnail(images: tuple[Path, ...]) -> bytes | None:
    if not images:
        return None
    from agent.imaging.reading import read
    from agent.imaging.writing import write_thumbnail

    return write_thumbnail(read(images[0]))


def now() -> str:
    """The time as results tell it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
