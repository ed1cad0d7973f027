"""`POST /v1/responses`."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from agent.conversation import Past, Reply
from agent.errors import Cancelled
from agent.web.failures import failure_of
from agent.web.jobs import Job
from agent.web.openai import work
from agent.web.openai.messages import ReplyMemory, after, read_talk
from agent.web.openai.request import MODEL, Message, ResponsesRequest, read_body
from agent.web.openai.text import citations, deltas, text_of, tokens, words_of
from agent.web.service import Service


class Responses:
    """Answers requests of the Responses API, in one piece or as a stream."""

    def __init__(self, service: Service, memory: ReplyMemory) -> None:
        self._service = service
        self._memory = memory

    async def create(self, request: Request) -> Response:
        """Answer the last message of the user."""
        options = self._service.options
        body = await read_body(request, ResponsesRequest, options.max_upload)
        body_input = body.input
        messages = (
            [Message(role="user", content=body_input)]
            if isinstance(body_input, str)
            else body_input
        )
        earlier = (
            self._memory.past(body.previous_response_id) if body.previous_response_id else Past()
        )
        talk = await asyncio.to_thread(
            read_talk, messages, self._memory, options.max_pictures, earlier
        )
        prompt_words = await asyncio.to_thread(words_of, messages)
        response = _Response(self._memory, talk.past, prompt_words, body.previous_response_id)
        job = await work.start(self._service, talk)
        if body.stream:
            return StreamingResponse(response.stream(request, job), media_type="text/event-stream")
        async with work.cancel_on_disconnect(request, job):
            return JSONResponse(response.whole(await job.result()))


class _Response:
    """One response: its ids, and the events that carry it."""

    def __init__(
        self, memory: ReplyMemory, past: Past, prompt_words: int, previous: str | None
    ) -> None:
        self._memory, self._past, self._prompt_words = memory, past, prompt_words
        self._item_id = f"msg_{secrets.token_hex(16)}"
        self._number = -1
        self._base: dict[str, Any] = {
            "id": f"resp_{secrets.token_hex(16)}",
            "object": "response",
            "created_at": int(time.time()),
            "completed_at": None,
            "model": MODEL,
            "previous_response_id": previous,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "max_output_tokens": None,
            "max_tool_calls": None,
            "metadata": {},
            "parallel_tool_calls": False,
            "temperature": 1.0,
            "top_p": 1.0,
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
            "top_logprobs": 0,
            "tool_choice": "auto",
            "tools": [],
            "text": {"format": {"type": "text"}},
            "truncation": "disabled",
            "reasoning": None,
            "service_tier": "default",
            "background": False,
            "store": True,
            "safety_identifier": None,
            "prompt_cache_key": None,
        }

    def whole(self, reply: Reply) -> dict[str, Any]:
        """Return the reply as one object, and remember it for `previous_response_id`."""
        text = text_of(reply)
        self._memory.note(text, reply)
        self._memory.note_past(self._base["id"], after(self._past, reply))
        read, wrote = tokens(reply, self._prompt_words, text)
        usage = {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": wrote,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read + wrote,
        }
        output = [self._item("completed", [_part(text, _flat(reply, text))])]
        ended = {"completed_at": int(time.time()), "usage": usage, "output": output}
        return {**self._base, "status": "completed", **ended}

    async def stream(self, request: Request, job: Job[Reply]) -> AsyncIterator[str]:
        """Yield the reply as server-sent events; comments report progress."""
        initial = {**self._base, "status": "in_progress", "output": [], "usage": None}
        async with work.cancel_on_disconnect(request, job):
            yield self._event("response.created", response=initial)
            yield self._event("response.in_progress", response=initial)
            async for comment in work.comments(job):
                yield comment
            try:
                reply = await job.result()
            except (Exception, Cancelled) as error:
                failed = {"code": "server_error", "message": failure_of(error).line}
                failure = {**initial, "status": "failed", "error": failed}
                yield self._event("response.failed", response=failure)
                return
            for event in self._reply_events(reply):
                yield event

    def _reply_events(self, reply: Reply) -> list[str]:
        """Return the events of a complete reply."""
        whole = self.whole(reply)
        (item,) = whole["output"]
        (part,) = item["content"]
        here = {"item_id": self._item_id, "output_index": 0, "content_index": 0}
        text = "response.output_text"
        events = [
            self._event(
                "response.output_item.added", output_index=0, item=self._item("in_progress", [])
            ),
            self._event("response.content_part.added", **here, part=_part("", [])),
        ]
        for piece in deltas(part["text"]):
            events.append(self._event(f"{text}.delta", **here, delta=piece, logprobs=[]))
        for number, annotation in enumerate(part["annotations"]):
            about = {"annotation_index": number, "annotation": annotation}
            events.append(self._event(f"{text}.annotation.added", **here, **about))
        return [
            *events,
            self._event(f"{text}.done", **here, text=part["text"], logprobs=[]),
            self._event("response.content_part.done", **here, part=part),
            self._event("response.output_item.done", output_index=0, item=item),
            self._event("response.completed", response=whole),
        ]

    def _item(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        kind = {"id": self._item_id, "type": "message", "role": "assistant"}
        return {**kind, "status": status, "content": content}

    def _event(self, kind: str, **what: Any) -> str:
        self._number += 1
        body = {"type": kind, "sequence_number": self._number, **what}
        return f"event: {kind}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"


def _part(text: str, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}


def _flat(reply: Reply, text: str) -> list[dict[str, Any]]:
    return [{"type": "url_citation", **cited} for cited in citations(reply.report, text)]
