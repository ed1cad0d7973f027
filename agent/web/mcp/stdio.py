"""MCP over standard input and output, for the one client that started this process."""

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

#: Seconds that jobs have to stop after a signal before the process exits.
_GRACE = 1.5


def run_stdio(make: Callable[[], Service]) -> None:
    """Serve until the client disconnects, then close the service; a signal ends the process.

    Args:
        make: builds the service, while the server already answers the client.

    Raises:
        GroundglassError: if the service could not be built; the client has got the error, too.
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
    """Close the service and exit at once.

    A thread blocks on standard input, and nothing but a line of input can wake it.
    """
    if service:
        closing = asyncio.create_task(asyncio.to_thread(service.close))
        await asyncio.wait({closing}, timeout=_GRACE)
        service.workspace.close()
    os._exit(128 + number)
