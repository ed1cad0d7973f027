"""Who may ask the server."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from agent.web.guard import Guard
from agent.web.options import ServerOptions


def client(**options: Any) -> TestClient:
    async def ok(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    paths = ("/", "/healthz", "/v1", "/v1/models")
    app = Starlette(routes=[Route(path, ok, methods=["GET", "POST"]) for path in paths])
    return TestClient(Guard(app, ServerOptions(**options)), base_url="http://localhost:8765")


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:1", 200), ("[::1]:8765", 200), ("LOCALHOST", 200), ("evil.example", 400),
     ("localhost@evil.example", 400), ("localhost:x", 400), ("[", 400), ("", 400)],
)  # fmt: skip
def test_only_names_of_the_server_are_hosts(host: str, status: int) -> None:
    assert client().get("/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 200), ({"Sec-Fetch-Site": "same-origin"}, 200), ({"Sec-Fetch-Site": "cross-site"}, 403),
     ({"Sec-Fetch-Site": "same-site"}, 403), ({"Origin": "null"}, 403),
     ({"Origin": "http://localhost:8765"}, 200), ({"Origin": "http://evil.example"}, 403)],
)  # fmt: skip
def test_other_sites_may_not_post(headers: dict[str, str], status: int) -> None:
    assert client().post("/", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [("192.168.1.5:8765", 200), ("[fe80::1]", 200), ("evil.example", 400), ("ours.example", 200)],
)
def test_a_server_for_others_is_reached_by_any_address_and_by_its_names(
    host: str, status: int
) -> None:
    """Another site can point its name at this machine, but it cannot be an address."""
    opened = client(host="0.0.0.0", token="t", names=("ours.example",))
    headers = {"Host": host, "Authorization": "Bearer t"}
    assert opened.get("/", headers=headers).status_code == status


@pytest.mark.parametrize("path", ["/v1", "/v1/models"])
def test_other_sites_may_not_read_the_endpoint(path: str) -> None:
    refused = client().get(path, headers={"Origin": "http://evil.example"})
    assert refused.status_code == 403 and "other sites" in refused.json()["error"]["message"]


def test_a_proxy_that_ends_encryption_is_no_other_site() -> None:
    assert client().post("/", headers={"Origin": "https://localhost:8765"}).status_code == 200


@pytest.mark.parametrize("secret", ["gehe\u00efm\u20ac", "caf\udce9"])
def test_a_secret_of_any_letters_opens_what_is_closed(secret: str) -> None:
    """Python holds what is not UTF-8 in the environment as lone surrogates."""
    closed, sent = client(token=secret), secret.encode(errors="surrogateescape")
    assert closed.get("/", auth=("anyone", "wrong")).status_code == 401
    basic = b"Basic " + base64.b64encode(b"anyone:" + sent)
    assert closed.get("/", headers={"Authorization": basic}).status_code == 200
    if secret.isprintable():
        assert closed.get("/", headers={"Authorization": b"Bearer " + sent}).status_code == 200


@pytest.fixture
def closed() -> TestClient:
    return client(token="secret", password="word")


def test_who_has_no_secret_is_asked_for_one(closed: TestClient) -> None:
    refused = closed.get("/")
    assert refused.status_code == 401 and "www-authenticate" in refused.headers
    assert "frame-ancestors 'none'" in refused.headers["content-security-policy"]


@pytest.mark.parametrize("secret", ["word", "secret"])
def test_a_browser_may_give_the_password_or_the_token(closed: TestClient, secret: str) -> None:
    assert closed.get("/", auth=("anyone", secret)).status_code == 200


def test_a_wrong_password_opens_nothing(closed: TestClient) -> None:
    assert closed.get("/", auth=("anyone", "wrong")).status_code == 401


@pytest.mark.parametrize("sent", ["Bearer word", "Basic ?"])
def test_a_password_is_no_token_and_rubbish_is_neither(closed: TestClient, sent: str) -> None:
    assert closed.get("/", headers={"Authorization": sent}).status_code == 401


def test_whether_the_server_lives_is_told_to_anyone(closed: TestClient) -> None:
    assert closed.get("/healthz").status_code == 200


def test_who_has_the_token_may_come_from_another_site(closed: TestClient) -> None:
    foreign = {"Origin": "http://evil.example", "Authorization": "Bearer secret"}
    assert closed.post("/", headers=foreign).status_code == 200
