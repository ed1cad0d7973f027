"""Replies of servers that speak nearly OpenAI's protocol, brought into exactly OpenAI's form.

LangChain and OpenAI's own client read what OpenAI sends and nothing else. Here every reply of Chat
Completions, streamed or whole, is read with the differences that compatible servers have, and
written again as OpenAI would have sent it.
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
"""Characters of what a server says is wrong, so that what to do about it has room after it."""
_CHUNK = "chat.completion.chunk"
_FIELD = re.compile(r"(?:data|event|id|retry)?:")
_MARKUP = ("<!doctype", "<html", "<head", "<body", "<?xml")
STREAMED = "groundglass.streamed"
"""Extension of a request: whether the reply is read as a stream, however the server was asked."""
NO_INTERFACE = "check OPENAI_BASE_URL, which mostly ends in /v1"
#: What other models call the two ends that matter; every other one is an end of the model's own.
_FINISHES = {
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "content_filtered": "content_filter",
    "safety": "content_filter",
}


class NoReplyError(Exception):
    """What came is no reply of a model; the message says what it is, and what to do."""


class _Stream(httpx2.SyncByteStream):
    def __init__(self, content: Iterable[bytes], source: httpx2.SyncByteStream) -> None:
        self._content, self._source = content, source

    def __iter__(self) -> Iterator[bytes]:
        yield from self._content

    def close(self) -> None:
        self._source.close()


def adapt(response: httpx2.Response) -> None:
    """Give a reply of Chat Completions the form in which OpenAI would have sent it.

    Reading the response raises `NoReplyError` where the server sent no reply.
    """
    if not response.is_success or response.request.method != "POST":
        return
    original = response.stream
    assert isinstance(original, httpx2.SyncByteStream)
    decoded = httpx2.Response(response.status_code, headers=response.headers, stream=original)
    streamed = response.request.extensions.get(STREAMED, False)
    content = (_as_events if streamed else _as_completion)(_Reply(decoded.iter_bytes()))
    response.stream = _Stream(content, original)
    for name in ("content-encoding", "content-length"):
        response.headers.pop(name, None)
    response.headers["content-type"] = "text/event-stream" if streamed else "application/json"


def is_web_page(content: str) -> bool:
    """Whether this is for browsers, and so from no interface for programs."""
    return content.lstrip("\ufeff \t\r\n")[:20].lower().startswith(_MARKUP)


def refuse_web_page(content: str) -> None:
    """Refuse what a browser is sent.

    Raises:
        NoReplyError: for a web page.
    """
    if is_web_page(content):
        raise NoReplyError(f"answered with a web page, not with a reply; {NO_INTERFACE}")


# --- reading ------------------------------------------------------------------------------------


class _Reply:
    """Iterates over what each message adds, as OpenAI's `delta`."""

    def __init__(self, content: Iterable[bytes]) -> None:
        self._content = content
        self._text = self._thought = ""
        self._calls: list[str] = []
        self._answered = False
        self.finish: str | None = None
        """Why the model ended; None where the reply was cut off, as far as can be told."""
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
                raise  # what was whole before is used
        if not self._answered:
            what = "JSON that is no reply" if came else "nothing"
            raise NoReplyError(f"answered with {what}; {NO_INTERFACE}")
        if not self._text and not self._calls and _objects(self._thought):
            yield {"content": self._thought}  # a JSON object that the server took for a thought
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
        if source is whole:  # it may repeat what came before it
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
    """Every JSON object of a response; None once the server said that all has come.

    Raises:
        NoReplyError: for a response that holds something else.
    """
    lines = _lines(content)
    first = next((line for line in lines if line.strip("\ufeff \t")), "").lstrip("\ufeff")
    if _FIELD.match(first):
        yield from _events(chain([first], lines))
    else:
        yield from _documents("\n".join((first, *lines)).strip())


def _lines(content: Iterable[bytes]) -> Iterator[str]:
    begun: list[bytes] = []
    for piece in content:
        *ends, rest = piece.split(b"\n")
        for end in ends:
            yield b"".join((*begun, end)).decode("utf-8", "replace").rstrip("\r")
            begun = []
        begun.append(rest)
    yield b"".join(begun).decode("utf-8", "replace")


def _events(lines: Iterable[str]) -> Iterator[Json | None]:
    """The messages of server-sent events, with or without the empty lines between them."""
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
                raise NoReplyError("sent JSON that is broken; try again later")
            data = name = ""


def _documents(text: str) -> Iterator[Json | None]:
    """The messages of a response that is no stream of events: one, or one a line."""
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
            raise NoReplyError(f"answered with something that is no reply; {NO_INTERFACE}")
        yield from objects


def _objects(text: str) -> list[Json]:
    """The JSON object that a text is, or those of a list; none where it is neither."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [item for item in (value if isinstance(value, list) else [value]) if type(item) is dict]


def _bare_error(message: Json) -> Any:
    """An error that servers send without calling it one."""
    text = message.get("message")
    if isinstance(text, str):
        return text
    return message if message.get("object") == "error" else message.get("detail")


def _error_text(error: Any) -> str:
    if isinstance(error, dict):
        error = next(filter(None, map(error.get, ("message", "detail", "error", "code"))), error)
    return str(error)


def _text(content: Any) -> str:
    """The text of a message, whether it comes as one or in parts, without what is thought."""
    if isinstance(content, list):
        parts = (p for p in content if isinstance(p, dict) and p.get("type", "text") == "text")
        return "".join(_text(part.get("text")) for part in parts)
    return content if isinstance(content, str) else ""


def _usage(usage: Any) -> Json | None:
    """Tokens in and out, where the server counted both."""
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
        added = {"role": "assistant", "content": ""} | delta
        yield event([{"index": 0, "delta": added, "finish_reason": None}])
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
