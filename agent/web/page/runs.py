"""Jobs as pages follow them: by reloading, or by events, until there is an answer to go to."""

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
from agent.web.jobs import Event, Job, with_silences

_MOST_RUNS = 1_000
_KEEP_ALIVE = 15.0
"""Seconds after which an idle stream gets a comment, so that no proxy closes it."""
_ALONE = 60.0
"""Seconds after which a job that nobody looks at any more is cancelled."""


@dataclass(frozen=True)
class Errand:
    """What a job is for."""

    line: str
    """What was asked."""
    pictures: tuple[Path, ...]
    """Pictures that are removed once it has ended."""
    quick: bool
    """Whether its answer takes less time than a look at its progress is worth."""


@dataclass(eq=False)
class Run:
    """A job, and what came of it."""

    errand: Errand
    job: Job[SavedAnswer]
    line: str = ""
    """How far it is."""
    answer: str | None = None
    """The address of the answer."""
    error: BaseException | None = None
    """Why there is none: a `GroundglassError`, `Cancelled`, or a fault of this program."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    watchers: int = 0
    seen: float = 0.0
    """When a page last asked for it, in seconds of the event loop's clock."""
    cancelled: bool = False
    """Whether it ends as soon as it can."""

    def cancel(self) -> None:
        """Have it end at its next line of progress."""
        self.cancelled = True
        self.job.cancel()

    async def events(self, start: int) -> AsyncIterator[str]:
        """Server-sent events from number `start` on; the last tells to load the page again."""
        self.watchers += 1
        number = start
        try:
            async for event in with_silences(self.job.events(start), _KEEP_ALIVE):
                if event is None:
                    yield ": still here\n\n"
                else:
                    number += 1
                    yield f"id: {number}\n{_shown(event)}"
            await self.over.wait()
            yield "event: over\ndata: \n\n"
        finally:
            self.watchers -= 1
            self.seen = asyncio.get_running_loop().time()


def _shown(event: Event) -> str:
    data = event.data.text if isinstance(event.data, Statement) else event.data
    return f"event: {event.kind}\ndata: {json.dumps(data)}\n\n"


class Runs:
    """The jobs that pages started, by their ids; the oldest are forgotten first."""

    def __init__(self, release: Callable[[Sequence[Path]], None]) -> None:
        """
        Args:
            release: removes the pictures of an errand.
        """
        self._release = release
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def get(self, id: str) -> Run | None:
        """The run of a job's id."""
        run = self._runs.get(id)
        if run:
            run.seen = asyncio.get_running_loop().time()
        return run

    def start(
        self, job: Job[SavedAnswer], errand: Errand, remember: Callable[[SavedAnswer], None]
    ) -> Run:
        """Follow a job until it has ended.

        Args:
            remember: called with its answer before anybody is told of that.
        """
        run = Run(errand, job, seen=asyncio.get_running_loop().time())
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
            self._release(run.errand.pictures)
            run.over.set()


async def _watch(run: Run) -> None:
    """Cancel a run once nobody looks at it any more."""
    now = asyncio.get_running_loop().time
    while not run.over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(run.over.wait(), _ALONE / 4)
        if not run.watchers and now() - run.seen > _ALONE:
            run.cancel()
