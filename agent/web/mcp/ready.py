"""A service that may still be starting while its server already answers.

The first start on a machine builds an index, which takes half a minute; some clients give a server
only ten seconds to answer.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import Future

from agent.web.service import Service


class Ready:
    """A service that callers can await."""

    def __init__(self, service: Service | Future[Service]) -> None:
        self._future: Future[Service] = Future()
        if isinstance(service, Future):
            self._future = service
        else:
            self._future.set_result(service)

    async def __call__(self) -> Service:
        """Wait for the service and return it.

        Raises:
            GroundglassError: if the service could not start.
        """
        return await asyncio.shield(asyncio.wrap_future(self._future))

    @property
    def now(self) -> Service | None:
        """The service, or None while it is starting."""
        is_ready = self._future.done() and not self._future.exception()
        return self._future.result() if is_ready else None

    def without_private_paths(self, text: str) -> str:
        """Strip the path of the private folder from a text."""
        if self.now is None:
            return text
        folder = re.escape(str(self.now.workspace.path))
        return re.sub(rf"{folder}(/\w+)?/?", "", text)
