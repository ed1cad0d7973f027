"""Error responses in OpenAI's format."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from agent.errors import Cancelled
from agent.web.failures import failure_of, response_to

_log = logging.getLogger(__name__)
#: The status for a client that has disconnected; nobody reads it.
_CLIENT_GONE = 499
Endpoint = Callable[[Request], Awaitable[Response]]


def with_openai_errors(endpoint: Endpoint) -> Endpoint:
    """Wrap an endpoint to respond to every failure in OpenAI's format."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=_CLIENT_GONE)
        except (Exception, Cancelled) as error:
            failure = failure_of(error)
            if failure.status == 500:
                _log.exception("a request failed")
            return response_to(request.scope, failure)

    return answer
