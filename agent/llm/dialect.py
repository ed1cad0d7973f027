"""Requests in OpenAI's protocol, cut down to the dialect that a server takes.

The first request is OpenAI's own. What a server refuses in it, `Dialect` reads from the refusal and
leaves out of every later request; where nothing is refused, nothing is given up. `compatible` does
the same for what servers reply.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx2

from agent.llm.compatible import STREAMED, is_web_page
from agent.llm.schema_text import in_words

Json = dict[str, Any]

MOST_STEPS = 16
"""More refusals than one request can meet."""
_LEAST_TOKENS = 500
_MOST_READ = 8_000
_log = logging.getLogger(__name__)

#: Statuses with which servers refuse what they do not know; some answer 500 where they mean 400.
_STATUSES = frozenset({400, 405, 415, 422, 500, 501})
_LIMITS = ("max_tokens", "max_completion_tokens")
_REFUSAL = re.compile(
    r"unsupported|not[ _](?:\w+[ _])?support|n[o']t (?:support|accept|enabled|available|allowed)|"
    r"not permitted|unavailable|forbidden|unknown|unrecogni[sz]ed|unexpected|deprecated|"
    r"(?:enabled|available|supported) only|only (?:enabled|available|supported)|"
    r"invalid (?:parameter|value|type|field|argument|option)|should be|must (?:be|alternate)|"
    r"cannot (?:both )?be (?:set|used|specified)|not both|not implemented|failed to parse|不支持",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"\b(?:max_tokens|max_completion_tokens|completion)\b")
_TOO_LARGE = re.compile(
    r"too large|at most|less than or equal|valid range|maximum|exceed", re.IGNORECASE
)
#: What is recommended is not what is refused.
_ADVICE = re.compile(r"\buse\b.{0,80}?\binstead\b|\bdid you mean\b.{0,80}?\?", re.IGNORECASE)


class _Part(NamedTuple):
    """A part of a request that a server may refuse."""

    name: str
    is_in: Callable[[Json], bool]
    """Whether a request has it."""
    pattern: re.Pattern[str]
    """How refusals call it."""
    instead: str
    """What is done without it, for the log."""


def _format(body: Json) -> Any:
    form = body.get("response_format")
    return form.get("type") if isinstance(form, dict) else None


def _field(name: str, instead: str) -> _Part:
    return _Part(name, lambda body: name in body, re.compile(rf"\b{name}\b"), instead)


_FORM = re.compile(
    r"response.?(?:format|schema)|json.?(?:schema|mode|object|output)|structured.?output|grammar|"
    r"guided",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r"system (?:role|message|prompt|instruction)|developer instruction|roles must alternate|"
    r"['\"`](?:system|developer)['\"`]",
    re.IGNORECASE,
)
_OTHER_NAME = "the limit on a reply goes by its other name, if by any"
#: In the order in which a refusal that names several is read.
_PARTS = (
    _field("stream_options", "tokens are estimated where it does not count them"),
    _Part(
        "streaming",
        lambda body: body.get("stream") is True,
        re.compile(r"\bstream(?:ing)?\b"),
        "replies come whole",
    ),
    _field("temperature", "the model's own is used"),
    _field("max_tokens", _OTHER_NAME),
    _field("max_completion_tokens", _OTHER_NAME),
    _Part(
        "JSON schemas",
        lambda body: _format(body) == "json_schema",
        _FORM,
        "the form of a reply is told in words, in JSON mode",
    ),
    _Part("JSON mode", lambda body: _format(body) == "json_object", _FORM, "replies are text"),
    _Part(
        "system messages",
        lambda body: any(m.get("role") in ("system", "developer") for m in body["messages"]),
        _SYSTEM,
        "instructions are sent as the user's",
    ),
)


class Dialect:
    """What one server takes of OpenAI's protocol; safe to share between threads."""

    def __init__(self, name: str, official: bool) -> None:
        """Begin with all of it.

        Args:
            name: of the model, for the log.
            official: whether OpenAI itself is asked. It gets what it documents and nothing else,
                and its complaint about a schema is our fault, not its limit.
        """
        self._name = name
        self._official = official
        self._left_out: frozenset[str] = frozenset()
        self._most_tokens: int | None = None
        self._schema_in_words = False
        self._lock = threading.Lock()

    def learn(self, error: BaseException) -> bool:
        """Read from an error what the server refuses; return whether it is worth asking again.

        It is only for a part that the refused request still had. `adapted` takes that out of every
        later one, so that asking again comes to an end.
        """
        response = getattr(error, "response", None)
        if not isinstance(response, httpx2.Response) or response.status_code not in _STATUSES:
            return False
        body, reply = _body(response.request), _ADVICE.sub("", response.text[:_MOST_READ])
        if body is None or is_web_page(reply):
            return False
        with self._lock:
            return self._lowered(body, reply) or self._refused(body, reply)

    def learn_from_reply(self) -> None:
        """Note that the server took a schema and the reply did not follow it."""
        with self._lock:
            if not self._official and not self._schema_in_words:
                self._schema_in_words = True
                _log.info("%s: does not follow a JSON schema; it is told in words too", self._name)

    def adapted(self, request: httpx2.Request) -> httpx2.Request:
        """The request without what the server refuses."""
        body = _body(request)
        if body is None:
            return request
        streamed = body.get("stream") is True
        content = json.dumps(self._cut_down(body)).encode()
        headers = request.headers.copy()
        del headers["content-length"]
        extensions = request.extensions | {STREAMED: streamed}
        return httpx2.Request(
            request.method, request.url, headers=headers, content=content, extensions=extensions
        )

    def _lowered(self, body: Json, reply: str) -> bool:
        """Halve the limit on the tokens of a reply, where the server says that it is too high."""
        limits = [body[name] for name in _LIMITS if isinstance(body.get(name), int)]
        if not (limits and _LIMIT.search(reply) and _TOO_LARGE.search(reply)):
            return False
        if min(limits) < 2 * _LEAST_TOKENS:  # then it is the prompt that is too long
            self._most_tokens = None
            return False
        self._most_tokens = min(limits) // 2
        _log.info("%s: replies get at most %d tokens", self._name, self._most_tokens)
        return True

    def _refused(self, body: Json, reply: str) -> bool:
        if not _REFUSAL.search(reply) or (self._official and "Invalid schema" in reply):
            return False
        part = next((p for p in _PARTS if p.is_in(body) and p.pattern.search(reply)), None)
        if part is None:
            return False
        if part.name not in self._left_out:  # another thread may have met it meanwhile
            self._left_out |= {part.name}
            _log.info("%s: does not take %s; %s", self._name, part.name, part.instead)
        return True

    def _cut_down(self, body: Json) -> Json:
        left_out, most = self._left_out, self._most_tokens
        if _format(body) == "json_schema":
            schema = body["response_format"]["json_schema"]["schema"]
            if "JSON schemas" in left_out or self._schema_in_words:
                _append(body["messages"][0], in_words(schema))
            if "JSON schemas" in left_out:
                body["response_format"] = {"type": "json_object"}
        if _format(body) == "json_object" and "JSON mode" in left_out:
            del body["response_format"]
        if not self._official and "max_completion_tokens" in body:
            # Many servers know the old name alone, and let the new one pass without heeding it.
            body["max_tokens"] = body["max_completion_tokens"]
        for name in _LIMITS:
            if most is not None and isinstance(body.get(name), int):
                body[name] = min(body[name], most)
        for name in ("stream_options", "temperature", *_LIMITS):
            if name in left_out:
                body.pop(name, None)
        if "streaming" in left_out:
            body["stream"] = False
            body.pop("stream_options", None)
        if "system messages" in left_out:
            body["messages"] = _without_system(body["messages"])
        return body


def _body(request: httpx2.Request) -> Json | None:
    """What is asked of Chat Completions; None for any other request."""
    if request.method != "POST":
        return None
    body = json.loads(request.content)
    return body if isinstance(body, dict) and body.get("messages") else None


def _append(message: Json, text: str, *, before: bool = False) -> None:
    """Add text to a message, whose content is a text or a list of parts."""
    content = message["content"]
    if isinstance(content, list):
        part = {"type": "text", "text": text}
        message["content"] = [part, *content] if before else [*content, part]
    else:
        message["content"] = f"{text}\n\n{content}" if before else f"{content}\n\n{text}"


def _without_system(messages: list[Json]) -> list[Json]:
    """The messages with the instructions at the head of the first one of the user."""
    system = [m["content"] for m in messages if m["role"] in ("system", "developer")]
    rest = [m for m in messages if m["role"] not in ("system", "developer")]
    if system and rest:
        _append(rest[0], "\n\n".join(system), before=True)
    return rest
