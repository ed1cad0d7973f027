"""`/mcp` as part of the application, loaded on the first request of an assistant.

The MCP library takes seconds to import, and a page should not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.web.failures import Failure, response_to
from agent.web.service import Service

if TYPE_CHECKING:
    from agent.web.mcp import MountedServer


class Assistants:
    """The application at `/mcp`. Enter its `lifespan` for as long as the server runs."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._wanted = asyncio.Event()
        self._router: asyncio.Future[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request once the library is loaded."""
        if find_spec("mcp") is None:
            line = "assistants need the extra mcp; run: pip install 'groundglass[mcp]'"
            await response_to(scope, Failure(404, line))(scope, receive, send)
            return
        assert self._router, "the lifespan was not entered"
        self._wanted.set()
        router = await asyncio.shield(self._router)
        await router(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Run the MCP sessions; enter this once, for as long as the application runs."""
        self._router = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._run(self._router))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _run(self, router: asyncio.Future[ASGIApp]) -> None:
        await self._wanted.wait()
        try:
            part = await asyncio.to_thread(_load, self._service)
        except Exception as error:  # every request reports it, and none waits for ever
            router.set_exception(error)
            return
        async with part.lifespan():
            router.set_result(Router(part.routes))
            await asyncio.Event().wait()  # until the task is cancelled


def _load(service: Service) -> MountedServer:
    from agent.web.mcp import mount

    return mount(service)
