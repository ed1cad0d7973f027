"""Failures as pages: one line that says what happened and what to do."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import Cancelled, GroundglassError
from agent.report.single_line import capital, full_stop
from agent.web.failures import failure_of
from agent.web.jobs import Busy
from agent.web.page.rendering import page

_log = logging.getLogger(__name__)
#: Where the state of a request holds what was asked, once its form has been read.
LINE = "line"
Handler = Callable[[Request], Awaitable[Response]]


def shown(handler: Handler) -> Handler:
    """The handler, with a page for what it raises."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except (GroundglassError, Busy, HTTPException) as error:
            return failure(error, getattr(request.state, LINE, ""))
        except Exception as error:  # a fault of ours: one line for the reader, all for the log
            _log.exception("a page failed")
            return failure(error)

    return guarded


def failure(error: BaseException, line: str = "") -> Response:
    """The page for what went wrong.

    Args:
        line: the question that led there, to be asked again; empty where there was none.
    """
    failed = failure_of(error)
    # A job that its reader cancelled is no fault of anybody's.
    status = 200 if isinstance(error, Cancelled) else failed.status
    response = page(
        "failure", status, title=_title(error, status), text=_sentence(failed.line), line=line
    )
    response.headers.update(failed.headers)
    return response


def _title(error: BaseException, status: int) -> str:
    if isinstance(error, Cancelled):
        return "Cancelled"
    titles = {400: "That cannot be answered", 404: "Not here", 429: "Busy"}
    return titles.get(status, "That did not work")


def _sentence(line: str) -> str:
    """The line with a capital, unless it begins with a name, such as that of a file, and a stop."""
    begins_with_word = line.partition(" ")[0].isalpha()
    return full_stop(capital(line) if begins_with_word else line)
