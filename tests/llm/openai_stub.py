"""A server on loopback that speaks OpenAI's protocol and does what a test tells it to."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from agent.llm import open_client
from agent.settings import Settings

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: StubServer
    body: dict[str, Any]

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self.body = json.loads(self.rfile.read(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((headers, self.path, self.body))
        number = min(len(self.server.requests), len(self.server.behaviours)) - 1
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.server.behaviours[number](self)

    def answer(self, status: int, content: object, **headers: str) -> None:
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()

    def event(self, delta: dict[str, Any], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.send_chunk({"choices": [choice]})

    def send_chunk(self, content: dict[str, Any]) -> None:
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "stub"}
        self.wfile.write(f"data: {json.dumps(chunk | content)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


class StubServer(ThreadingHTTPServer):
    daemon_threads = True
    behaviours: list[Behaviour]
    requests: list[tuple[dict[str, str], str, dict[str, Any]]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


def says(text: str, *, finish: str | None = "stop", usage: bool = True) -> Behaviour:
    """Streams the text in pieces, as the protocol has it."""

    def behave(handler: Handler) -> None:
        handler.begin()
        handler.event({"role": "assistant", "content": ""})
        for at in range(0, len(text), 7):
            handler.event({"content": text[at : at + 7]})
        if finish is None:
            return
        handler.event({}, finish)
        if usage and handler.body.get("stream_options", {}).get("include_usage"):
            counted = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
            handler.send_chunk({"choices": [], "usage": counted})
        handler.wfile.write(b"data: [DONE]\n\n")

    return behave


def chat(**more: Any) -> Any:
    """A client of the server that the `stub` fixture started."""
    return open_client(Settings(**{"model": "openai:stub", "timeout": 60.0} | more))
