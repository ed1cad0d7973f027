"""A model on loopback that calls tools, and an agent with a network that is quick."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from agent import Agent, Settings
from agent.systems.catalogue import TOOLS
from agent.systems.spec import ToolSpec


def calls(*wanted: tuple[str, Any], text: str = "") -> Callable[[Any], None]:
    """Calls tools, each with its name and arguments; streamed where a stream was asked for."""

    def behave(handler: Any) -> None:
        made = [
            {
                "index": i,
                "id": f"call_{len(handler.server.requests)}_{i}",
                "type": "function",
                "function": {
                    "name": name,
                    "arguments": given if isinstance(given, str) else json.dumps(given),
                },
            }
            for i, (name, given) in enumerate(wanted)
        ]
        finish = "tool_calls" if made else "stop"
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        if handler.body.get("stream"):
            handler.begin()
            handler.event({"role": "assistant", "content": text})
            for call in made:  # in pieces, as servers send them
                name, given = call["function"]["name"], call["function"]["arguments"]
                start = {**call, "function": {"name": name, "arguments": ""}}
                handler.event({"tool_calls": [start]})
                for at in range(0, len(given), 9):
                    piece = {"index": call["index"], "function": {"arguments": given[at : at + 9]}}
                    handler.event({"tool_calls": [piece]})
            handler.event({}, finish)
            handler.send_chunk({"choices": [], "usage": usage})
            handler.wfile.write(b"data: [DONE]\n\n")
            return
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if made:
            message["tool_calls"] = [{k: v for k, v in c.items() if k != "index"} for c in made]
        choice = {"index": 0, "finish_reason": finish, "message": message}
        handler.answer(
            200,
            {
                "id": "1", "object": "chat.completion", "created": 1, "model": "stub",
                "choices": [choice], "usage": usage,
            },
        )  # fmt: skip

    return behave


@pytest.fixture
def calls_() -> Callable[..., Callable[[Any], None]]:
    return calls


@pytest.fixture(autouse=True)
def _one_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restoration alone rests under every answer: other tools take longer, and have own tests."""
    spec = TOOLS["read_text"]
    monkeypatch.setitem(cast(dict[str, ToolSpec], TOOLS), "read_text", replace(spec, level="full"))


@pytest.fixture
def agent(weights: Path, one_thread: None) -> Callable[..., Agent]:
    """An agent with those weights; `model` makes it one that talks to the server on loopback."""

    def made(**more: Any) -> Agent:
        return Agent(Settings(weights=weights, timeout=10.0, **more))

    return made
