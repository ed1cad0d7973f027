"""Failures as clients see them: a status, and one line that says what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from agent.errors import Cancelled, GroundglassError, InputError, ServiceError
from agent.report.single_line import plain
from agent.web.jobs import Busy


@dataclass(frozen=True)
class Failure:
    """The reason why there is no answer."""

    status: int
    line: str
    """The message for a person; details that belong in the log are left out."""
    headers: Mapping[str, str] = field(default_factory=dict)
    param: str | None = None
    """The field of a JSON body that is at fault."""
    code: str | None = None
    """The error code, for programs."""


class Refusal(Exception):
    """A request that cannot be answered as it stands.

    Args:
        line: what was received, what was expected, what to do.
        param: the field of a JSON body that is at fault.
        code: the error code, for programs.
    """

    def __init__(
        self, line: str, status: int = 400, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(line)
        self.status, self.param, self.code = status, param, code


def failure_of(error: BaseException) -> Failure:
    """Return the failure that a client sees for an exception."""
    if isinstance(error, Refusal):
        return Failure(error.status, plain(str(error)), param=error.param, code=error.code)
    if isinstance(error, Busy):
        wait = {"Retry-After": str(error.retry_after)}
        return Failure(429, str(error), wait, code="rate_limit_exceeded")
    if isinstance(error, HTTPException):
        return Failure(error.status_code, plain(error.detail), error.headers or {})
    if isinstance(error, Cancelled):
        return Failure(503, "the question was cancelled before it was answered")
    if isinstance(error, InputError):
        return Failure(400, plain(str(error)))
    if isinstance(error, GroundglassError):
        return Failure(502 if isinstance(error, ServiceError) else 500, plain(str(error)))
    return Failure(500, "the server failed; see its log for the cause")


def response_to(scope: Scope, failure: Failure) -> Response:
    """Return the failure as the client expects it: OpenAI's JSON under `/v1`, else one line."""
    if first_segment(scope) == "v1":
        return JSONResponse(openai_error(failure), failure.status, failure.headers)
    if "application/json" in Headers(scope=scope).get("accept", ""):
        return JSONResponse({"error": failure.line}, failure.status, failure.headers)
    return PlainTextResponse(f"{failure.line}\n", failure.status, failure.headers)


def openai_error(failure: Failure) -> dict[str, dict[str, str | None]]:
    """Return the failure as the `{"error": {…}}` of OpenAI's API."""
    kind = "invalid_request_error" if failure.status < 500 else "server_error"
    if failure.status == 429:
        kind = "rate_limit_error"
    return {
        "error": {
            "message": failure.line,
            "type": kind,
            "param": failure.param,
            "code": failure.code,
        }
    }


def first_segment(scope: Scope) -> str:
    """Return the first segment of the path: `v1` of `/v1/models`."""
    return str(scope["path"]).lstrip("/").partition("/")[0]


async def on_error(request: Request, error: Exception) -> Response:
    """Respond to an error that no route handles itself."""
    return response_to(request.scope, failure_of(error))


#: For `Starlette(exception_handlers=…)`.
HANDLERS = {kind: on_error for kind in (Busy, Refusal, GroundglassError, HTTPException, Exception)}
