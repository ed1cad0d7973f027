"""A request at work: its job, its pictures, and a client that may go away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.requests import Request

from agent.conversation import Past, Reply
from agent.report.single_line import plain
from agent.web.jobs import Job, with_silences
from agent.web.openai.messages import Talk
from agent.web.service import Service

_KEEP_ALIVE = 10.0
"""Seconds after which a stream says that it is alive."""
#: Tasks are kept here while they run, since the loop itself holds them weakly.
_tasks: set[asyncio.Task[None]] = set()


async def start(service: Service, talk: Talk) -> Job[Reply]:
    """Begin to reply; the pictures are removed when the job has ended.

    Raises:
        Busy, InputError: as `Service` does.
    """
    pictures: Sequence[Path] = ()
    if talk.uploads:
        pictures = await asyncio.to_thread(service.pictures, talk.uploads)
    try:
        past = Past(talk.past.turns, talk.past.last, tuple(pictures))
        job = service.reply(talk.line, past)
    except BaseException:
        service.release(pictures)
        raise
    if pictures:
        task = asyncio.create_task(_release(service, job, pictures))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    return job


async def _release(service: Service, job: Job[Reply], pictures: Sequence[Path]) -> None:
    async for _ in job.events():
        pass
    service.release(pictures)


@asynccontextmanager
async def watched(request: Request, job: Job[Reply]) -> AsyncIterator[None]:
    """Cancel the job where the client goes away, and where the block is left before it ended."""

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        job.cancel()

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        if not job.ended:
            job.cancel()


async def comments(job: Job[Reply]) -> AsyncIterator[str]:
    """How far the job is as comments of an event stream, until it has ended."""
    async for event in with_silences(job.events(), _KEEP_ALIVE):
        if event is None:
            yield ": alive\n\n"
        elif event.kind == "progress":
            yield f": {plain(str(event.data))}\n\n"
