"""Endpoints whose failures are answered in OpenAI's shape."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from agent.errors import Cancelled
from agent.web.failures import failure_of, response_to

_log = logging.getLogger(__name__)
#: What servers answer where the client has gone; nobody reads it.
_GONE = 499
Endpoint = Callable[[Request], Awaitable[Response]]


def in_shape(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with each failure answered in OpenAI's shape."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=_GONE)
        except (Exception, Cancelled) as error:
            failure = failure_of(error)
            if failure.status == 500:
                _log.exception("a request failed")
            return response_to(request.scope, failure)

    return answer
