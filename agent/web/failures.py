"""What a failure is to whoever asked: a status, and one line that says what happened."""

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
    """Why there is no answer."""

    status: int
    line: str
    """For a person to read; what only the log should hold is not in it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    param: str | None = None
    """The field of a JSON body that is at fault."""
    code: str | None = None
    """A word by which programs recognise the failure."""


class Refusal(Exception):
    """A request that cannot be answered as it is.

    Args:
        line: what was got, what was expected, what to do.
        param: the field of a JSON body that is at fault.
        code: a word by which programs recognise the failure.
    """

    def __init__(
        self, line: str, status: int = 400, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(line)
        self.status, self.param, self.code = status, param, code


def failure_of(error: BaseException) -> Failure:
    """What any exception is to whoever asked."""
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
    return Failure(500, "the server failed; its log says why")


def response_to(scope: Scope, failure: Failure) -> Response:
    """The failure in the shape that the client expects: OpenAI's under `/v1`, else one line."""
    if room_of(scope) == "v1":
        return JSONResponse(openai_error(failure), failure.status, failure.headers)
    if "application/json" in Headers(scope=scope).get("accept", ""):
        return JSONResponse({"error": failure.line}, failure.status, failure.headers)
    return PlainTextResponse(f"{failure.line}\n", failure.status, failure.headers)


def openai_error(failure: Failure) -> dict[str, dict[str, str | None]]:
    """`{"error": {…}}` as OpenAI's API has it."""
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


def room_of(scope: Scope) -> str:
    """The first part of the path: `v1` of `/v1/models`."""
    return str(scope["path"]).lstrip("/").partition("/")[0]


async def on_error(request: Request, error: Exception) -> Response:
    """The response to an error that no route answers itself."""
    return response_to(request.scope, failure_of(error))


#: For `Starlette(exception_handlers=…)`.
HANDLERS = {kind: on_error for kind in (Busy, Refusal, GroundglassError, HTTPException, Exception)}
