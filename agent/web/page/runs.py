"""Jobs as pages follow them, by reloading or by events, until the answer is ready."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from agent.errors import Cancelled, GroundglassError
from agent.types import Statement
from agent.web.answers import SavedAnswer
from agent.web.jobs import Event, Job, with_heartbeats

_MOST_RUNS = 1_000
_HEARTBEAT = 15.0
"""Seconds after which an idle stream gets a comment, so that no proxy closes it."""
_UNWATCHED = 60.0
"""Seconds after which a job that nobody watches is cancelled."""


@dataclass(frozen=True)
class Submission:
    """What a job is for."""

    line: str
    """The question."""
    pictures: tuple[Path, ...]
    """Pictures to remove once the job has ended."""
    quick: bool
    """Whether the answer is too quick for a progress page to be worthwhile."""


@dataclass(eq=False)
class Run:
    """A job and its outcome."""

    submission: Submission
    job: Job[SavedAnswer]
    line: str = ""
    """The last line of progress."""
    answer: str | None = None
    """The address of the answer."""
    error: BaseException | None = None
    """Why there is no answer: a `GroundglassError`, `Cancelled`, or a bug of this program."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    watchers: int = 0
    seen: float = 0.0
    """When a page last asked for the job, in seconds of the event loop's clock."""
    cancelled: bool = False
    """Whether the job has been told to end."""

    def cancel(self) -> None:
        """End the job at its next line of progress."""
        self.cancelled = True
        self.job.cancel()

    async def events(self, start: int) -> AsyncIterator[str]:
        """Yield server-sent events from number `start` on; the last has the page reload."""
        self.watchers += 1
        number = start
        try:
            async for event in with_heartbeats(self.job.events(start), _HEARTBEAT):
                if event is None:
                    yield ": still here\n\n"
                else:
                    number += 1
                    yield f"id: {number}\n{_sent_event(event)}"
            await self.over.wait()
            yield "event: over\ndata: \n\n"
        finally:
            self.watchers -= 1
            self.seen = asyncio.get_running_loop().time()


def _sent_event(event: Event) -> str:
    data = event.data.text if isinstance(event.data, Statement) else event.data
    return f"event: {event.kind}\ndata: {json.dumps(data)}\n\n"


class Runs:
    """The jobs that pages started, by id; the oldest are forgotten first."""

    def __init__(self, release: Callable[[Sequence[Path]], None]) -> None:
        """
        Args:
            release: removes the pictures of a job.
        """
        self._release = release
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def get(self, id: str) -> Run | None:
        """Return the run of a job, or None if it is unknown."""
        run = self._runs.get(id)
        if run:
            run.seen = asyncio.get_running_loop().time()
        return run

    def start(
        self, job: Job[SavedAnswer], submission: Submission, remember: Callable[[SavedAnswer], None]
    ) -> Run:
        """Follow a job until it has ended.

        Args:
            remember: called with the answer before any page learns of it.
        """
        run = Run(submission, job, seen=asyncio.get_running_loop().time())
        self._runs[job.id] = run
        while len(self._runs) > _MOST_RUNS:
            self._runs.popitem(last=False)
        for work in (self._follow(run, remember), _watch(run)):
            task = asyncio.ensure_future(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return run

    async def _follow(self, run: Run, remember: Callable[[SavedAnswer], None]) -> None:
        try:
            async for event in run.job.events():
                if event.kind == "progress":
                    run.line = event.data
            saved = await run.job.result()
            remember(saved)
            run.answer = saved.id
        except (Cancelled, GroundglassError, Exception) as error:
            run.error = error
        finally:
            self._release(run.submission.pictures)
            run.over.set()


async def _watch(run: Run) -> None:
    """Cancel a run once nobody watches it any more."""
    now = asyncio.get_running_loop().time
    while not run.over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(run.over.wait(), _UNWATCHED / 4)
        if not run.watchers and now() - run.seen > _UNWATCHED:
            run.cancel()
