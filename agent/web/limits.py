"""Limits on how much and how often one client may send, as pure ASGI."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.failures import Failure, response_to
from agent.web.options import ServerOptions

#: Seconds within which the body of a request has to arrive.
_BODY_SECONDS = 60.0
#: Number of clients whose rate is tracked; the least recent are dropped first.
_CLIENTS = 10_000


class Limits:
    """Refuses bodies that are too large or too slow, and clients that post too often."""

    def __init__(
        self,
        app: ASGIApp,
        options: ServerOptions,
        body_seconds: float = _BODY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._options = app, options
        self._body_seconds, self._clock = body_seconds, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on and limit its body as it arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif failure := self._failure(scope):
            await response_to(scope, failure)(scope, receive, send)
        else:
            await self._app(scope, self._limited(receive), send)

    def _failure(self, scope: Scope) -> Failure | None:
        length = Headers(scope=scope).get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            line = "Content-Length is not a number; expected the size of the body in bytes"
            return Failure(400, line)
        if len(length) > 18 or int(length) > self._options.max_upload:
            return Failure(413, self._too_large())
        if wait := self._wait(scope) if scope["method"] == "POST" else 0:
            line = f"too many requests; try again in {wait} s"
            return Failure(429, line, {"Retry-After": str(wait)}, code="rate_limit_exceeded")
        return None

    def _too_large(self) -> str:
        most = f"{self._options.max_upload:,} bytes"
        return f"the request is too large (at most {most}); send fewer or smaller pictures"

    def _limited(self, receive: Receive) -> Receive:
        size, ended, deadline = 0, False, time.monotonic() + self._body_seconds

        async def receive_within_limits() -> Message:
            nonlocal size, ended
            if ended:  # only the disconnect is left, which may come at any time
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), deadline - time.monotonic())
            except TimeoutError:
                raise HTTPException(408, "the request took too long to arrive") from None
            size += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if size > self._options.max_upload:
                raise HTTPException(413, self._too_large())
            return message

        return receive_within_limits

    def _wait(self, scope: Scope) -> int:
        """Return the seconds until the client may post again; 0 if it may now."""
        rate = self._options.client_rate
        if not rate:
            return 0
        client, now = (scope.get("client") or ("", 0))[0], self._clock()
        left, then = self._buckets.pop(client, (float(rate), now))
        left = min(rate, left + (now - then) * rate / 60)
        allowed = left >= 1
        self._buckets[client] = (left - allowed, now)
        if len(self._buckets) > _CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) * 60 / rate))
