"""The server as real clients reach it: over standard input and output, and over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from starlette.applications import Starlette

from agent.web.failures import HANDLERS
from agent.web.guard import Guard
from agent.web.limits import Limits
from agent.web.mcp import mount
from agent.web.service import Service
from tests.web.pictures import data_uri, png
from tests.web.serving import listening

_ASKED = {"question": "Which loss does MIMO-UNet+ use?"}
_HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}
ERAS = pytest.mark.parametrize("era", ["legacy", "2026-07-28"])


def message(method: str, parameters: dict[str, Any], id: int = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}


async def first_line(server: Any, era: str) -> str:
    async with Client(server, mode=era) as client:
        result = await client.call_tool("ask", _ASKED)
        assert not result.is_error
        return str(result.content[0].text).splitlines()[0]


# --- standard input and output ----------------------------------------------------------------


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(tmp_path)}


def started(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The command, once it has answered."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "mcp"], env=environment, stdin=pipe, stdout=pipe,
        stderr=pipe,
    )  # fmt: skip
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps(message("initialize", _HELLO)).encode() + b"\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["result"]["serverInfo"]["name"] == "groundglass"
    return process


@pytest.mark.slow
@ERAS
def test_a_client_starts_the_command(environment: dict[str, str], era: str, tmp_path: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "agent", "mcp"], env=environment
    )
    assert asyncio.run(first_line(command, era)) == "# Which loss does MIMO-UNet+ use?"
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(("end", "code"), [(None, 0), (signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_ends_cleanly_and_leaves_nothing(
    environment: dict[str, str], tmp_path: Path, end: signal.Signals | None, code: int
) -> None:
    process = started(environment)
    assert process.stdin and process.stdout
    ask = message("tools/call", {"name": "ask", "arguments": _ASKED}, 2)
    process.stdin.write(json.dumps(ask).encode() + b"\n")
    process.stdin.flush()
    assert not json.loads(process.stdout.readline())["result"].get("isError")
    assert any(tmp_path.iterdir())
    if end:
        process.send_signal(end)
        process.wait(60)
    rest, complaints = process.communicate(timeout=60)
    assert (process.returncode, rest, complaints) == (code, b"", b"")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_while_it_is_still_starting(
    environment: dict[str, str], tmp_path: Path, end: signal.Signals
) -> None:
    cold = {**environment, "GROUNDGLASS_CACHE": str(tmp_path / "cache")}
    process = started(cold)
    process.send_signal(end)
    _, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (128 + end, b"")
    assert not list(tmp_path.glob("groundglass*"))


@pytest.mark.slow
def test_nothing_but_the_protocol_is_on_standard_output(environment: dict[str, str]) -> None:
    process = started(environment)
    lines = b"no JSON\n" + json.dumps(message("tools/list", {}, 2)).encode() + b"\n"
    out, _ = process.communicate(lines, timeout=60)
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())
    assert process.returncode == 0


# --- HTTP -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    part, options = mount(service), service.options

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with part.lifespan():
            yield

    app = Starlette(routes=part.routes, lifespan=lifespan, exception_handlers=HANDLERS)
    guarded = Guard(Limits(app, options), options)
    with listening(guarded) as site:
        yield f"{site}/mcp"


@ERAS
def test_a_client_asks_over_http(address: str, era: str) -> None:
    assert asyncio.run(first_line(address, era)) == "# Which loss does MIMO-UNet+ use?"


def test_many_clients_ask_at_once(address: str) -> None:
    async def all_of_them() -> list[str]:
        eras = ["legacy", "2026-07-28"] * 4
        return await asyncio.gather(*(first_line(address, era) for era in eras))

    assert len(set(asyncio.run(all_of_them()))) == 1


@ERAS
def test_a_call_that_is_cancelled_over_http_cancels_its_job(
    service: Service, address: str, era: str
) -> None:
    release = threading.Event()
    order = {"picture": data_uri(png())}

    async def cancel() -> None:
        async with Client(address, mode=era) as client:
            async with anyio.create_task_group() as group:
                group.start_soon(client.call_tool, "restore_image", order)
                while not service.jobs.waiting:
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
            with anyio.fail_after(30):
                while service.jobs.waiting:
                    await anyio.lowlevel.checkpoint()

    busy = service.jobs.start(lambda _: release.wait(60), pictures=True)
    try:
        asyncio.run(cancel())
    finally:
        release.set()
        asyncio.run(busy.result())


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "evil.example"}, 400), ({"Origin": "https://evil.example"}, 403),
     ({"Host": "localhost"}, 200)],
)  # fmt: skip
def test_the_guard_decides_who_may_ask(address: str, headers: dict[str, str], status: int) -> None:
    accept = {"Accept": "application/json, text/event-stream"}
    answer = httpx.post(address, json=message("initialize", _HELLO), headers=accept | headers)
    assert answer.status_code == status
