"""What is missing is found, named and told how to get."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path

import pytest

from agent.cli import main
from agent.cli.installation import Finding, examine
from agent.settings import Settings


def found(settings: Settings, area: str) -> dict[str, Finding]:
    return {item.name: item for item in examine(settings) if item.area == area}


@pytest.fixture
def server() -> Iterator[str]:
    """A server with one model; the key `good` is taken, others are refused."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            good = self.headers["Authorization"] == "Bearer good"
            self.send_response(200 if good else 401)
            self.end_headers()
            self.wfile.write(b'{"data": [{"id": "tiny"}]}' if good else b"{}")

        def log_message(self, *_: object) -> None:
            pass

    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}/v1"
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_sound_installation_has_nothing_broken(capsys: pytest.CaptureFixture) -> None:
    assert main(["doctor", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["area"] for row in rows} == {
        "versions", "packages", "devices", "weights", "registry", "folders", "model",
    }  # fmt: skip
    assert all(row["state"] != "broken" for row in rows)
    assert next(r for r in rows if r["name"] == "groundglass")["detail"] == metadata.version(
        "groundglass"
    )


def test_what_is_missing_comes_with_the_line_that_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    real = metadata.version

    def version(name: str) -> str:
        if name in ("rapidfuzz", "rapidocr"):
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", version)
    settings = Settings(weights=tmp_path / "none", registry=tmp_path / "none", device="nope")
    packages = found(settings, "packages")
    assert packages["rapidfuzz"].state == "broken"
    assert (packages["rapidfuzz"].fix or "").startswith("pip install 'rapidfuzz")
    assert packages["[ocr]"].state == "optional"
    assert packages["[ocr]"].fix == "pip install 'groundglass[ocr]'"
    for area in ("weights", "registry", "devices"):
        assert any(item.state == "broken" and item.fix for item in found(settings, area).values())
    assert main(["doctor", "--weights", str(tmp_path / "none")]) == 3
    assert "BROKEN" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("key", "model", "state", "said"),
    [
        ("good", "openai:tiny", "ok", "answers"),
        ("good", "openai:large", "broken", "does not offer large"),
        ("secret-key", "openai:tiny", "broken", "key was rejected"),
    ],
)
def test_the_server_of_a_named_model_is_called(
    server: str, key: str, model: str, state: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    (item,) = found(Settings(model=model, base_url=server), "model").values()
    assert (item.state, said in item.detail) == (state, True)
    assert "secret-key" not in item.model_dump_json()


def test_a_server_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("GROUNDGLASS_MODEL", "openai:tiny")
    monkeypatch.setenv("GROUNDGLASS_BASE_URL", "http://127.0.0.1:9/v1")
    assert main(["doctor"]) == 4
    assert "127.0.0.1: cannot be reached: the connection was refused" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "content", "said", "fix"),
    [
        (200, b"<!doctype html><html></html>", "web page", "ends in /v1"),
        (404, b"{}", "no list of models", "ends in /v1"),
        (200, b'{"data": [{"id": "tiny:latest"}]}', "answers", None),
    ],
)
def test_what_is_at_the_address_is_told(
    monkeypatch: pytest.MonkeyPatch, status: int, content: bytes, said: str, fix: str | None
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        base_url = f"http://127.0.0.1:{made.server_port}/v1"
        (item,) = found(Settings(model="tiny", base_url=base_url), "model").values()
        made.shutdown()
        thread.join()
    assert said in item.detail and (item.state == "ok") is (fix is None)
    assert fix is None or fix in (item.fix or "")


@pytest.mark.parametrize(
    ("name", "value"),
    [("SSL_CERT_FILE", "/nonexistent/ca.pem"), ("ALL_PROXY", "socks5://127.0.0.1:9")],
)
def test_a_client_that_cannot_be_set_up_is_one_finding_among_the_others(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv(name, value)
    findings = examine(Settings(model="openai:tiny"))
    (item,) = (item for item in findings if item.state == "broken")
    assert item.area == "model" and name in item.detail and item.fix


def test_without_a_model_nothing_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", None)
    (item,) = found(Settings(), "model").values()
    assert item.state == "ok" and "offline" in item.detail
