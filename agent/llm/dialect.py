"""Reduction of OpenAI requests to the dialect that a server accepts.

The first request uses OpenAI's full protocol. `Dialect` learns from an error what the server
rejects, and leaves it out of all later requests; if nothing is rejected, nothing is left out.
`compatible` does the same for replies.
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
"""Upper limit on the rejections that one request can meet."""
_LEAST_TOKENS = 500
_MOST_READ = 8_000
_log = logging.getLogger(__name__)

#: Statuses with which servers reject unknown parts; some answer 500 instead of 400.
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
#: Recommendations name what is accepted, not what is rejected.
_ADVICE = re.compile(r"\buse\b.{0,80}?\binstead\b|\bdid you mean\b.{0,80}?\?", re.IGNORECASE)


class _Part(NamedTuple):
    """A part of a request that a server may reject."""

    name: str
    is_in: Callable[[Json], bool]
    """Checks whether a request has the part."""
    pattern: re.Pattern[str]
    """The names of the part in error messages."""
    instead: str
    """What happens without the part, for the log."""


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
_OTHER_NAME = "the limit on a reply uses its other name, if any"
#: Parts in order of precedence, if an error names several.
_PARTS = (
    _field("stream_options", "tokens are estimated if it does not count them"),
    _Part(
        "streaming",
        lambda body: body.get("stream") is True,
        re.compile(r"\bstream(?:ing)?\b"),
        "replies arrive in one piece",
    ),
    _field("temperature", "the model's default is used"),
    _field("max_tokens", _OTHER_NAME),
    _field("max_completion_tokens", _OTHER_NAME),
    _Part(
        "JSON schemas",
        lambda body: _format(body) == "json_schema",
        _FORM,
        "the format of a reply is described in words, in JSON mode",
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
    """The part of OpenAI's protocol that one server accepts; thread-safe."""

    def __init__(self, name: str, official: bool) -> None:
        """Start with the full protocol.

        Args:
            name: name of the model, for the log.
            official: whether the server is OpenAI itself. It gets exactly what it documents, and
                its error about a schema is our fault, not a limitation.
        """
        self._name = name
        self._official = official
        self._left_out: frozenset[str] = frozenset()
        self._most_tokens: int | None = None
        self._schema_in_words = False
        self._lock = threading.Lock()

    def learn(self, error: BaseException) -> bool:
        """Learn from an error what the server rejects; return whether to try again.

        True only for a part that the rejected request still had. `adapted` removes it from every
        later request, so that retries come to an end.
        """
        response = getattr(error, "response", None)
        if not isinstance(response, httpx2.Response) or response.status_code not in _STATUSES:
            return False
        body, reply = _body(response.request), _ADVICE.sub("", response.text[:_MOST_READ])
        if body is None or is_web_page(reply):
            return False
        with self._lock:
            return self._lower_limit(body, reply) or self._drop_part(body, reply)

    def learn_from_reply(self) -> None:
        """Note that the server accepted a schema, but the reply did not follow it."""
        with self._lock:
            if not self._official and not self._schema_in_words:
                self._schema_in_words = True
                _log.info(
                    "%s: does not follow JSON schemas; they are described in words, too", self._name
                )

    def adapt(self, request: httpx2.Request) -> httpx2.Request:
        """Return the request without the parts that the server rejects."""
        body = _body(request)
        if body is None:
            return request
        streams = body.get("stream") is True
        content = json.dumps(self._cut_down(body)).encode()
        headers = request.headers.copy()
        del headers["content-length"]
        extensions = request.extensions | {STREAMED: streams}
        return httpx2.Request(
            request.method, request.url, headers=headers, content=content, extensions=extensions
        )

    def _lower_limit(self, body: Json, reply: str) -> bool:
        """Halve the limit on reply tokens if the server says that it is too high."""
        limits = [body[name] for name in _LIMITS if isinstance(body.get(name), int)]
        if not (limits and _LIMIT.search(reply) and _TOO_LARGE.search(reply)):
            return False
        if min(limits) < 2 * _LEAST_TOKENS:  # then the prompt is too long
            self._most_tokens = None
            return False
        self._most_tokens = min(limits) // 2
        _log.info("%s: replies get at most %d tokens", self._name, self._most_tokens)
        return True

    def _drop_part(self, body: Json, reply: str) -> bool:
        if not _REFUSAL.search(reply) or (self._official and "Invalid schema" in reply):
            return False
        part = next((p for p in _PARTS if p.is_in(body) and p.pattern.search(reply)), None)
        if part is None:
            return False
        if part.name not in self._left_out:  # another thread may have learned it meanwhile
            self._left_out |= {part.name}
            _log.info("%s: does not accept %s; %s", self._name, part.name, part.instead)
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
            # Many servers know only the old name, and silently ignore the new one.
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
    """Return the body of a Chat Completions request; None for any other request."""
    if request.method != "POST":
        return None
    body = json.loads(request.content)
    return body if isinstance(body, dict) and body.get("messages") else None


def _append(message: Json, text: str, *, before: bool = False) -> None:
    """Add text to a message, whose content may be text or a list of parts."""
    content = message["content"]
    if isinstance(content, list):
        part = {"type": "text", "text": text}
        message["content"] = [part, *content] if before else [*content, part]
    else:
        message["content"] = f"{text}\n\n{content}" if before else f"{content}\n\n{text}"


def _without_system(messages: list[Json]) -> list[Json]:
    """Move the instructions to the beginning of the user's first message."""
    system = [m["content"] for m in messages if m["role"] in ("system", "developer")]
    rest = [m for m in messages if m["role"] not in ("system", "developer")]
    if system and rest:
        _append(rest[0], "\n\n".join(system), before=True)
    return rest
