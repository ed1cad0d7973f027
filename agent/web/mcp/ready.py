"""A service that may still be in the making while its server already answers.

The first start on a machine builds an index, which takes half a minute; clients wait ten seconds
for a server to answer, some of them.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import Future

from agent.web.service import Service


class Ready:
    """The service, to be waited for by whoever needs it."""

    def __init__(self, service: Service | Future[Service]) -> None:
        self._making: Future[Service] = Future()
        if isinstance(service, Future):
            self._making = service
        else:
            self._making.set_result(service)

    async def __call__(self) -> Service:
        """The service, once it is made.

        Raises:
            GroundglassError: why it cannot be made.
        """
        return await asyncio.shield(asyncio.wrap_future(self._making))

    @property
    def now(self) -> Service | None:
        """The service, where it is made already."""
        made = self._making.done() and not self._making.exception()
        return self._making.result() if made else None

    def without_private_paths(self, text: str) -> str:
        """A text in which files of the private folder have their names alone."""
        if self.now is None:
            return text
        folder = re.escape(str(self.now.workspace.path))
        return re.sub(rf"{folder}(/\w+)?/?", "", text)
