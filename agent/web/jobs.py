"""Work in threads: a bounded queue, progress that others can follow, and cancellation.

Work on pictures takes turns, so that a laptop is not overloaded; questions without pictures take
milliseconds and do not queue behind it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from agent.errors import Cancelled, GroundglassError

_log = logging.getLogger(__name__)
T = TypeVar("T")

State = Literal["waiting", "running", "done", "failed", "cancelled"]
#: Final states.
ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled"})
#: Questions without pictures: how many are answered at a time, and how many may wait.
_TEXT_THREADS, _TEXT_QUEUE = 4, 64
#: Seconds per job ahead that a client waits before it tries a full queue again.
_SECONDS_A_JOB = 15


class Busy(Exception):
    """The queue is full.

    Args:
        retry_after: seconds to wait before trying again.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"the server is busy; try again in {retry_after} s")
        self.retry_after = retry_after


@dataclass(frozen=True)
class Event:
    """An event in the life of a job."""

    kind: Literal["state", "progress", "statement"]
    data: Any
    """A `State`, a line of text, or a `Statement`; None withdraws all statements so far."""


#: Marks the end of the events of a job.
_END = Event("state", None)


@dataclass(eq=False)
class Job(Generic[T]):
    """Work in a thread, which its owner can follow and cancel."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: State = "waiting"
    _events: list[Event] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _waiters: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=set)
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _outcome: Future[T] = field(default_factory=Future)
    on_cancel: Callable[[], object] = lambda: None

    # --- for the owner ------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether the job has reached a final state."""
        return self.state in ENDED

    def cancel(self) -> None:
        """End the job at its next line of progress, or at once if it still waits."""
        self._cancelled.set()
        self.on_cancel()

    async def events(self, start: int = 0) -> AsyncIterator[Event]:
        """Yield past and coming events from number `start` on, until the job has ended."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        waiter = (loop, changed)
        with self._changed:
            self._waiters.add(waiter)
        try:
            while True:
                with self._changed:
                    new, ended = self._events[start:], self.ended
                    changed.clear()
                for event in new:
                    yield event
                start += len(new)
                if ended and not new:
                    return
                if not new:
                    await changed.wait()
        finally:
            with self._changed:
                self._waiters.discard(waiter)

    async def result(self) -> T:
        """Wait for the job to end, and return its result.

        Raises:
            GroundglassError: an error of the work that a person should read.
            Cancelled: if the job was cancelled.
        """
        async for _ in self.events():
            pass
        return self._outcome.result()

    # --- for the worker thread ----------------------------------------------------------------

    def tell(self, kind: Literal["progress", "statement"], data: Any) -> None:
        """Record an event that the work reports.

        Raises:
            Cancelled: if the job has been cancelled.
        """
        if self._cancelled.is_set():
            raise Cancelled
        self._add(Event(kind, data))

    def run(self, work: Callable[[Job[T]], T]) -> None:
        """Do the work and record its outcome; raise nothing."""
        if self._cancelled.is_set():
            self._end("cancelled", Cancelled())
            return
        self._enter("running")
        try:
            result = work(self)
        except Cancelled as cancelled:
            self._end("cancelled", cancelled)
        except GroundglassError as error:
            self._end("failed", error)
        except BaseException as error:  # a bug: one line for the client, the traceback for the log
            _log.exception("a job failed")
            self._end("failed", error)
        else:
            self._outcome.set_result(result)
            self._enter("done")

    def give_up(self) -> None:
        """End a job that never ran."""
        self._end("cancelled", Cancelled())

    def _end(self, state: State, error: BaseException) -> None:
        # A traceback would keep everything in its frames alive, such as pictures.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        self._outcome.set_exception(error)
        self._enter(state)

    def _enter(self, state: State) -> None:
        self.state = state
        self._add(Event("state", state))

    def _add(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()
            for loop, changed in self._waiters:
                loop.call_soon_threadsafe(changed.set)


async def with_heartbeats(
    events: AsyncIterator[Event], seconds: float
) -> AsyncIterator[Event | None]:
    """Yield the events, and None after every `seconds` without one.

    A stream then sends a sign of life, so that no proxy closes it.
    """
    upcoming = asyncio.ensure_future(anext(events, _END))
    try:
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=seconds)
            if not done:
                yield None
                continue
            event = upcoming.result()
            if event is _END:
                return
            yield event
            upcoming = asyncio.ensure_future(anext(events, _END))
    finally:
        upcoming.cancel()


class Jobs:
    """The jobs of a server: those with pictures take turns, those without do not wait."""

    def __init__(self, at_a_time: int, waiting: int) -> None:
        """
        Args:
            at_a_time: number of jobs with pictures that may run at once.
            waiting: number of jobs with pictures that may wait.
        """
        self._pictures = _Lane("picture", at_a_time, waiting)
        self._texts = _Lane("text", _TEXT_THREADS, _TEXT_QUEUE)

    def start(self, work: Callable[[Job[T]], T], *, pictures: bool) -> Job[T]:
        """Run `work` in a thread.

        Args:
            work: takes its job, through which it reports progress.
            pictures: whether it works on pictures.

        Raises:
            Busy: if too many jobs wait.
        """
        return (self._pictures if pictures else self._texts).start(work)

    @property
    def waiting(self) -> int:
        """The number of jobs with pictures that wait for their turn."""
        return self._pictures.waiting

    @property
    def running(self) -> int:
        """The number of running jobs of both kinds."""
        return self._pictures.running + self._texts.running

    def close(self) -> None:
        """Cancel all jobs, and wait for their threads to end."""
        for lane in (self._pictures, self._texts):
            lane.cancel_all()
        for lane in (self._pictures, self._texts):
            lane.close()


class _Lane:
    """A pool of threads, and the jobs that run in it or wait for it."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"groundglass-{name}")
        self._most = threads + waiting
        self._jobs: dict[str, Job[Any]] = {}
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        with self._lock:
            return sum(job.state == "waiting" for job in self._jobs.values())

    @property
    def running(self) -> int:
        with self._lock:
            return sum(job.state == "running" for job in self._jobs.values())

    def start(self, work: Callable[[Job[T]], T]) -> Job[T]:
        job: Job[T] = Job()
        with self._lock:
            if len(self._jobs) >= self._most:
                raise Busy(_SECONDS_A_JOB * max(1, len(self._jobs) // 2))
            self._jobs[job.id] = job
        try:
            future = self._threads.submit(job.run, work)
        except RuntimeError:  # the server is shutting down
            self._forget(job)
            raise Busy(_SECONDS_A_JOB) from None

        def over(future: Future[None]) -> None:
            if future.cancelled():  # by its owner, or by the shutdown of the server
                job.give_up()
            self._forget(job)

        job.on_cancel = future.cancel  # has no effect once the job runs
        future.add_done_callback(over)
        return job

    def cancel_all(self) -> None:
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            job.cancel()

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _forget(self, job: Job[Any]) -> None:
        with self._lock:
            self._jobs.pop(job.id, None)
