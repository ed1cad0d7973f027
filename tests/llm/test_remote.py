"""A model over the network, against a server on loopback: what comes, and what goes wrong."""

from __future__ import annotations

import json
import socket
import threading

import pytest
from pydantic import BaseModel, ConfigDict

from agent.errors import ConfigError, ServiceError
from agent.llm import Refused, Unusable, open_client
from agent.llm.prompts import Prompt
from agent.settings import Settings
from tests.llm.openai_stub import chat

KEY = "test-key-that-nobody-may-see"


class Point(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: int
    name: str


PROMPT = Prompt("test", "Answer.", 'data: "x"')


def test_a_reply_is_streamed_asked_for_by_schema_and_counted(stub, says_):
    server = stub(says_('{"x": 3, "name": "a"}'))
    model, seen = chat(price="1/2"), []
    assert Point.model_validate_json(model.reply(PROMPT, Point, seen.append)).x == 3
    assert len(seen) > 2 and seen[-1] == '{"x": 3, "name": "a"}'
    headers, path, body = server.requests[0]
    assert path == "/v1/chat/completions"  # not Responses, which compatible servers lack
    assert body["stream_options"] == {"include_usage": True}
    form = body["response_format"]["json_schema"]
    assert form["strict"] is True and form["schema"]["required"] == ["x", "name"]
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert headers["authorization"] == f"Bearer {KEY}"
    assert (model.meter.input, model.meter.output, model.meter.calls) == (100, 20, 1)
    assert model.meter.usd == pytest.approx((100 + 40) / 1e6) and not model.meter.estimated


def test_plain_text_comes_without_a_schema(stub, says_):
    server = stub(says_("Hello there."))
    assert chat().reply(PROMPT) == "Hello there."
    assert "response_format" not in server.requests[0][2]


def test_tokens_are_reckoned_where_the_server_does_not_count(stub, says_):
    stub(says_("Hello there.", usage=False))
    model = chat()
    model.reply(PROMPT)
    assert model.meter.estimated and model.meter.tokens > 0


def test_pictures_go_as_data_and_corrections_as_turns(stub, says_):
    server = stub(says_("x"))
    prompt = Prompt("test", "s", "u", images=(b"\x89PNG",)).with_complaint("said", "wrong")
    chat().reply(prompt)
    messages = server.requests[0][2]["messages"]
    assert messages[1]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "user"]


def test_too_many_requests_are_tried_again(stub, says_):
    def busy(handler):
        handler.answer(429, {"error": {"message": "slow down"}}, retry_after="0.01")

    server = stub(busy, busy, says_("at last"))
    assert chat().reply(PROMPT) == "at last"
    assert len(server.requests) == 3


def test_a_service_that_asks_for_more_patience_than_there_is_ends_at_once(stub):
    def busy(handler):
        handler.answer(429, {"error": {"message": "slow down"}}, retry_after="3600")

    server = stub(busy)
    with pytest.raises(ServiceError, match="429"):
        chat().reply(PROMPT)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "key was rejected"), (403, "may not use"), (404, "no such model"), (400, "error")],
)
def test_what_the_service_refuses_is_told_without_the_key(stub, status, said):
    def refuse(handler):
        message = f"Incorrect API key provided: {KEY}; sk-abcdefghijkl; \x1b[2J"
        handler.answer(status, {"error": {"message": message}})

    server = stub(refuse)
    with pytest.raises(ServiceError, match=said) as caught:
        chat().reply(PROMPT)
    assert KEY not in str(caught.value) and "sk-abc" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert caught.value.exit_code == 4 and len(server.requests) == 1


def test_a_dead_endpoint_is_told(monkeypatch, no_waiting):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{port}/v1")
    with pytest.raises(ServiceError, match="cannot be reached"):
        chat().reply(PROMPT)


def test_a_service_that_says_nothing_is_left_in_time(stub):
    gone = threading.Event()
    stub(lambda handler: gone.wait(20))
    try:
        with pytest.raises(ServiceError, match=r"within 0\.3 s"):
            chat(timeout=0.3).reply(PROMPT)
    finally:
        gone.set()


def test_a_service_that_drips_is_left_in_time(stub):
    """Every single read is quick, and no event ever comes to its end."""
    gone = threading.Event()

    def drip(handler):
        handler.begin()
        while not gone.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    stub(drip)
    try:
        with pytest.raises(ServiceError, match=r"within 0\.3 s"):
            chat(timeout=0.3).reply(PROMPT)
    finally:
        gone.set()


def test_a_model_that_never_ends_is_cut_off(stub):
    gone = threading.Event()

    def babble(handler):
        handler.begin()
        while not gone.is_set():
            handler.event({"content": "x" * 20_000})

    stub(babble)
    try:
        with pytest.raises(Unusable, match="characters"):
            chat().reply(PROMPT, Point)
    finally:
        gone.set()


def test_a_cut_stream_is_no_answer(stub, says_):
    stub(says_('{"x": 3, "na', finish=None))
    with pytest.raises(ServiceError, match=r"cut off|broke off"):
        chat().reply(PROMPT, Point)


@pytest.mark.parametrize("schema", [None, Point])
def test_a_reply_at_its_most_tokens_is_no_answer(stub, says_, schema):
    stub(says_('{"x": 3, "na', finish="length"))
    with pytest.raises(ServiceError, match="cut off"):
        chat().reply(PROMPT, schema)


def test_refusals_are_told(stub, says_):
    def refuse(handler):
        handler.begin()
        handler.event({"role": "assistant", "refusal": "I will not."})
        handler.event({}, "stop")
        handler.wfile.write(b"data: [DONE]\n\n")

    stub(refuse, says_("", finish="content_filter"))
    model = chat()
    with pytest.raises(Refused, match=r"stub refused to answer$"):
        model.reply(PROMPT, Point)
    with pytest.raises(Refused, match="filter"):
        model.reply(PROMPT, Point)


def test_what_is_no_protocol_is_told(stub):
    stub(lambda handler: handler.answer(200, ["<html>"]))
    with pytest.raises(ServiceError):
        chat().reply(PROMPT)


def test_the_cap_bounds_the_reply_and_then_the_calls(stub, says_):
    server = stub(says_("x"))
    model = chat(max_tokens=500)
    model.reply(PROMPT)
    assert 0 < server.requests[0][2]["max_completion_tokens"] < 500
    model.reply(PROMPT)
    model.reply(PROMPT)
    with pytest.raises(ServiceError, match="--max-tokens 500"):
        model.reply(PROMPT)
    assert len(server.requests) == 3


def test_a_server_of_one_s_own_needs_no_key(stub, says_, monkeypatch):
    server = stub(says_("x"))
    monkeypatch.delenv("OPENAI_API_KEY")
    assert open_client(Settings(model="stub")).reply(PROMPT) == "x"
    assert json.dumps(server.requests[0][2]).count(KEY) == 0


def test_a_missing_package_is_named_with_the_line_that_installs_it():
    with pytest.raises(ConfigError, match=r"pip install langchain-mistralai$"):
        chat(model="mistralai:small")


def test_a_name_that_the_server_lacks_may_be_that_of_a_provider(stub):
    stub(lambda handler: handler.answer(404, {"error": {"message": "no such model"}}))
    with pytest.raises(ServiceError, match=r"has no such model.*no provider 'nobody'"):
        chat(model="nobody:x").reply(PROMPT)
