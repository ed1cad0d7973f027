"""Servers on loopback that refuse parts of a request: each part is given up once, for its error."""

from __future__ import annotations

import itertools
import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from agent.errors import ServiceError
from agent.llm import LanguageModel, Unusable
from agent.llm.dialect import MOST_STEPS
from agent.llm.prompts import Prompt, Prompts
from agent.llm.schema_text import in_words
from tests.llm.openai_stub import chat

Body = dict[str, Any]
Rule = tuple[Callable[[Body], bool], int, Any]
"""Which requests a server refuses, with which status and with which content."""


class Point(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: int
    kind: Literal["a", "b"]


PROMPT = Prompt("test", "Answer.", "u")
TEXT = '{"x": 3, "kind": "a"}'


pytestmark = pytest.mark.usefixtures("no_waiting")


def message(text: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": text, "type": "invalid_request_error"} | more}


def pydantic_error(*place: str, text: str = "Extra inputs are not permitted") -> dict[str, Any]:
    kind = "extra_forbidden" if "Extra" in text else "literal_error"
    return {"detail": [{"type": kind, "loc": ["body", *place], "msg": text, "input": 1}]}


def has(name: str) -> Callable[[Body], bool]:
    return lambda body: name in body


def form_of(body: Body) -> str | None:
    return body.get("response_format", {}).get("type")


def asks_for(*forms: str) -> Callable[[Body], bool]:
    return lambda body: form_of(body) in forms


def instructs(body: Body) -> bool:
    return any(item["role"] in ("system", "developer") for item in body["messages"])


def reply_to(body: Body, text: str) -> Callable[[Any], None]:
    """Streams the text, or sends it whole, as it was asked for."""

    def behave(handler: Any) -> None:
        if body.get("stream"):
            handler.begin()
            handler.event({"content": text})
            handler.event({}, "stop")
            handler.wfile.write(b"data: [DONE]\n\n")
            return
        choice = {"index": 0, "message": {"content": text}, "finish_reason": "stop"}
        handler.answer(200, {"choices": [choice]})

    return behave


def picky(*rules: Rule, text: str = TEXT) -> Callable[[Any], None]:
    """Refuses what a rule says, and answers everything else."""

    def behave(handler: Any) -> None:
        for refuses, status, content in rules:
            if refuses(handler.body):
                handler.answer(status, content)
                return
        reply_to(handler.body, text)(handler)

    return behave


def bodies(server: Any) -> list[Body]:
    return [body for _, _, body in server.requests]


#: What services and servers say, each with the part of the request that it is about.
REFUSALS: dict[str, tuple[Callable[[Body], bool], list[tuple[int, Any]]]] = {
    "stream_options": (
        has("stream_options"),
        [
            (400, message("Unrecognized request argument supplied: stream_options")),
            (400, message("Extra inputs are not permitted, field: 'stream_options'")),
            (422, pydantic_error("stream_options")),
            (400, {"object": "error", "message": "[{'loc': ('body', 'stream_options'), 'msg': "
                   "'Extra inputs are not permitted'}]", "code": 400}),
            (500, {"error": "unknown field stream_options"}),
        ],
    ),
    "streaming": (
        lambda body: body.get("stream") is True,
        [
            (400, message("Unsupported value: 'stream' does not support true with this model.",
                          param="stream", code="unsupported_value")),
            (400, message("Your organization must be verified to stream this model.",
                          param="stream", code="unsupported_value")),
            (501, {"detail": "streaming is not implemented"}),
        ],
    ),
    "max_completion_tokens": (
        has("max_completion_tokens"),
        [
            (422, pydantic_error("max_completion_tokens")),
            (400, message("Unknown parameter: 'max_completion_tokens'. Did you mean max_tokens?")),
        ],
    ),
    "max_tokens": (
        has("max_tokens"),
        [
            (400, message("Unsupported parameter: 'max_tokens' is not supported with this model. "
                          "Use 'max_completion_tokens' instead.", param="max_tokens")),
            (400, message("Setting 'max_tokens' and 'max_completion_tokens' at the same time is "
                          "not supported.")),
            (400, [message("max_tokens and max_completion_tokens cannot both be set")]),
            (400, message("The parameter max_tokens specified in the request are not valid: "
                          "max_tokens and max_completion_tokens cannot be set at the same time.")),
        ],
    ),
    "JSON schemas": (
        asks_for("json_schema"),
        [
            (400, message("This response_format type is unavailable now")),
            (422, {"error": {"message": "Failed to deserialize the JSON body into the target type: "
                   "response_format: response_format.type `json_schema` is unavailable now"}}),
            (400, message("Invalid parameter: 'response_format' of type 'json_schema' is not "
                          "supported with this model.", param="response_format")),
            (400, message("Invalid parameter: 'response_format' must be one of 'json_object', "
                          "'text'.")),
            (400, message("This model does not support response format `json_schema`.")),
            (400, message("response_format value as json_schema is enabled only for api versions "
                          "2024-08-01-preview and later")),
            (400, message("invalid schema for response format: minItems is not supported")),
            (500, pydantic_error("response_format", "type",
                                 text="Input should be 'text' or 'json_object'")),
            (400, message("Failed to initialize samplers: failed to parse grammar")),
        ],
    ),
    "system messages": (
        instructs,
        [
            (400, {"object": "error", "message": "System role not supported", "code": 400}),
            (400, message("Conversation roles must alternate user/assistant/user/assistant/...")),
            (400, message("Unsupported value: 'messages[0].role' does not support 'system' with "
                          "this model.", param="messages[0].role")),
            (400, [message("Developer instruction is not enabled for models/small")]),
            (500, {"detail": "TemplateError: System role not supported"}),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("part", "refused", "status", "content"),
    [
        pytest.param(part, refused, status, content, id=f"{part}-{number}")
        for part, (refused, answers) in REFUSALS.items()
        for number, (status, content) in enumerate(answers)
    ],
)
def test_a_part_that_is_refused_is_left_out_from_then_on(
    part, refused, status, content, stub, caplog
):
    server = stub(picky((refused, status, content)))
    caplog.set_level(logging.INFO, "agent")
    model = chat()
    assert model.reply(PROMPT, Point) == TEXT
    assert model.reply(PROMPT, Point) == TEXT
    first, *rest = bodies(server)
    assert refused(first) and len(rest) == 2  # one step, and then it is known
    assert not any(map(refused, rest))
    assert [line.message.split(";")[0] for line in caplog.records if "accept" in line.message] == [
        f"openai:stub: does not accept {part}"
    ]
    assert model.meter.calls == 2  # what was refused cost nothing


def test_only_the_part_that_is_refused_is_left_out(stub):
    server = stub(picky((has("stream_options"), 400, message("unknown field stream_options"))))
    chat().reply(PROMPT, Point)
    first, second = bodies(server)
    assert second == {name: value for name, value in first.items() if name != "stream_options"}


def test_a_server_without_any_of_it_is_asked_in_the_end(stub):
    """Each part in turn; instructions, the question and the form still reach the model."""
    refused = (
        *((has(n), 400, message(f"{n}: unknown field")) for n in ("stream_options", "max_tokens")),
        (has("max_completion_tokens"), 422, pydantic_error("max_completion_tokens")),
        (asks_for("json_schema", "json_object"), 400, message("Json mode is not supported here")),
        (instructs, 400, message("System role not supported")),
        (lambda body: body.get("stream"), 400, message("streaming is not supported")),
    )
    server = stub(picky(*refused, text=f"Here it is:\n```json\n{TEXT}\n```"))
    model = chat()
    assert TEXT in model.reply(PROMPT, Point)
    (only,) = bodies(server)[-1]["messages"]
    assert only["role"] == "user"
    assert only["content"].startswith("Answer.\n\nReply with one JSON object")
    assert '{"x": integer, "kind": "a" | "b"}' in only["content"]
    assert only["content"].endswith("\n\nu")
    assert bodies(server)[-1].keys() <= {"model", "messages", "stream"}
    steps = len(server.requests)
    model.reply(PROMPT, Point)
    assert steps == 8 and len(server.requests) == steps + 1


def test_the_form_goes_from_schema_to_json_mode_to_text(stub):
    said = message("'response_format.type' must be 'text'")
    server = stub(picky((asks_for("json_schema", "json_object"), 400, said)))
    assert chat().reply(PROMPT, Point) == TEXT
    assert [form_of(body) for body in bodies(server)] == ["json_schema", "json_object", None]
    told = [
        "Reply with one JSON object" in body["messages"][0]["content"] for body in bodies(server)
    ]
    assert told == [False, True, True]  # JSON mode demands the word, too


def test_pictures_and_corrections_survive_without_a_system_role(stub):
    server = stub(picky((instructs, 400, message("System role not supported"))))
    prompt = Prompt("test", "s", "u", images=(b"\x89PNG",)).with_complaint("said", "wrong")
    chat().reply(prompt)
    user, reply, complaint = bodies(server)[-1]["messages"]
    assert [part["type"] for part in user["content"]] == ["text", "text", "image_url"]
    assert user["content"][0]["text"] == "s"
    assert (reply["content"], complaint["content"]) == ("said", "wrong")


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (400, message("no such model: response_format")),
        (400, message("The temperature outside is unknown")),
        (401, message("'stream' is not supported for this key")),
        (429, message("stream is unavailable")),
        (400, message("This model does not support tools")),
        (400, message("This model only supports stream mode; enable the stream parameter")),
        (400, ""),
    ],
)
def test_an_error_that_says_nothing_of_a_part_changes_nothing(status, content, stub):
    server = stub(lambda handler: handler.answer(status, content))
    with pytest.raises(ServiceError):
        chat().reply(PROMPT, Point)
    first, *rest = bodies(server)
    assert all(body == first for body in rest) and len(rest) <= 2


def test_a_page_of_an_error_is_no_refusal_of_a_part(stub):
    def behave(handler: Any) -> None:
        handler.send_response(500)
        handler.end_headers()
        handler.wfile.write(b"<html>unexpected keyword: response_format</html>")

    server = stub(behave)
    with pytest.raises(ServiceError, match=r"error \(500\)"):
        chat().reply(PROMPT, Point)
    assert {form_of(body) for body in bodies(server)} == {"json_schema"}


def test_a_server_that_refuses_whatever_it_gets_is_left(stub):
    """Every part that a request may have is named, again and again."""
    names = itertools.cycle(
        ("stream_options", "stream", "response_format", "System role", "max_tokens")
    )
    server = stub(lambda handler: handler.answer(400, message(f"{next(names)} is not supported")))
    model = chat()
    for _ in range(2):
        with pytest.raises(ServiceError, match=r"error \(400\)"):
            model.reply(PROMPT, Point)
    assert len(server.requests) <= MOST_STEPS


@pytest.mark.parametrize(
    "said",
    [
        "max_tokens is too large: {}. This model supports at most 2048 completion tokens.",
        "This model's maximum context length is 4096 tokens. However, you requested {} tokens (100 "
        "in the messages, {} in the completion).",
        "`max_completion_tokens` must be less than or equal to `2048`",
        "The parameter `max_completion_tokens` is not valid: integer above maximum value, expected "
        "a value <= 2048",
        "Invalid max_tokens value, the valid range of max_tokens is [1, 2048]",
    ],
)
def test_a_limit_that_is_too_high_is_halved_and_remembered(said, stub):
    server = stub(picky((lambda b: b["max_completion_tokens"] > 2048, 400, message(said))))
    model = chat()
    assert model.reply(PROMPT, Point) == TEXT == model.reply(PROMPT, Point)
    limits = [body["max_completion_tokens"] for body in bodies(server)]
    assert limits == [8000, 4000, 2000, 2000]
    assert all(body["max_tokens"] == body["max_completion_tokens"] for body in bodies(server))


def test_a_prompt_that_is_too_long_is_told_and_lowers_no_limit(stub, says_):
    said = "maximum context length is 512 tokens; 9000 in the messages, 8000 in the completion"
    server = stub(*[lambda handler: handler.answer(400, message(said))] * 5, says_("x"))
    model = chat()
    with pytest.raises(ServiceError, match="maximum context length"):
        model.reply(PROMPT)
    assert len(server.requests) == 5
    assert model.reply(PROMPT) == "x" and bodies(server)[-1]["max_tokens"] == 8000


def test_openai_is_asked_strictly_and_as_it_documents(stub, monkeypatch):
    """Where the address is OpenAI's: one name of the limit, and a bad schema is a fault of ours."""
    said = message("Invalid schema for response_format 'Point': 'pattern' is not permitted.")
    server = stub(lambda handler: handler.answer(400, said))
    monkeypatch.setattr("agent.llm.remote.OPENAI", server.url)
    with pytest.raises(ServiceError, match="Invalid schema"):
        chat().reply(PROMPT, Point)
    (body,) = bodies(server)
    assert "max_completion_tokens" in body and "max_tokens" not in body
    assert body["response_format"]["json_schema"]["strict"] is True


def test_a_schema_that_a_server_passes_over_is_told_in_words_at_the_retry(stub):
    """It takes any field and heeds none: the reply shows it."""

    def heedless(handler: Any) -> None:
        told = "Reply with one JSON object" in handler.body["messages"][0]["content"]
        reply_to(handler.body, TEXT if told else "The answer is three.")(handler)

    server = stub(heedless)
    model = LanguageModel(chat(), Prompts())
    assert model.structured_reply(PROMPT, Point).x == 3
    assert form_of(bodies(server)[-1]) == "json_schema" and len(server.requests) == 2
    assert "The answer is three." in json.dumps(bodies(server)[-1])
    model.structured_reply(PROMPT, Point)
    assert len(server.requests) == 3


def test_threads_learn_together(stub):
    """All of them meet the refusal at once; each asks again once, and one of them notes it."""
    together = threading.Barrier(4, timeout=20)

    def behave(handler: Any) -> None:
        if form_of(handler.body) == "json_schema":
            together.wait()
            handler.answer(400, message("This response_format type is unavailable now"))
            return
        reply_to(handler.body, TEXT)(handler)

    server = stub(behave)
    model = chat()
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: model.reply(PROMPT, Point), range(4)))
    assert replies == [TEXT] * 4
    forms = [form_of(body) for body in bodies(server)]
    assert sorted(map(str, forms)) == ["json_object"] * 4 + ["json_schema"] * 4


