"""A language model on loopback, and retries without waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from tests.llm.openai_stub import Behaviour, Handler, StubServer, says


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., StubServer]]:
    """Starts the server; its n-th request meets the n-th behaviour, and the last one from there."""
    started: list[StubServer] = []

    def start(*behaviours: Behaviour) -> StubServer:
        server = StubServer(("127.0.0.1", 0), Handler)
        server.behaviours, server.requests = list(behaviours), []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        started.append(server)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "test-key-that-nobody-may-see")
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture
def says_() -> Callable[..., Behaviour]:
    return says


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are tried again at once."""
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda seconds: None))
