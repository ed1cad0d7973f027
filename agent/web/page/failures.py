"""Error pages: one line that says what happened and what to do."""

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
#: Attribute of the request's state that holds the question once the form has been read.
LINE = "line"
Handler = Callable[[Request], Awaitable[Response]]


def with_error_page(handler: Handler) -> Handler:
    """Wrap a handler to show its errors as a page."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except (GroundglassError, Busy, HTTPException) as error:
            return failure(error, getattr(request.state, LINE, ""))
        except Exception as error:  # a bug: one line for the reader, the traceback for the log
            _log.exception("a page failed")
            return failure(error)

    return handle


def failure(error: BaseException, line: str = "") -> Response:
    """Return the page for an error.

    Args:
        line: the question that led to it, to be asked again; empty if there was none.
    """
    failed = failure_of(error)
    # Cancelling a job is not an error.
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
    """Capitalise a line and end it with a full stop, unless it begins with the name of a file."""
    begins_with_word = line.partition(" ")[0].isalpha()
    return full_stop(capital(line) if begins_with_word else line)
