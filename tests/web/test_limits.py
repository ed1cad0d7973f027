"""How much one client may ask."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

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


@pytest.mark.parametrize("length", ["-1", "1e3", "ten", "\u0661"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    headers = {"Content-Length": length.encode()}
    assert client().post("/", headers=headers).status_code == 400


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    async def answer() -> list[Message]:
        sent: list[Message] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await PlainTextResponse(str(await Request(scope, receive).body()))(scope, receive, send)

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "client": None}
        limits = Limits(app, ServerOptions(), body_seconds=0.01)
        with pytest.raises(HTTPException, match="408"):
            await limits(scope, receive, send)
        return sent

    assert asyncio.run(answer()) == []


def test_no_rate_is_no_limit() -> None:
    asked = client(client_rate=0)
    assert {asked.post("/").status_code for _ in range(300)} == {200}


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