# --- reasoning ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_what_is_thought_beside_the_reply_is_no_part_of_it(name, stub):
    def behave(handler: Any) -> None:
        handler.begin()
        handler.event({name: 'I think {"x": 4, "kind": "b"}', "content": None})
        handler.event({"content": TEXT})
        handler.event({}, "stop")

    stub(behave)
    assert chat().reply(PROMPT, Point) == TEXT


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("stream", [True, False])
def test_an_object_that_the_server_took_for_a_thought_is_used(name, stream, stub):
    """As servers do whose parser finds no end of the thoughts."""

    def behave(handler: Any) -> None:
        if not stream:
            said = {"content": None, name: TEXT}
            handler.answer(200, {"choices": [{"message": said, "finish_reason": "stop"}]})
            return
        handler.begin()
        for at in range(0, len(TEXT), 7):
            handler.event({name: TEXT[at : at + 7]})
        handler.event({}, "stop")

    stub(behave)
    assert chat().reply(PROMPT, Point) == TEXT


@pytest.mark.parametrize("schema", [None, Point])
@pytest.mark.parametrize("delta", [{"reasoning_content": "Hm"}, {"content": "<think>\nHm"}])
def test_a_reply_that_was_all_reasoning_is_told_and_not_asked_for_again(schema, delta, stub):
    def behave(handler: Any) -> None:
        handler.begin()
        handler.event(delta)
        handler.event({}, "length")

    server = stub(behave)
    with pytest.raises(Unusable, match=r"whole reply was reasoning.*--max-tokens"):
        chat().reply(PROMPT, schema)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "text",
    [
        "<think>\nHm.\n</think>\n\nA sign.",
        "Hm.\n</think>\nA sign.",
        "A sign.",
        "<think></think>A sign.",
    ],
)
def test_text_comes_without_thoughts(text, stub, says_):
    stub(says_(text))
    assert chat().reply(PROMPT) == "A sign."


