"""What went wrong, in the shape of OpenAI's errors."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from agent.errors import Cancelled, GroundglassError, InputError, ServiceError
from agent.report.single_line import plain
from agent.web.jobs import Busy

_log = logging.getLogger(__name__)
#: What servers answer where the client has gone; nobody reads it.
_GONE = 499
Endpoint = Callable[[Request], Awaitable[Response]]


class Refusal(Exception):
    """A request that is not answered, and why."""

    def __init__(
        self, message: str, status: int = 400, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.param, self.code = status, param, code


def refusal_of(error: BaseException) -> Refusal:
    """Any failure as a refusal; what no person is meant to read is not shown."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Busy):
        return Refusal(str(error), 429, code="rate_limit_exceeded")
    if isinstance(error, InputError):
        return Refusal(str(error))
    if isinstance(error, HTTPException):
        return Refusal(error.detail, error.status_code)
    if isinstance(error, Cancelled):
        return Refusal("the request was cancelled", 503)
    if isinstance(error, ServiceError):
        return Refusal(str(error), 502)
    if isinstance(error, GroundglassError):
        return Refusal(str(error), 500)
    return Refusal("the server failed; its log says why", 500)


def error_body(refusal: Refusal) -> dict[str, Any]:
    """`{"error": {...}}`."""
    kind = "invalid_request_error" if refusal.status < 500 else "server_error"
    if refusal.status == 429:
        kind = "rate_limit_error"
    message = plain(str(refusal))
    return {
        "error": {"message": message, "type": kind, "param": refusal.param, "code": refusal.code}
    }


def in_shape(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with each failure answered in OpenAI's shape."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=_GONE)
        except (Exception, Cancelled) as error:
            refusal = refusal_of(error)
            if refusal.status == 500:
                _log.exception("a request failed")
            wait = {"Retry-After": str(error.retry_after)} if isinstance(error, Busy) else None
            return JSONResponse(error_body(refusal), refusal.status, wait)

    return answer
