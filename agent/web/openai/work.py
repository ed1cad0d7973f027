"""A request in progress: its job, its pictures, and a client that may disconnect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.requests import Request

from agent.conversation import Past, Reply
from agent.report.single_line import plain
from agent.web.jobs import Job, with_heartbeats
from agent.web.openai.messages import Talk
from agent.web.service import Service

_HEARTBEAT = 10.0
"""Seconds of silence after which a stream sends a comment."""
#: Running tasks; the event loop itself holds only weak references to them.
_tasks: set[asyncio.Task[None]] = set()


async def start(service: Service, talk: Talk) -> Job[Reply]:
    """Start the job of a reply; its pictures are removed when it has ended.

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
async def cancel_on_disconnect(request: Request, job: Job[Reply]) -> AsyncIterator[None]:
    """Cancel the job if the client disconnects, or if the block exits before the job has ended."""

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
    """Yield the progress of a job as comments of an event stream, until it has ended."""
    async for event in with_heartbeats(job.events(), _HEARTBEAT):
        if event is None:
            yield ": alive\n\n"
        elif event.kind == "progress":
            yield f": {plain(str(event.data))}\n\n"
