"""`/v1` as the official client, LangChain's and hostile ones see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_openai import ChatOpenAI
from openai import BadRequestError, NotFoundError, OpenAI
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.testclient import TestClient

from agent.report.markdown import to_markdown
from agent.types import Question
from agent.web.openai import routes
from agent.web.openai.request import ChatRequest
from agent.web.service import Service
from tests.web.pictures import data_uri, png
from tests.web.serving import listening

_ASKED = "Which loss does MIMO-UNet+ use?"


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    with listening(Starlette(routes=routes(service)), lifespan="off") as site:
        yield f"{site}/v1"


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=address, api_key="none", max_retries=0) as opened:
        yield opened


@pytest.fixture(scope="module")
def http(service: Service) -> TestClient:
    return TestClient(Starlette(routes=routes(service)))


def without_footer(text: str | None) -> str:
    """An answer but for the time at which it was written."""
    return (text or "").partition("\n---\n")[0]


def expected(service: Service) -> str:
    return without_footer(to_markdown(service.agent.ask(Question(text=_ASKED))))


def user(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


def test_one_model_is_listed(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["groundglass"]
    assert client.models.retrieve("groundglass").object == "model"
    with pytest.raises(NotFoundError):
        client.models.retrieve("gpt-4o")


def test_a_completion_is_the_answer_of_the_agent_and_cites_its_text(
    client: OpenAI, service: Service
) -> None:
    completion = client.chat.completions.create(model="groundglass", messages=user(_ASKED))
    (choice,) = completion.choices
    text = choice.message.content or ""
    assert without_footer(text) == expected(service)
    assert choice.finish_reason == "stop"
    assert choice.message.annotations
    for annotation in choice.message.annotations:
        cited = annotation.url_citation
        line = text[cited.start_index : cited.end_index]
        assert cited.url in line and cited.title in line and "\n" not in line
    assert completion.usage and completion.usage.total_tokens > 0


def test_a_stream_has_the_shape_that_clients_need(client: OpenAI, service: Service) -> None:
    chunks = list(
        client.chat.completions.create(
            model="groundglass",
            messages=user(_ASKED),
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    *content, last, usage = chunks
    assert all(chunk.choices[0].finish_reason is None for chunk in content)
    assert last.choices[0].finish_reason == "stop" and last.choices[0].delta.content is None
    assert usage.choices == [] and usage.usage
    text = "".join(chunk.choices[0].delta.content or "" for chunk in content)
    assert without_footer(text) == expected(service)


def test_a_follow_up_means_what_it_means_in_the_chat(client: OpenAI) -> None:
    talk = user(_ASKED)
    first = client.chat.completions.create(model="groundglass", messages=talk)
    talk.append({"role": "assistant", "content": first.choices[0].message.content})
    talk += user("and how many parameters?")
    second = client.chat.completions.create(model="groundglass", messages=talk)
    assert "16,107,651" in (second.choices[0].message.content or "")


def test_a_response_whole_and_streamed(client: OpenAI, service: Service) -> None:
    whole = client.responses.create(model="groundglass", input=_ASKED)
    assert without_footer(whole.output_text) == expected(service)
    events = list(client.responses.create(model="groundglass", input=_ASKED, stream=True))
    kinds = [event.type for event in events]
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert without_footer(text) == expected(service)
    follow = client.responses.create(
        model="groundglass", input="and how many parameters?", previous_response_id=whole.id
    )
    assert "16,107,651" in follow.output_text
    with pytest.raises(NotFoundError):
        client.responses.create(model="groundglass", input="x", previous_response_id="resp_no")


def test_langchain_gets_the_same_answer(address: str, service: Service) -> None:
    model = ChatOpenAI(model="groundglass", base_url=address, api_key="none")  # type: ignore[arg-type]
    assert without_footer(str(model.invoke(_ASKED).content)) == expected(service)


def test_a_picture_is_measured_and_nothing_of_it_stays(client: OpenAI, service: Service) -> None:
    before = set(service.workspace.path.iterdir())
    parts = [
        {"type": "text", "text": "Sharpen this picture, please."},
        {"type": "image_url", "image_url": {"url": data_uri(png())}},
    ]
    completion = client.chat.completions.create(model="groundglass", messages=user(parts))
    assert "What was measured" in (completion.choices[0].message.content or "")
    assert set(service.workspace.path.iterdir()) <= before


@pytest.mark.parametrize("url", ["http://127.0.0.1/a.png", "file:///etc/passwd", "data:text/a,b"])
def test_a_picture_elsewhere_is_never_fetched(client: OpenAI, url: str) -> None:
    parts = [{"type": "text", "text": "Why?"}, {"type": "image_url", "image_url": {"url": url}}]
    with pytest.raises(BadRequestError, match="not a data URI"):
        client.chat.completions.create(model="groundglass", messages=user(parts))


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        ('### Task:\nA title.\nJSON: { "title": "x" }\nUSER: Why blur?\nASSISTANT: a',
         {"title": "Why blur?"}),
        ('### Task:\nTags.\nJSON: { "tags": ["x"] }\nUSER: Which loss does MIMO-UNet+ use?\n'
         "ASSISTANT: a", {"tags": ["MIMO-UNet+"]}),
        ('### Task:\nSuggest.\nJSON: { "follow_ups": ["x"] }', {"follow_ups": []}),
    ],
)  # fmt: skip
def test_background_requests_cost_no_answer(
    http: TestClient, asked: str, reply: dict[str, Any]
) -> None:
    got = http.post("/v1/chat/completions", json={"messages": user(asked)}).json()
    content = json.loads(got["choices"][0]["message"]["content"])
    assert content.keys() == reply.keys()
    assert content == reply or reply["tags"][0] in content["tags"]


def test_empty_lines_in_a_quoted_conversation_cost_next_to_nothing(http: TestClient) -> None:
    """The time once grew with the cube of their number, while no other request was served."""
    asked = '### Task:\nTitle.\nJSON: {"title": 1}\nUSER: Why?' + "\n" * 100_000 + "x"
    got = http.post("/v1/chat/completions", json={"messages": user(asked)}).json()
    assert json.loads(got["choices"][0]["message"]["content"]) == {"title": "Why? x"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"messages": []}', 400),
        (b'{"messages": [{"role": "system", "content": "x"}]}', 400),
        (b'{"messages": [{"role": "user", "content": " "}]}', 400),
        (b'{"messages": [{"role": "user", "content": "hi"}], "n": 2}', 400),
        (b'{"model": "x", "messages": [{"role": "user", "content": "hi"}]}', 404),
        (b'{"messages": [{"role": "user", "content": "hi"}], "tools": 3}', 200),
    ],
)
def test_what_is_wrong_is_told_in_the_shape_of_openai(
    http: TestClient, body: bytes, status: int
) -> None:
    got = http.post("/v1/chat/completions", content=body)
    assert got.status_code == status
    if status != 200:
        assert set(got.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ("0," * 100_000 + "0", "messages.0"),
        ('{"role": "user", "content": [' + "0," * 100_000 + "0]}", "messages.0.content"),
        ('{"role": "user"},' * 20_000 + '{"role": "user", "content": "hi"}', "messages"),
    ],
)
def test_a_body_of_very_many_parts_is_refused_at_the_first_that_is_wrong_or_too_many(
    http: TestClient, messages: str, param: str
) -> None:
    """Each took a thousand times the memory of its bytes."""
    got = http.post("/v1/chat/completions", content=f'{{"messages": [{messages}]}}')
    assert got.status_code == 400
    assert got.json()["error"]["param"].startswith(param)
    with pytest.raises(ValidationError) as error:
        ChatRequest.model_validate_json(f'{{"messages": [{messages}]}}')
    assert error.value.error_count() < 5


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text", "image_url", "url", "model"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.fixed_dictionaries({"messages": _JSON, "input": _JSON}))
def test_no_body_breaks_the_server(http: TestClient, body: dict[str, Any]) -> None:
    for path in ("/v1/chat/completions", "/v1/responses"):
        assert http.post(path, json=body).status_code < 500
