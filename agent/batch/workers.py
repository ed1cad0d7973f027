"""Answering tasks in this process or in several, each with its models loaded once.

Workers only compute: they send outcomes to this process, and the caller saves them. So nothing is
half done when a worker dies. No worker outlives this process, even if it is killed.
"""

from __future__ import annotations

import logging
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from agent.batch.answering import Answerer, Outcome, failed
from agent.batch.plan import Task
from agent.batch.result_cache import FolderCache
from agent.errors import GroundglassError
from agent.settings import Settings
from agent.systems.child_process import end_with_parent
from agent.systems.processor import cores

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

#: Number of questions without pictures in a chunk, and of tasks of one group.
_CHUNK, _LARGEST_CHUNK = 128, 1_000
_READY = "ready"

_log = logging.getLogger(__name__)


def answer_tasks(
    tasks: Iterable[Task],
    settings: Settings,
    workers: int = 1,
    formats: Sequence[str] = (),
    folder_cache: FolderCache | None = None,
) -> Iterator[tuple[Task, Outcome]]:
    """Yield each task with its outcome, in the order of completion.

    With one worker, everything runs in this process. If a worker dies, for example out of memory,
    its current task fails and the worker is replaced; if it dies before it is ready, the others
    continue without it.

    Raises:
        GroundglassError: if a worker dies before any is ready.
    """
    if workers == 1:
        answerer = Answerer(settings, formats, folder_cache)
        for task in tasks:
            yield task, answerer(task)
        return
    crew = _Crew(_share(settings, workers), max(1, cores() // workers), formats, folder_cache)
    try:
        yield from crew.work(_chunks(tasks), workers)
    finally:
        crew.dismiss()


def _share(settings: Settings, workers: int) -> Settings:
    """Return the settings with one worker's share of the language model's caps."""
    tokens, usd, rate = settings.max_tokens, settings.max_usd, settings.rate
    return replace(
        settings,
        max_tokens=tokens and max(1, tokens // workers),
        max_usd=usd and usd / workers,
        rate=rate and rate / workers,
    )


def _chunks(tasks: Iterable[Task]) -> Iterator[deque[Task]]:
    """Yield chunks of tasks: a group with pictures, or many questions without."""
    chunk: deque[Task] = deque()
    for task in tasks:
        kin = bool(chunk) and chunk[-1].group == task.group
        alone = bool(task.images) or (bool(chunk) and bool(chunk[-1].images))
        if chunk and not (kin and len(chunk) < _LARGEST_CHUNK) and (alone or len(chunk) >= _CHUNK):
            yield chunk
            chunk = deque()
        chunk.append(task)
    if chunk:
        yield chunk


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    ready: bool = False
    tasks: deque[Task] = field(default_factory=deque)
    """Tasks sent to the worker and not answered yet."""


class _Crew:
    """A pool of worker processes."""

    def __init__(self, *setup: Any) -> None:
        """Take the arguments of `Answerer`."""
        self._setup = setup
        self._context = get_context("spawn")  # forking a process with threads may hang
        self._workers: dict[Connection, _Worker] = {}

    def work(self, chunks: Iterator[deque[Task]], workers: int) -> Iterator[tuple[Task, Outcome]]:
        waiting: deque[deque[Task]] = deque()
        more = True
        while True:
            while more and len(waiting) < workers:
                chunk = next(chunks, None)
                if chunk is None:
                    more = False
                else:
                    waiting.append(chunk)
            while waiting and len(self._workers) < workers:
                self._hire()
            for worker in self._workers.values():
                if waiting and worker.ready and not worker.tasks:
                    worker.tasks = waiting.popleft()
                    worker.pipe.send(list(worker.tasks))
            if not waiting and not any(worker.tasks for worker in self._workers.values()):
                return
            for pipe in wait(list(self._workers)):
                worker = self._workers[pipe]  # type: ignore[index]
                try:
                    message = worker.pipe.recv()
                except (EOFError, OSError):
                    how = self._bury(worker)
                    if not worker.ready:
                        self._miss(how)
                        workers -= 1
                    elif worker.tasks:
                        yield worker.tasks.popleft(), _outcome_of_death(how)
                        waiting.extendleft([worker.tasks] if worker.tasks else [])
                    continue
                if message == _READY:
                    worker.ready = True
                else:
                    yield worker.tasks.popleft(), message

    def dismiss(self) -> None:
        for worker in self._workers.values():
            worker.pipe.close()
            worker.process.kill()
        for worker in self._workers.values():
            worker.process.join()

    def _hire(self) -> None:
        here, there = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(there, *self._setup), daemon=True)
        process.start()
        there.close()  # so that the pipe closes when the worker dies
        self._workers[here] = _Worker(process, here)

    def _bury(self, worker: _Worker) -> str:
        """Remove a dead worker, and say how it died."""
        del self._workers[worker.pipe]
        worker.pipe.close()
        worker.process.join()
        code = worker.process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"

    def _miss(self, how: str) -> None:
        """Continue without a worker that never became ready; raise if no other is."""
        if not any(worker.ready for worker in self._workers.values()):
            raise GroundglassError(
                f"a worker ended before it was ready ({how}); see its message above, or try fewer "
                "--workers"
            )
        _log.warning("a worker ended before it was ready (%s); the others continue without it", how)


def _outcome_of_death(how: str) -> Outcome:
    """Return the outcome of the task during which a worker died."""
    return failed(
        f"the worker died at this row ({how}), perhaps out of memory; try --retry-failed with "
        "fewer --workers"
    )


def _serve(
    pipe: Connection,
    settings: Settings,
    threads: int,
    formats: Sequence[str],
    folder_cache: FolderCache | None,
) -> None:
    """Run a worker: answer chunks until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process handles it
    end_with_parent()
    os.environ["OMP_NUM_THREADS"] = str(threads)  # PyTorch reads it when it is loaded
    try:
        answerer = Answerer(settings, formats, folder_cache)
        pipe.send(_READY)
        while True:
            for task in pipe.recv():
                pipe.send(answerer(task))
    except (EOFError, OSError):
        return
