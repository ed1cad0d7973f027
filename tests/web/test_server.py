"""A server as a process: where it listens, how it ends, and what it leaves behind."""

from __future__ import annotations

import signal
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from agent.cli import main
from agent.web import server
from agent.web.options import ServerOptions
from tests.web.serving import running

NO_RUNS = ("--evidence", "none")


def get(address: str, **headers: str) -> str:
    asked = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(asked, timeout=60) as response:
        return str(response.read().decode())


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_leaves_nothing_behind(tmp_path: Path, end: signal.Signals) -> None:
    with running(tmp_path, *NO_RUNS) as (address, process):
        assert get(f"{address}/healthz") == '{"status":"ok"}'
        assert "groundglass_requests_total" in get(f"{address}/metrics")
        assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o700]
        process.send_signal(end)
        _, complaints = process.communicate(timeout=60)
        assert process.returncode == 0 and complaints == "Stopped.\n"
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_server_left_goes_when_the_next_one_starts(tmp_path: Path) -> None:
    with running(tmp_path, *NO_RUNS) as (_, process):
        process.kill()
        process.wait()
        (left,) = tmp_path.iterdir()
    with running(tmp_path, *NO_RUNS):
        assert not left.exists() and len(list(tmp_path.iterdir())) == 1


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    with running(tmp_path, *NO_RUNS, GROUNDGLASS_TOKEN="s3cret") as (address, _):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            get(f"{address}/metrics")
        assert "python" not in get(f"{address}/metrics", Authorization="Bearer s3cret")


def test_it_is_not_open_to_others_without_a_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROUNDGLASS_TOKEN", raising=False)
    assert main(["serve", "--host", "0.0.0.0"]) == 3
    assert "--token or --password" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 3
    complaint = capsys.readouterr().err
    assert f"port {port}" in complaint and "choose another --port" in complaint


@pytest.mark.parametrize(
    "options",
    [("--port", "70000"), ("--port", "-1"), ("--jobs", "0"), ("--keep-hours", "never"),
     ("--client-rate", "1.5"), ("--max-upload", "0"), ("--token", ""),
     ("--password", " ")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(
    options: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["serve", *options])
    assert options[0] in capsys.readouterr().err


def test_a_machine_without_the_extra_is_told_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "agent.web.server")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["serve"]) == 3
    assert "pip install 'groundglass[web]'" in capsys.readouterr().err


def test_a_connection_that_sends_no_headers_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow loris: the server's patience is shortened here, not waited for."""
    from threading import Thread

    import uvicorn

    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.2)

    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        raise AssertionError("no request arrives")

    config = uvicorn.Config(app, http=server._Connection, lifespan="off", log_config=None)  # type: ignore[arg-type]
    one = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=one.run, args=([listener],))
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), timeout=60) as slow:
                slow.sendall(b"GET / HTTP/1.1\r\nHost: loc")
                assert slow.recv(100) == b""
        finally:
            one.should_exit = True
            thread.join()


def test_options_keep_secrets_out_of_their_text() -> None:
    assert "s3cret" not in repr(ServerOptions(token="s3cret", password="s3cret"))
