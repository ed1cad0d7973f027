"""`/mcp` on the running server: there for assistants, and no burden to whoever asks on the page."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from agent.settings import Settings
from agent.web import assistants
from agent.web.app import create_app
from agent.web.failures import HANDLERS
from agent.web.service import Service
from tests.web.serving import running


async def tools(address: str) -> set[str]:
    async with Client(f"{address}/mcp") as client:
        return {tool.name for tool in (await client.list_tools()).tools}


@pytest.mark.slow
def test_assistants_reach_the_server_over_http(tmp_path: Path) -> None:
    with running(tmp_path, "--evidence", "none") as (address, _):
        assert "check_text" in asyncio.run(tools(address))


def test_its_library_is_not_loaded_before_the_first_assistant_comes() -> None:
    program = (
        "import sys, agent.web.server; print([m for m in ('mcp', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_library_that_does_not_load_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "agent.web.mcp", None)  # its import raises ImportError
    service: Any = None  # is not reached
    part = assistants.Assistants(service)
    app = Starlette(
        routes=[Route("/mcp", part)], lifespan=part.lifespan, exception_handlers=HANDLERS
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        for _ in range(2):
            failed = client.post("/mcp", json={})
            assert failed.status_code == 500 and failed.text.count("\n") == 1


def test_a_server_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistants, "find_spec", lambda _: None)
    with (
        Service(Settings(evidence="none")) as service,
        TestClient(create_app(service), base_url="http://localhost") as client,
    ):
        refused = client.post("/mcp", json={})
    assert refused.status_code == 404 and "groundglass[mcp]" in refused.text
