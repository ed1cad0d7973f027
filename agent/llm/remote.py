"""A `ChatClient` over the network, on top of LangChain's chat models, above all OpenAI's.

This is the one place where errors of providers become `ServiceError`s, without keys.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2
from pydantic import BaseModel

from agent.errors import ServiceError
from agent.llm import compatible
from agent.llm.client import MOST_CHARACTERS, Refused, Unusable, Watch
from agent.llm.client_setup import OPENAI, chat_model
from agent.llm.dialect import MOST_STEPS, Dialect
from agent.llm.failures import fault_of, mapped_errors
from agent.llm.json_reply import holds_object, without_thoughts
from agent.llm.model_name import split_name
from agent.llm.prompts import Prompt
from agent.llm.spending import Meter
from agent.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from tenacity import RetryCallState

T = TypeVar("T")

_ATTEMPTS = 3
_MOST_BYTES = 16_000_000
"""Largest response in bytes, including the overhead of the protocol."""


class Remote:
    """A model called over the network."""

    def __init__(self, settings: Settings, meter: Meter) -> None:
        """Set the model up without calling it.

        A problem of the environment, such as a missing key or a broken proxy, does not end the
        command: every call then fails with the reason.

        Raises:
            ConfigError: if a package is missing.
        """
        self._provider, name = split_name(settings.model or "")
        self._timeout = settings.timeout
        self.speaks_openai = self._provider == "openai"
        self._address = (settings.base_url or OPENAI).strip() if self.speaks_openai else ""
        self._call = threading.local()
        self.name = f"{self._provider}:{name}"
        self.meter = meter
        official = not self._address or self._address.startswith(OPENAI)
        self._dialect = Dialect(self.name, official)
        self._model: BaseChatModel | None = None
        self._problem = ""
        try:
            self._model = chat_model(settings, self._dialect, self._adapt_response)
        except ServiceError as error:
            self._problem = str(error)
        profile = getattr(self._model, "profile", None) or {}
        self.takes_images = profile.get("image_inputs") is not False

    @property
    def model(self) -> BaseChatModel:
        """LangChain's chat model.

        Raises:
            ServiceError: if it could not be set up.
        """
        if self._model is None:
            raise ServiceError(self._problem)
        return self._model

    def reply(
        self, prompt: Prompt, schema: type[BaseModel] | None = None, watch: Watch | None = None
    ) -> str:
        prompt_text = "\n".join((prompt.system, prompt.user, *map("\n".join, prompt.turns)))
        return self.call(
            prompt_text, lambda limit: self._attempt(prompt, prompt_text, schema, watch, limit)
        )

    def call(self, prompt_text: str, attempt: Callable[[Mapping[str, int]], T]) -> T:
        """Call `model` through a function of the caller, within timeout and caps, with retries.

        Args:
            prompt_text: everything that is sent, for the caps on tokens and money.
            attempt: calls the model once with the given options, and records the cost in `meter`.

        Raises:
            ServiceError: see `ChatClient.reply`.
        """
        from tenacity import Retrying, retry_if_exception, stop_after_attempt

        room = self.meter.room(prompt_text)
        deadline = self._call.deadline = time.monotonic() + self._timeout
        retrying = Retrying(
            retry=retry_if_exception(lambda error: _may_retry(error, self._address, deadline)),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=_wait,
            reraise=True,
        )
        limit = {"max_tokens": room} if self.speaks_openai else {}
        with mapped_errors(self.name, self._address, self._timeout):
            return retrying(lambda: self._in_dialect(attempt, limit))

    def _in_dialect(self, attempt: Callable[[Mapping[str, int]], T], limit: Mapping[str, int]) -> T:
        """Try, and retry without each part of the request that the server rejects."""
        for _ in range(MOST_STEPS):
            try:
                return attempt(limit)
            except Exception as error:
                if time.monotonic() > self._call.deadline or not self._dialect.learn(error):
                    raise
        return attempt(limit)

    @property
    def host(self) -> str:
        """Host of the server; empty if unknown."""
        return httpx2.URL(self._address).host

    def is_listed(self, seconds: float) -> bool:
        """Check whether an OpenAI-compatible server lists this model.

        Raises:
            ServiceError: if the server does not answer within `seconds`.
        """
        client: Any = self.model
        self._call.deadline = time.monotonic() + seconds
        with mapped_errors(self.host, self._address, seconds):
            models = _models_of(client.root_client, seconds)
        name = self.name.partition(":")[2]
        return any(f'"{spelling}"' in models for spelling in (name, f"{name}:latest"))

    def _attempt(
        self,
        prompt: Prompt,
        prompt_text: str,
        schema: type[BaseModel] | None,
        watch: Watch | None,
        limit: Mapping[str, int],
    ) -> str:
        text, last = "", None
        try:
            for piece in self._asking(schema, limit).stream(messages_of(prompt)):
                whole = isinstance(piece, dict)  # other providers return a mapping at the end
                chunk = piece.get("raw") if whole else piece
                if chunk is None:
                    continue
                text += chunk.text
                last = chunk if last is None or whole else last + chunk
                if len(text) > MOST_CHARACTERS:
                    raise Unusable(f"{self.name}: the reply exceeds {MOST_CHARACTERS:,} characters")
                if chunk.text and time.monotonic() > self._call.deadline:
                    raise TimeoutError
                if watch and text:
                    watch(text)
        except ServiceError:
            raise
        except Exception as error:
            if last is None:
                raise
            self._check_end(text, schema, last, error)
        finally:
            if last is not None:  # incomplete replies cost as well
                usage = getattr(last, "usage_metadata", None)
                tokens = (usage["input_tokens"], usage["output_tokens"]) if usage else None
                self.meter.add(prompt_text, text, tokens)
        if schema is not None and not text and (calls := getattr(last, "tool_calls", None)):
            text = json.dumps(calls[0]["args"], ensure_ascii=False)
        self._check_end(text, schema, last)
        return text if schema is not None else without_thoughts(text)

    def _asking(self, schema: type[BaseModel] | None, limit: Mapping[str, int]) -> Any:
        """Return the model bound to the schema and the token limit."""
        if schema is None:
            return self.model.bind(**limit)
        if self.speaks_openai:
            # Bypass LangChain's parser, which accepts only OpenAI's own replies.
            form = {"response_format": response_format(schema)}
            return self.model.bind(extra_body=form, **limit)
        return self.model.with_structured_output(schema.model_json_schema(), include_raw=True)

    def _check_end(
        self, text: str, schema: type[BaseModel] | None, last: Any, broken: Exception | None = None
    ) -> None:
        """Check that the reply is complete; a complete object is, whatever ended the reply.

        Args:
            broken: the error that interrupted the reply.

        Raises:
            Refused: if the model, or a filter of its service, refused to answer.
            Unusable: if the reply was cut off, or contains only reasoning.
        """
        refusal = (getattr(last, "additional_kwargs", None) or {}).get("refusal")
        reason = (getattr(last, "response_metadata", None) or {}).get("finish_reason")
        if refusal or reason == "refusal":
            raise Refused(f"{self.name} refused to answer")
        if reason == "content_filter":
            raise Refused(f"{self.name} refused to answer: a content filter stopped the reply")
        if schema is not None and holds_object(text, schema):
            return
        has_answer = bool(without_thoughts(text))
        if reason == "length" and not has_answer:
            raise Unusable(
                f"{self.name}: the whole reply was reasoning, without an answer; choose a model "
                "that reasons less, or raise --max-tokens if it is set"
            )
        if reason == "length":
            raise Unusable(f"{self.name}: the reply was cut off at its token limit")
        if broken and fault_of(broken, self._address, self._timeout).passing:
            raise Unusable(
                f"{self.name}: the reply was cut off when the connection broke"
            ) from broken
        if broken:
            raise broken
        if self.speaks_openai and reason is None:
            raise Unusable(f"{self.name}: the reply was cut off when the connection ended early")
        if schema is None and not has_answer:
            raise Unusable(f"{self.name}: the reply is empty")
        if schema is not None and self.speaks_openai:
            self._dialect.learn_from_reply()

    def _adapt_response(self, response: httpx2.Response) -> None:
        """Limit a response in time and size, and convert it to OpenAI's format."""
        response.stream = _limit_stream(response.stream, self._call.deadline)
        compatible.adapt(response)


