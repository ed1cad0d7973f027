"""How much one client may ask."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from agent.errors import InputError
from agent.web.failures import HANDLERS
from agent.web.jobs import Busy
from agent.web.limits import Limits
from agent.web.options import ServerOptions


def client(**options: int) -> TestClient:
    async def size(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    async def busy(_: Request) -> PlainTextResponse:
        raise Busy(15)

    async def bad(_: Request) -> PlainTextResponse:
        raise InputError("no\npicture")

    routes = [Route("/", size, methods=["POST"]), Route("/busy", busy), Route("/v1/bad", bad)]
    limits = Middleware(Limits, options=ServerOptions(**options))
    return TestClient(Starlette(routes=routes, middleware=[limits], exception_handlers=HANDLERS))


def test_a_large_body_is_refused_with_and_without_its_length() -> None:
    def chunks() -> Iterator[bytes]:
        yield from [b"x" * 6, b"x" * 6]

    asked = client(max_upload=10)
    assert asked.post("/", content=b"x" * 10).text == "10"
    assert asked.post("/", content=b"x" * 11).status_code == 413
    assert asked.post("/", content=chunks()).status_code == 413


def test_a_client_that_posts_too_often_waits() -> None:
    asked = client(client_rate=2)
    answers = [asked.post("/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30


def test_errors_are_one_line_in_the_shape_of_their_client() -> None:
    busy = client().get("/busy")
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "15")
    bad = client().get("/v1/bad")
    assert bad.status_code == 400 and bad.json()["error"]["message"] == "no picture"
    assert client().get("/nowhere").text.count("\n") == 1
