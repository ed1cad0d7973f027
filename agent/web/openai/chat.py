"""`POST /v1/chat/completions`."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from agent.conversation import Reply
from agent.errors import Cancelled
from agent.web.failures import Refusal, failure_of, openai_error
from agent.web.jobs import Job
from agent.web.openai import work
from agent.web.openai.background import background_reply
from agent.web.openai.messages import ReplyMemory, read_talk
from agent.web.openai.request import MODEL, ChatRequest, read_body
from agent.web.openai.text import citations, deltas, text_of, tokens, words_of
from agent.web.service import Service


class Chat:
    """Answers chat completions, in one piece or as a stream."""

    def __init__(self, service: Service, memory: ReplyMemory) -> None:
        self._service = service
        self._memory = memory

    async def complete(self, request: Request) -> Response:
        """Answer the last message of the user."""
        options = self._service.options
        body = await read_body(request, ChatRequest, options.max_upload)
        if body.n not in (None, 1):
            raise Refusal("n must be 1: a question has one answer", param="n")
        last = body.messages[-1].text
        background = await asyncio.to_thread(background_reply, last, self._service.agent)
        prompt_words = await asyncio.to_thread(words_of, body.messages)
        completion = _Completion(self._memory, prompt_words, body)
        if background is not None:
            return completion.of_text(background)
        talk = await asyncio.to_thread(read_talk, body.messages, self._memory, options.max_pictures)
        job = await work.start(self._service, talk)
        if body.stream:
            return StreamingResponse(
                completion.stream(request, job), media_type="text/event-stream"
            )
        async with work.cancel_on_disconnect(request, job):
            return JSONResponse(completion.whole(await job.result()))


class _Completion:
    """One completion: its id, and the formats in which it is sent."""

    def __init__(self, memory: ReplyMemory, prompt_words: int, body: ChatRequest) -> None:
        self._memory = memory
        self._prompt_words = prompt_words
        self._streams = bool(body.stream)
        self._counts = bool(body.stream_options and body.stream_options.include_usage)
        self._head = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": MODEL,
        }

    def of_text(self, text: str) -> Response:
        """Return a text that is not an answer of the agent."""
        if not self._streams:
            return JSONResponse(self._body(text, [], self._usage(Reply(), text)))
        pieces = [self._chunk({"role": "assistant", "content": ""}), *self._pieces(text, Reply())]
        return StreamingResponse(iter(pieces), media_type="text/event-stream")

    def whole(self, reply: Reply) -> dict[str, Any]:
        """Return the reply as one object."""
        text = text_of(reply)
        self._memory.note(text, reply)
        return self._body(text, _annotations(reply, text), self._usage(reply, text))

    async def stream(self, request: Request, job: Job[Reply]) -> AsyncIterator[str]:
        """Yield the reply as server-sent events; comments report progress."""
        async with work.cancel_on_disconnect(request, job):
            yield self._chunk({"role": "assistant", "content": ""})
            async for comment in work.comments(job):
                yield comment
            try:
                reply = await job.result()
            except (Exception, Cancelled) as error:
                yield _event(openai_error(failure_of(error)))
                return
            text = text_of(reply)
            self._memory.note(text, reply)
            for piece in self._pieces(text, reply):
                yield piece

    def _pieces(self, text: str, reply: Reply) -> list[str]:
        chunks = [self._chunk({"content": piece}) for piece in deltas(text)]
        if annotations := _annotations(reply, text):
            chunks.append(self._chunk({"annotations": annotations}))
        chunks.append(self._chunk({}, "stop"))
        if self._counts:
            usage = {"choices": [], "usage": self._usage(reply, text)}
            chunks.append(_event({**self._head, "object": "chat.completion.chunk", **usage}))
        return [*chunks, "data: [DONE]\n\n"]

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        body = {**self._head, "object": "chat.completion.chunk", "choices": [choice]}
        return _event({**body, "usage": None} if self._counts else body)

    def _body(
        self, text: str, annotations: list[dict[str, Any]], usage: dict[str, int]
    ) -> dict[str, Any]:
        message: dict[str, Any] = {
            "role": "assistant",
            "content": text,
            "refusal": None,
            "annotations": annotations,
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": usage}

    def _usage(self, reply: Reply, text: str) -> dict[str, int]:
        read, wrote = tokens(reply, self._prompt_words, text)
        return {
            "prompt_tokens": read,
            "completion_tokens": wrote,
            "total_tokens": read + wrote,
        }


def _annotations(reply: Reply, text: str) -> list[dict[str, Any]]:
    cited = citations(reply.report, text)
    return [{"type": "url_citation", "url_citation": citation} for citation in cited]


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
