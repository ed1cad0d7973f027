"""Normalization of replies from OpenAI-compatible servers to OpenAI's exact format.

LangChain and OpenAI's own client accept only what OpenAI sends. This module reads every reply of
Chat Completions, streamed or whole, with the deviations of compatible servers, and rewrites it as
OpenAI would have sent it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import httpx2

Json = dict[str, Any]

MOST_QUOTED = 160
"""Characters quoted from a server's error message, which leaves room for advice."""
_CHUNK = "chat.completion.chunk"
_FIELD = re.compile(r"(?:data|event|id|retry)?:")
_MARKUP = ("<!doctype", "<html", "<head", "<body", "<?xml")
STREAMED = "groundglass.streamed"
"""Request extension: whether the caller reads the reply as a stream, whatever the server sends."""
NO_INTERFACE = "check OPENAI_BASE_URL, which usually ends in /v1"
#: Other names of the two finish reasons that matter; any other reason is a regular end.
_FINISHES = {
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "content_filtered": "content_filter",
    "safety": "content_filter",
}


class NoReplyError(Exception):
    """The response is not a model's reply; the message says what it is, and what to do."""


class _Stream(httpx2.SyncByteStream):
    def __init__(self, content: Iterable[bytes], source: httpx2.SyncByteStream) -> None:
        self._content, self._source = content, source

    def __iter__(self) -> Iterator[bytes]:
        yield from self._content

    def close(self) -> None:
        self._source.close()


def adapt(response: httpx2.Response) -> None:
    """Convert a reply of Chat Completions to the format of OpenAI.

    Reading the response raises `NoReplyError` if the server did not send a reply.
    """
    if not response.is_success or response.request.method != "POST":
        return
    original = response.stream
    assert isinstance(original, httpx2.SyncByteStream)
    raw = httpx2.Response(response.status_code, headers=response.headers, stream=original)
    streamed = response.request.extensions.get(STREAMED, False)
    content = (_as_events if streamed else _as_completion)(_Reply(raw.iter_bytes()))
    response.stream = _Stream(content, original)
    for name in ("content-encoding", "content-length"):
        response.headers.pop(name, None)
    response.headers["content-type"] = "text/event-stream" if streamed else "application/json"


def is_web_page(content: str) -> bool:
    """Check whether the content is a page for browsers, not the output of an API."""
    return content.lstrip("\ufeff \t\r\n")[:20].lower().startswith(_MARKUP)


def refuse_web_page(content: str) -> None:
    """Reject a page for browsers.

    Raises:
        NoReplyError: if the content is a web page.
    """
    if is_web_page(content):
        raise NoReplyError(f"answered with a web page instead of a reply; {NO_INTERFACE}")


# --- reading ------------------------------------------------------------------------------------


class _Reply:
    """Iterates over the additions of each message, as OpenAI's `delta`."""

    def __init__(self, content: Iterable[bytes]) -> None:
        self._content = content
        self._text = self._thought = ""
        self._calls: list[str] = []
        self._answered = False
        self.finish: str | None = None
        """Why the model stopped; None if the reply was apparently cut off."""
        self.usage: Json | None = None

    def __iter__(self) -> Iterator[Json]:
        message: Json | None = {}
        came = False
        try:
            for message in _messages(self._content):
                if message is None:
                    break
                came = True
                yield from self._deltas(message)
        except (httpx2.TransportError, TimeoutError):
            if self.finish is None:
                raise  # a complete reply is used anyway
        if not self._answered:
            what = "JSON that is not a reply" if came else "nothing"
            raise NoReplyError(f"answered with {what}; {NO_INTERFACE}")
        if not self._text and not self._calls and _objects(self._thought):
            yield {"content": self._thought}  # a JSON object that the server mistook for a thought
        if message is None:
            self.finish = self.finish or "stop"

    def _deltas(self, message: Json) -> Iterator[Json]:
        choices = message.get("choices")
        if choices is None and isinstance(message.get("message") or message.get("delta"), dict):
            choices = [message]
        choices = [c for c in choices if isinstance(c, dict)] if isinstance(choices, list) else []
        errors = (message.get("error"), *(choice.get("error") for choice in choices))
        error = next(filter(None, errors), None if choices else _bare_error(message))
        if error and self.finish is None:
            reason = _error_text(error)[:MOST_QUOTED]
            raise NoReplyError(
                f"answered with an error: {reason}; try again later, or leave it out"
            )
        self.usage = _usage(message.get("usage")) or self.usage
        for choice in choices:
            if choice.get("index") not in (None, 0):
                continue
            self._answered = True
            delta = self._delta(choice)
            if delta:
                yield delta
            finish = "refusal" if delta.get("refusal") else choice.get("finish_reason")
            if isinstance(finish, str) and finish and self.finish != "refusal":
                self.finish = _FINISHES.get(finish.lower(), finish.lower())

    def _delta(self, choice: Json) -> Json:
        whole, delta = choice.get("message"), choice.get("delta")
        source: Json = {"content": choice.get("text")}
        source = next((s for s in (delta, whole) if isinstance(s, dict) and s), source)
        text, calls = _text(source.get("content")), source.get("tool_calls")
        thought = _text(source.get("reasoning_content") or source.get("reasoning"))
        self._thought += thought if source is delta else thought.removeprefix(self._thought)
        if source is whole:  # it may repeat earlier content
            text = text.removeprefix(self._text)
            calls = None if self._calls else calls
        self._text += text
        calls = [self._call(c) for c in calls if isinstance(c, dict)] if calls else []
        parts = {"content": text, "refusal": source.get("refusal"), "tool_calls": calls}
        return {name: part for name, part in parts.items() if part}

    def _call(self, call: Json) -> Json:
        function: Json = call["function"] if isinstance(call.get("function"), dict) else {}
        arguments, name = function.get("arguments"), function.get("name")
        if name or not self._calls:
            self._calls.append(str(name))
        index = call.get("index")
        return {
            "index": index if isinstance(index, int) else len(self._calls) - 1,
            "id": call.get("id") or (f"call_{len(self._calls)}" if name else None),
            "type": "function",
            "function": {
                "name": name,
                "arguments": json.dumps(arguments)
                if isinstance(arguments, dict)
                else arguments or "",
            },
        }