def _models_of(client: Any, seconds: float) -> str:
    """Return a server's response to a request for its models."""
    try:
        text = client.get("/models", cast_to=httpx2.Response, options={"timeout": seconds}).text
    except Exception as error:
        if getattr(error, "status_code", None) == 404:
            raise compatible.NoReplyError(
                f"the server has no list of models (404); {compatible.NO_INTERFACE}"
            ) from error
        raise
    compatible.refuse_web_page(text)
    return str(text)


def _limit_stream(stream: Any, deadline: float) -> Any:
    """Limit the bytes of a response in time and number.

    The client's timeout applies only to each read: a server that sends a byte now and then would
    never exceed it.
    """

    class LimitedStream(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            read = 0
            for piece in stream:
                read += len(piece)
                if read > _MOST_BYTES:
                    raise Unusable(f"the response exceeds {_MOST_BYTES:,} bytes")
                if time.monotonic() > deadline:
                    raise TimeoutError
                yield piece

        def close(self) -> None:
            stream.close()

    return LimitedStream()


def response_format(schema: type[BaseModel]) -> dict[str, Any]:
    """Return the schema as a strict response format of OpenAI's protocol."""
    form = {"name": schema.__name__, "schema": schema.model_json_schema(), "strict": True}
    return {"type": "json_schema", "json_schema": form}


def messages_of(prompt: Prompt) -> list[BaseMessage]:
    """Convert a prompt to LangChain messages; pictures are content blocks of the user message."""
    import base64

    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    content: list[str | dict[str, Any]] = [{"type": "text", "text": prompt.user}]
    for image in prompt.images:
        data = base64.b64encode(image).decode()
        content.append({"type": "image", "base64": data, "mime_type": "image/png"})
    messages: list[BaseMessage] = [SystemMessage(prompt.system)] if prompt.system else []
    messages.append(HumanMessage(content if prompt.images else prompt.user))
    for reply, complaint in prompt.turns:
        messages += [AIMessage(reply), HumanMessage(complaint)]
    return messages


# --- retries ---------------------------------------------------------------------------------


def _may_retry(error: BaseException, address: str, deadline: float) -> bool:
    """Check whether a retry may succeed before the deadline."""
    return time.monotonic() + _retry_after(error) < deadline and fault_of(error, address).passing


def _retry_after(error: BaseException) -> float:
    """Return the seconds that the service asks clients to wait."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", 0)))
    except ValueError:
        return 0.0


def _wait(state: RetryCallState) -> float:
    """Return the wait before a retry: as the service asks, else exponential with random jitter."""
    import random

    error = state.outcome.exception() if state.outcome else None
    seconds = _retry_after(error) if error else 0.0
    return seconds or random.uniform(0.5, 1.0) * 0.5 * 2 ** (state.attempt_number - 1)
