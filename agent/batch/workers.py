"""Tasks answered in this process or in several, each with its models loaded once.

Workers only compute: what comes of a task is sent here, and whoever called keeps it. So nothing
is half done when a worker dies, and no worker outlives this process, not even one that is amid a
task when this process is killed.
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

#: Questions without a picture that are done together, and tasks of one group.
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
    """Each task with its outcome, in the order in which they are done.

    With one worker all is done here. A worker that dies, as one that is out of memory does, fails
    the task that it was at and is replaced; one that dies before it is ready is missed, and the
    others go on without it.

    Raises:
        GroundglassError: when a worker dies before any is ready.
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
    """What one worker may spend on a language model."""
    tokens, usd, rate = settings.max_tokens, settings.max_usd, settings.rate
    return replace(
        settings,
        max_tokens=tokens and max(1, tokens // workers),
        max_usd=usd and usd / workers,
        rate=rate and rate / workers,
    )


def _chunks(tasks: Iterable[Task]) -> Iterator[deque[Task]]:
    """Tasks that are done together: a group with pictures, or many questions without."""
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
    """What it was given and has not answered."""


class _Crew:
    """Processes that answer."""

    def __init__(self, *setup: Any) -> None:
        """Take what an `Answerer` is made from."""
        self._setup = setup
        self._context = get_context("spawn")  # a fork of a process with threads may hang
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
                        yield worker.tasks.popleft(), _died(how)
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
        there.close()  # so that the pipe ends when the worker does
        self._workers[here] = _Worker(process, here)

    def _bury(self, worker: _Worker) -> str:
        """Take a dead worker away, and tell how it died."""
        del self._workers[worker.pipe]
        worker.pipe.close()
        worker.process.join()
        code = worker.process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"

    def _miss(self, how: str) -> None:
        """Go on without a worker that never was ready; an error where no other is."""
        if not any(worker.ready for worker in self._workers.values()):
            raise GroundglassError(
                f"a worker ended before it was ready ({how}); its own message is above, or try "
                "fewer --workers"
            )
        _log.warning("a worker ended before it was ready (%s); the others go on without it", how)


def _died(how: str) -> Outcome:
    """The outcome of the task that a worker was at."""
    return failed(
        f"the worker died at this row ({how}), perhaps out of memory; try it with "
        "--retry-failed and fewer --workers"
    )


def _serve(
    pipe: Connection,
    settings: Settings,
    threads: int,
    formats: Sequence[str],
    folder_cache: FolderCache | None,
) -> None:
    """What a worker does: answer chunk after chunk until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started it decides
    end_with_parent()
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read by PyTorch when it is loaded
    try:
        answerer = Answerer(settings, formats, folder_cache)
        pipe.send(_READY)
        while True:
            for task in pipe.recv():
                pipe.send(answerer(task))
    except (EOFError, OSError):
        return