def _messages(content: Iterable[bytes]) -> Iterator[Json | None]:
    """Yield every JSON object of a response, and None when the server declares the end.

    Raises:
        NoReplyError: if the response contains anything else.
    """
    lines = _lines(content)
    first = next((line for line in lines if line.strip("\ufeff \t")), "").lstrip("\ufeff")
    if _FIELD.match(first):
        yield from _events(chain([first], lines))
    else:
        yield from _documents("\n".join((first, *lines)).strip())


def _lines(content: Iterable[bytes]) -> Iterator[str]:
    pending: list[bytes] = []
    for piece in content:
        *ends, rest = piece.split(b"\n")
        for end in ends:
            yield b"".join((*pending, end)).decode("utf-8", "replace").rstrip("\r")
            pending = []
        pending.append(rest)
    yield b"".join(pending).decode("utf-8", "replace")


def _events(lines: Iterable[str]) -> Iterator[Json | None]:
    """Yield the messages of server-sent events, with or without empty lines in between."""
    data = name = ""
    for line in lines:
        field, _, value = line.partition(":")
        if line.startswith(("{", "[DONE]")):
            field, value = "data", line
        if field == "event":
            name = value.strip()
        elif field == "data":
            data = f"{data}\n{value}".strip()
            if data.startswith("[DONE]"):
                yield None
                return
            for message in (objects := _objects(data)):
                yield {"error": message} if name == "error" else message
            data = "" if objects else data
        elif not line.strip():
            if data.startswith("{"):
                raise NoReplyError("sent broken JSON; try again later")
            data = name = ""


def _documents(text: str) -> Iterator[Json | None]:
    """Yield the messages of a response without events: one, or one per line."""
    refuse_web_page(text)
    if objects := _objects(text):
        yield from objects
        yield None
        return
    for line in filter(str.strip, text.split("\n")):
        if line.startswith("[DONE]"):
            yield None
            return
        if not (objects := _objects(line)):
            raise NoReplyError(f"answered with something that is not a reply; {NO_INTERFACE}")
        yield from objects


def _objects(text: str) -> list[Json]:
    """Parse a JSON object or a list of them; return [] for anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [item for item in (value if isinstance(value, list) else [value]) if type(item) is dict]


def _bare_error(message: Json) -> Any:
    """Return an error that is not marked as one."""
    text = message.get("message")
    if isinstance(text, str):
        return text
    return message if message.get("object") == "error" else message.get("detail")


def _error_text(error: Any) -> str:
    if isinstance(error, dict):
        error = next(filter(None, map(error.get, ("message", "detail", "error", "code"))), error)
    return str(error)


def _text(content: Any) -> str:
    """Return the text of a message, whole or in parts, without reasoning."""
    if isinstance(content, list):
        parts = (p for p in content if isinstance(p, dict) and p.get("type", "text") == "text")
        return "".join(_text(part.get("text")) for part in parts)
    return content if isinstance(content, str) else ""


def _usage(usage: Any) -> Json | None:
    """Return the tokens in and out, if the server counted both."""
    if not isinstance(usage, dict):
        return None
    into, out = (usage.get(name) for name in ("prompt_tokens", "completion_tokens"))
    if not (type(into) is int and type(out) is int):
        return None
    return {"prompt_tokens": into, "completion_tokens": out, "total_tokens": into + out}


# --- writing ------------------------------------------------------------------------------------


def _as_events(reply: _Reply) -> Iterator[bytes]:
    def event(choices: list[Json], **more: Any) -> bytes:
        head = {"id": "1", "object": _CHUNK, "created": 0, "model": "", "choices": choices}
        return f"data: {json.dumps(head | more)}\n\n".encode()

    for delta in reply:
        message = {"role": "assistant", "content": ""} | delta
        yield event([{"index": 0, "delta": message, "finish_reason": None}])
    if reply.finish:
        yield event([{"index": 0, "delta": {}, "finish_reason": reply.finish}])
    if reply.usage:
        yield event([], usage=reply.usage)
    yield b"data: [DONE]\n\n"


def _as_completion(reply: _Reply) -> Iterator[bytes]:
    message: Json = {"role": "assistant", "content": ""}
    calls: dict[int, Json] = {}
    for delta in reply:
        message["content"] += delta.get("content", "")
        message["refusal"] = delta.get("refusal")
        for call in delta.get("tool_calls", ()):
            first = calls.setdefault(call.pop("index"), call)
            if first is not call:
                first["function"]["arguments"] += call["function"]["arguments"]
    if calls:
        message["tool_calls"] = list(calls.values())
    choice = {"index": 0, "message": message, "finish_reason": reply.finish or "stop"}
    head = {"id": "1", "object": "chat.completion", "created": 0, "model": "", "choices": [choice]}
    yield json.dumps(head | ({"usage": reply.usage} if reply.usage else {})).encode()
