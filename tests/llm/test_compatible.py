"""Servers that speak nearly OpenAI's protocol, on loopback: whatever is whole is used."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from agent.errors import ServiceError
from agent.llm import Refused, Unusable
from agent.llm.prompts import Prompt
from tests.llm.openai_stub import chat


class Point(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: int
    name: str


PROMPT = Prompt("test", "Answer.", "u")
TEXT = '{"x": 3, "name": "ä {a}"}'
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


pytestmark = pytest.mark.usefixtures("no_waiting")


def sends(content: str | bytes, kind: str = "text/event-stream", **headers: str) -> Callable:
    """Sends these bytes."""

    def behave(handler: Any) -> None:
        raw = content if isinstance(content, bytes) else content.encode()
        handler.send_response(200)
        handler.send_header("content-type", kind)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(raw)

    return behave


def pieces(*, whole: bool = False) -> list[str]:
    at = range(0, len(TEXT), 7)
    return [TEXT[: i + 7] if whole else TEXT[i : i + 7] for i in at]


def delta(text: Any, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text} | more}]}


def events(*messages: dict[str, Any], end: str = "data: [DONE]\n\n") -> str:
    return "".join(f"data: {json.dumps(message)}\n\n" for message in messages) + end


def completion(**message: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant"} | message, "finish_reason": "stop"}
    return {"object": "chat.completion", "choices": [choice], "usage": USAGE}


STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
PLAIN = [delta(piece) for piece in pieces()]
WHOLE = {
    "no role, id, object or end": events(*PLAIN),
    "no [DONE]": events(*PLAIN, STOP, end=""),
    "neither end": events(*PLAIN, end=""),
    "no index": events(*({"choices": [{"delta": {"content": p}}]} for p in pieces()), STOP),
    "role in every chunk": events(*(delta(p, role="assistant") for p in pieces()), STOP),
    "another role": events(*(delta(p, role="model") for p in pieces()), STOP),
    "null where nothing is": events(
        {"choices": None},
        {"choices": [{"index": 0, "delta": None, "finish_reason": None}], "usage": None},
        delta(None, role=None, tool_calls=None, refusal=None),
        *PLAIN,
        STOP | {"error": None},
    ),
    "chunks without choices": events({}, {"usage": USAGE}, *PLAIN, {"choices": []}, STOP),
    "thoughts beside the text": events(delta("", reasoning_content="{"), *PLAIN, STOP),
    "content in parts": events(
        delta([{"type": "thinking", "thinking": []}]),
        *(delta([{"type": "text", "text": p}]) for p in pieces()),
        STOP,
    ),
    "messages for deltas": events(
        *({"choices": [{"message": {"content": p}}]} for p in pieces()), STOP
    ),
    "messages that grow": events(
        *({"choices": [{"message": {"content": p}}]} for p in pieces(whole=True)), STOP
    ),
    "the message again at the end": events(*PLAIN, completion(content=TEXT)),
    "one event with the whole message": events(completion(content=TEXT), end=""),
    "completions of old": events(*({"choices": [{"index": 0, "text": p}]} for p in pieces()), STOP),
    "several choices": events(
        *PLAIN, {"choices": [{"index": 1, "delta": {"content": "no"}}]}, STOP
    ),
    "another end": events(*PLAIN, {"choices": [{"delta": {}, "finish_reason": "end_turn"}]}),
    "an end in capitals": events(*PLAIN, {"choices": [{"delta": {}, "finish_reason": "STOP"}]}),
    "an end by length, though whole": events(
        *PLAIN, {"choices": [{"delta": {}, "finish_reason": "length"}]}
    ),
    "comments and names of events": ": ping\n\nevent: message\nid: 4\n" + events(*PLAIN, STOP),
    "no space after data:": events(*PLAIN, STOP).replace("data: ", "data:"),
    "line ends of Windows": events(*PLAIN, STOP).replace("\n", "\r\n"),
    "no empty lines": events(*PLAIN, STOP).replace("\n\n", "\n"),
    "a byte order mark": "\ufeff" + events(*PLAIN, STOP),
    "events over several lines": events(*PLAIN, STOP).replace(', "', ',\ndata: "'),
    "pings as data": "data: ping\n\ndata:\n\n" + events(*PLAIN, STOP),
    "lines of JSON": "\n".join(map(json.dumps, (*PLAIN, STOP))),
    "an error after the end": events(*PLAIN, STOP, {"error": {"message": "late"}}),
    "plain JSON": json.dumps(completion(content=TEXT)),
    "plain JSON over lines": json.dumps(completion(content=TEXT), indent=2),
    "plain JSON in a list": json.dumps([completion(content=TEXT)]),
    "plain JSON, content in parts": json.dumps(
        completion(content=[{"type": "text", "text": TEXT}])
    ),
    "a message without choices": json.dumps({"message": {"role": "assistant", "content": TEXT}}),
}


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("kind", ["text/event-stream", "application/json"])
def test_a_whole_reply_is_used_whatever_its_form(stub, form, kind):
    server = stub(sends(WHOLE[form], kind))
    assert Point.model_validate_json(chat().reply(PROMPT, Point)).name == "ä {a}"
    assert len(server.requests) == 1


def test_a_compressed_reply_is_used(stub):
    stub(sends(gzip.compress(events(*PLAIN, STOP).encode()), content_encoding="gzip"))
    assert chat().reply(PROMPT, Point) == TEXT


def test_a_whole_reply_is_used_though_the_connection_breaks(stub):
    """Announced in pieces, of which the last one never comes."""

    def breaks(messages):
        def behave(handler):
            raw = events(*messages, end="").encode()
            handler.protocol_version = "HTTP/1.1"
            handler.send_response(200)
            handler.send_header("content-type", "text/event-stream")
            handler.send_header("transfer-encoding", "chunked")
            handler.end_headers()
            handler.wfile.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n")
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)

        return behave

    server = stub(breaks([*PLAIN, STOP]), breaks(PLAIN), breaks(PLAIN[:2]))
    model = chat()
    assert model.reply(PROMPT, Point) == TEXT
    assert model.reply(PROMPT, Point) == TEXT
    with pytest.raises(Unusable, match="cut off"):
        model.reply(PROMPT, Point)
    assert len(server.requests) == 3  # what was paid for once is not asked for again


def test_a_whole_reply_is_used_though_the_server_does_not_hang_up(stub):
    gone = threading.Event()

    def lingers(handler):
        sends(events(*PLAIN, STOP, {"choices": [], "usage": USAGE}, end=""))(handler)
        handler.wfile.flush()
        gone.wait(20)

    server = stub(lingers)
    try:
        model = chat(timeout=2.0)
        assert model.reply(PROMPT, Point) == TEXT and model.meter.tokens == 120
    finally:
        gone.set()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<!doctype html><html>A chat</html>", "web page.*OPENAI_BASE_URL"),
        ("\n\n<html lang=en>", "web page"),
        ("", "answered with nothing"),
        ("data: [DONE]\n\n", "answered with nothing"),
        ("Hello", "something that is not a reply"),
        ('"Hello"', "something that is not a reply"),
        ('{"choices": [{"message": {"con', "something that is not a reply"),
        ("{}", "JSON that is not a reply"),
        ('{"choices": []}', "JSON that is not a reply"),
        ('{"status": "ok"}', "JSON that is not a reply"),
        ('{"error": {"message": "out of memory"}}', "error: out of memory"),
        ('{"error": "out of memory"}', "error: out of memory"),
        ('[{"error": {"code": 503}}]', "error: 503"),
        ('{"object": "error", "message": "out of memory"}', "error: out of memory"),
        ('{"detail": "Not found"}', "error: Not found"),
        ('{"message": "Unauthorized"}', "error: Unauthorized"),
        (events(*PLAIN[:2], {"error": {"message": "out of memory"}}), "error: out of memory"),
        ('event: error\ndata: {"message": "out of memory"}\n\n', "error: out of memory"),
        (
            events({"choices": [{"delta": {"content": ""}, "error": {"message": "gone"}}]}),
            "error: gone",
        ),
        ('data: {"choices": [{"del\n\n', "sent broken JSON"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["text/event-stream", "text/html"])
def test_what_is_no_reply_is_told_by_what_it_is_and_asked_for_once(stub, content, said, kind):
    server = stub(sends(content, kind))
    with pytest.raises(ServiceError, match=f"^openai:stub: .*{said}") as caught:
        chat().reply(PROMPT, Point)
    assert len(server.requests) == 1 and "\n" not in str(caught.value)


def test_what_a_server_calls_an_error_holds_no_key_and_no_link(stub):
    text = "see https://host.example/help, test-key-that-nobody-may-see, sk-abcdefghijkl"
    stub(sends(json.dumps({"error": text})))
    with pytest.raises(ServiceError, match=r"see \[address\]") as caught:
        chat().reply(PROMPT)
    for secret in ("host.example", "test-key", "sk-abc"):
        assert secret not in str(caught.value)


def test_refusals_are_told_in_every_form(stub):
    filtered = {"choices": [{"delta": {}, "finish_reason": "SAFETY"}]}
    refused = completion(content=None, refusal="I will not.")
    stub(sends(json.dumps(refused)), sends(events(PLAIN[0], filtered)))
    model = chat()
    with pytest.raises(Refused):
        model.reply(PROMPT, Point)
    with pytest.raises(Refused, match="filter"):
        model.reply(PROMPT, Point)


def test_an_end_by_length_is_told_by_any_name(stub):
    stub(sends(events(*PLAIN[:2], {"choices": [{"delta": {}, "finish_reason": "MAX_TOKENS"}]})))
    with pytest.raises(Unusable, match="token limit"):
        chat().reply(PROMPT, Point)


def test_text_without_any_end_is_no_whole_text(stub):
    stub(sends(events(*PLAIN, end="")))
    with pytest.raises(Unusable, match="cut off"):
        chat().reply(PROMPT)


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        (USAGE, True),
        ({"prompt_tokens": 100, "completion_tokens": 20}, True),
        (dict.fromkeys(USAGE, 0), False),
        (dict.fromkeys(USAGE), False),
        ({"prompt_tokens": 100, "completion_tokens": 0, "total_tokens": 100}, False),
        ({"total_tokens": 120}, False),
        ({"prompt_tokens": "100", "completion_tokens": "20"}, False),
        ({"prompt_tokens": -1, "completion_tokens": 20}, False),
        ({}, False),
        (None, False),
        ([], False),
    ],
)
def test_a_count_is_exact_only_where_the_server_counted(stub, usage, counted):
    growing = [message | {"usage": USAGE | {"completion_tokens": 1}} for message in PLAIN]
    stub(sends(events(*(growing if counted else PLAIN), STOP, {"choices": [], "usage": usage})))
    model = chat()
    model.reply(PROMPT, Point)
    assert model.meter.estimated is not counted
    assert (model.meter.tokens == 120) is counted and model.meter.output > 0
