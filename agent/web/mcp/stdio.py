"""Serving the one client that started this process, over standard input and output."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from agent.web.mcp.ready import Ready
from agent.web.mcp.server import server
from agent.web.service import Service

#: Seconds that jobs have to end after a signal, before the process does.
_GRACE = 1.5


def run_stdio(make: Callable[[], Service]) -> None:
    """Serve until the client has gone, and close the service; a signal ends the process.

    Args:
        make: makes the service, while the client already gets answers.

    Raises:
        GroundglassError: why the service could not be made; the client has been told.
    """
    asyncio.run(_until_gone(make))


async def _until_gone(make: Callable[[], Service]) -> None:
    loop = asyncio.get_running_loop()
    ending: set[asyncio.Task[None]] = set()
    with ThreadPoolExecutor(1) as thread:
        ready = Ready(thread.submit(make))

        def end(number: int) -> None:
            ending.add(loop.create_task(_end(ready.now, number)))

        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows has no such signals
                loop.add_signal_handler(number, end, number)
        await server(ready).run_stdio_async()
        service = await ready()
        await asyncio.to_thread(service.close)


async def _end(service: Service | None, number: int) -> None:
    """Close the service and end the process here: a thread waits for a line of standard input, and
    nothing but such a line can wake it.
    """
    if service:
        closing = asyncio.create_task(asyncio.to_thread(service.close))
        await asyncio.wait({closing}, timeout=_GRACE)
        service.workspace.close()
    os._exit(128 + number)