def test_thoughts_alone_are_no_text(stub, says_):
    stub(says_("<think>Hm.</think>"))
    with pytest.raises(Unusable, match="is empty"):
        chat().reply(PROMPT)


# --- a schema in words ----------------------------------------------------------------------------


class Leaf(BaseModel):
    """For programmers."""

    text: str = Field(max_length=80)
    ids: list[str] = Field(max_length=5)


class Tree(BaseModel):
    leaves: list[Leaf] = Field(description="best first")
    inner: Tree | None
    score: float | None = None
    words: dict[str, int]


def test_a_schema_in_words_is_short_and_plain():
    words = in_words(Tree.model_json_schema())
    assert words.startswith("Reply with one JSON object of this form and with nothing else")
    assert words.endswith(
        '{"leaves": [{"text": string (at most 80 characters), "ids": [string, ...] (at most 5 '
        'items)}, ...] (best first), "inner": object | null, "score"?: number | null, '
        '"words": {[any key]: integer}}'
    )
    assert len(words) < len(json.dumps(Tree.model_json_schema())) / 2


schemas = st.recursive(
    st.sampled_from(
        [{"type": "string"}, {"enum": ["a", 1]}, {"const": "ä"}, {"type": ["a", "null"]}, {}]
    ),
    lambda inner: st.one_of(
        inner.map(lambda item: {"type": "array", "items": item}),
        st.dictionaries(st.text(max_size=4), inner, max_size=3).map(
            lambda properties: {"type": "object", "properties": properties}
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda choices: {"anyOf": choices}),
    ),
    max_leaves=8,
)  # fmt: skip


@given(schemas)
def test_any_schema_can_be_told(schema):
    words = in_words({"type": "object", "properties": {"root": schema}})
    assert '"root"' in words
