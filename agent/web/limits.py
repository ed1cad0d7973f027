"""How much one client may ask, and what a refusal looks like."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.errors import GroundglassError, InputError
from agent.web.jobs import Busy
from agent.web.options import ServerOptions

#: Seconds in which the body of a request has to arrive.
_BODY_SECONDS = 60.0
#: Clients that are remembered; those that asked longest ago are forgotten first.
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
        """Answer a request that is refused; count the body of any other while it arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self._options.max_upload:
            await refusal(Request(scope), 413, self._too_large())(scope, receive, send)
            return
        wait = self._wait(scope) if scope["method"] == "POST" else 0
        if wait:
            text = f"too many requests; try again in {wait} s"
            answer = refusal(Request(scope), 429, text, {"Retry-After": str(wait)})
            await answer(scope, receive, send)
            return
        await self._app(scope, self._counted(receive), send)

    def _too_large(self) -> str:
        return f"the request is too large; expected at most {self._options.max_upload} bytes"

    def _counted(self, receive: Receive) -> Receive:
        size, ended, deadline = 0, False, time.monotonic() + self._body_seconds

        async def counted() -> Message:
            nonlocal size, ended
            if ended:  # what comes now tells of a disconnect, which may take as long as it likes
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

        return counted

    def _wait(self, scope: Scope) -> int:
        """Seconds until the client may post again; 0 where it may now."""
        client, now = (scope.get("client") or ("", 0))[0], self._clock()
        rate = self._options.rate
        left, then = self._buckets.pop(client, (float(rate), now))
        left = min(rate, left + (now - then) * rate / 60)
        allowed = left >= 1
        self._buckets[client] = (left - allowed, now)
        if len(self._buckets) > _CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) * 60 / rate))


def refusal(
    request: Request, status: int, text: str, headers: Mapping[str, str] | None = None
) -> Response:
    """One line that says why, in the shape that the client expects."""
    text = " ".join(text.split())
    if request.url.path.startswith("/v1"):
        kind = "server_error" if status >= 500 else "invalid_request_error"
        error = {"message": text, "type": kind, "param": None, "code": None}
        return JSONResponse({"error": error}, status, headers)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": text}, status, headers)
    return PlainTextResponse(f"{text}\n", status, headers)


async def on_error(request: Request, error: Exception) -> Response:
    """The response to an error that no route answers itself."""
    if isinstance(error, Busy):
        return refusal(request, 429, str(error), {"Retry-After": str(error.retry_after)})
    if isinstance(error, HTTPException):
        return refusal(request, error.status_code, error.detail, error.headers)
    if isinstance(error, GroundglassError):
        return refusal(request, 400 if isinstance(error, InputError) else 500, str(error))
    return refusal(request, 500, "the server failed; its log says why")


#: For `Starlette(exception_handlers=…)`.
HANDLERS = {kind: on_error for kind in (Busy, GroundglassError, HTTPException, Exception)}
