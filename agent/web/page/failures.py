"""Failures as pages: one line that says what happened and what to do."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import Cancelled, GroundglassError, InputError, ServiceError
from agent.text import visible
from agent.web.jobs import Busy
from agent.web.page.rendering import page

_log = logging.getLogger(__name__)
Handler = Callable[[Request], Awaitable[Response]]


def shown(handler: Handler) -> Handler:
    """The handler, with a page for what it raises."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except (GroundglassError, Busy, HTTPException) as error:
            return failure(error)
        except Exception as error:  # a fault of ours: one line for the reader, all for the log
            _log.exception("a page failed")
            return failure(error)

    return guarded


def failure(error: BaseException, line: str = "") -> Response:
    """The page for what went wrong.

    Args:
        line: the question that led there, to be asked again; empty where there was none.
    """
    status, title, text = _told(error)
    response = page("failure", status, title=title, text=visible(text), line=line)
    if isinstance(error, Busy):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _told(error: BaseException) -> tuple[int, str, str]:
    """Status, heading and line."""
    if isinstance(error, Cancelled):
        return 200, "Cancelled", "The question was cancelled before it was answered."
    if isinstance(error, Busy):
        return 429, "Busy", f"Too many questions wait; try again in {error.retry_after} s."
    if isinstance(error, HTTPException):
        title = "Not here" if error.status_code == 404 else "That did not work"
        return error.status_code, title, f"{error.detail[:1].upper()}{error.detail[1:]}."
    if isinstance(error, InputError):
        return 400, "That cannot be answered", str(error)
    if isinstance(error, GroundglassError):
        return 502 if isinstance(error, ServiceError) else 500, "That did not work", str(error)
    return 500, "That did not work", "The program failed; its log tells why."
