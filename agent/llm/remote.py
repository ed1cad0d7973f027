"""A `ChatClient` over the network: LangChain's chat models, OpenAI's Chat Completions first of all.

The only module that knows LangChain and OpenAI, which are loaded when it is first used. Whatever a
provider raises becomes a `ServiceError` here, without the key and at one place.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

from agent.errors import ConfigError, ServiceError
from agent.llm.client import MOST_CHARACTERS, Refused, Unusable, Watch
from agent.llm.model_name import split_name
from agent.llm.prompts import Prompt
from agent.llm.redaction import REMOVED, without_keys
from agent.llm.spending import Meter
from agent.references import references_in
from agent.settings import Settings
from agent.text import visible

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from tenacity import RetryCallState

T = TypeVar("T")

_ATTEMPTS = 3
_MOST_BYTES = 16_000_000
"""Of one response, with all that the protocol adds to the text."""
_MOST_SHOWN = 300
_CONNECTING = 10.0
_TRANSIENT = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
#: What services show of a key in their messages, masked or not.
_SECRET = re.compile(r"\b(?:sk|gsk|xai|key|pk)-[\w*-]{6,}|\bBearer\s+\S+", re.IGNORECASE)
_PACKAGES = {
    "anthropic": "langchain-anthropic",
    "azure_ai": "langchain-azure-ai",
    "bedrock": "langchain-aws",
    "bedrock_converse": "langchain-aws",
    "cohere": "langchain-cohere",
    "deepseek": "langchain-deepseek",
    "fireworks": "langchain-fireworks",
    "google_genai": "langchain-google-genai",
    "google_vertexai": "langchain-google-vertexai",
    "groq": "langchain-groq",
    "huggingface": "langchain-huggingface",
    "ibm": "langchain-ibm",
    "mistralai": "langchain-mistralai",
    "nvidia": "langchain-nvidia-ai-endpoints",
    "ollama": "langchain-ollama",
    "openai": "langchain-openai",
    "openrouter": "langchain-openrouter",
    "perplexity": "langchain-perplexity",
    "together": "langchain-together",
    "xai": "langchain-xai",
}


class Remote:
    """A model that is asked over the network."""

    def __init__(self, settings: Settings, meter: Meter) -> None:
        """Set the model up; nothing is called yet.

        Raises:
            ConfigError: for an unknown provider, a missing package or key.
        """
        self._provider, name = split_name(settings.model or "")
        self._timeout = settings.timeout
        self._call = threading.local()
        self.name = f"{self._provider}:{name}"
        self.meter = meter
        self.model = chat_model(settings, self._bound)
        profile = getattr(self.model, "profile", None) or {}
        self.takes_images = profile.get("image_inputs") is not False

    def reply(
        self, prompt: Prompt, schema: type[BaseModel] | None = None, watch: Watch | None = None
    ) -> str:
        asked = "\n".join((prompt.system, prompt.user, *map("\n".join, prompt.turns)))
        return self.call(asked, lambda limit: self._attempt(prompt, asked, schema, watch, limit))

    def call(self, asked: str, attempt: Callable[[Mapping[str, int]], T]) -> T:
        """Ask `model` in a way of the caller's own, within time-out and caps, retried.

        Args:
            asked: all that is sent, for the caps on tokens and money.
            attempt: asks once, with these options of a call, and notes what it cost in `meter`.

        Raises:
            ServiceError: see `ChatClient.reply`.
        """
        from tenacity import Retrying, retry_if_exception, stop_after_attempt

        room = self.meter.room(asked)
        deadline = self._call.deadline = time.monotonic() + self._timeout
        retrying = Retrying(
            retry=retry_if_exception(lambda error: _may_retry(error, deadline)),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=_wait,
            reraise=True,
        )
        limit = {"max_tokens": room} if self._provider == "openai" else {}
        with mapped_errors(self.name, self._timeout):
            return retrying(attempt, limit)

    def _attempt(
        self,
        prompt: Prompt,
        asked: str,
        schema: type[BaseModel] | None,
        watch: Watch | None,
        limit: Mapping[str, int],
    ) -> str:
        model: Any = self.model.bind(**limit) if limit else self.model
        if schema is not None and self._provider == "openai":
            model = self.model.bind(response_format=response_format(schema), **limit)
        elif schema is not None:
            model = self.model.with_structured_output(schema.model_json_schema(), include_raw=True)
        text, last = "", None
        try:
            for piece in model.stream(messages_of(prompt)):
                whole = isinstance(piece, dict)  # other providers give it at the end, in a mapping
                chunk = piece.get("raw") if whole else piece
                if chunk is None:
                    continue
                text += chunk.text
                last = chunk if last is None or whole else last + chunk
                if len(text) > MOST_CHARACTERS:
                    raise Unusable(f"{self.name}: more than {MOST_CHARACTERS:,} characters; cut")
                if time.monotonic() > self._call.deadline:
                    raise TimeoutError
                if watch and text:
                    watch(text)
        finally:
            if last is not None:  # what did not come to its end was paid for all the same
                usage = getattr(last, "usage_metadata", None)
                counted = (usage["input_tokens"], usage["output_tokens"]) if usage else None
                self.meter.add(asked, text, counted)
        if schema is not None and not text and (calls := getattr(last, "tool_calls", None)):
            text = json.dumps(calls[0]["args"], ensure_ascii=False)
        self._check_end(last)
        return text

    def _check_end(self, last: Any) -> None:
        """Whether the model came to an end of its own.

        Raises:
            Refused: when it, or a filter of its service, would not answer.
            Unusable: when the reply was cut.
        """
        refusal = (getattr(last, "additional_kwargs", None) or {}).get("refusal")
        if refusal:
            raise Refused(f"{self.name} refused to answer")
        reason = (getattr(last, "response_metadata", None) or {}).get("finish_reason")
        if reason == "content_filter":
            raise Refused(f"{self.name} refused to answer: its content filter stopped the reply")
        if reason == "length":
            raise Unusable(f"{self.name}: the reply was cut off at its most tokens")
        if self._provider == "openai" and reason is None:
            raise Unusable(f"{self.name}: the reply was cut off, the connection ended before it")

    def _bound(self, response: Any) -> None:
        """Keep a response from taking longer, or more memory, than it may."""
        response.stream = _bounded(response.stream, self._call.deadline)


def _bounded(stream: Any, deadline: float) -> Any:
    """The bytes of a response, up to a point in time and to a number of them.

    A time-out of the client is for each read alone: a server that sends a byte now and then would
    never meet it.
    """
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            read = 0
            for piece in stream:
                read += len(piece)
                if read > _MOST_BYTES:
                    raise Unusable(f"a response of more than {_MOST_BYTES:,} bytes; cut off")
                if time.monotonic() > deadline:
                    raise TimeoutError
                yield piece

        def close(self) -> None:
            stream.close()

    return Bounded()


# --- setting up ---------------------------------------------------------------------------------


def chat_model(settings: Settings, bound: Any = None) -> BaseChatModel:
    """LangChain's chat model of that name, with time-out, rate limit and counted streams.

    Args:
        bound: called with every response before its content is read (OpenAI's protocol alone).

    Raises:
        ConfigError: for an unknown provider, a missing package or key.
    """
    from langchain.chat_models import init_chat_model
    from langchain_core.rate_limiters import InMemoryRateLimiter

    provider, name = split_name(settings.model or "")
    options: dict[str, Any] = {"timeout": settings.timeout, "max_retries": 0}
    if settings.rate is not None:
        options["rate_limiter"] = InMemoryRateLimiter(
            requests_per_second=settings.rate / 60, check_every_n_seconds=0.05
        )
    if provider == "openai":
        options |= _openai_options(settings, bound)
    try:
        model = init_chat_model(name, model_provider=provider, **options)
    except ImportError as error:
        package = _PACKAGES.get(provider, f"langchain-{provider.replace('_', '-')}")
        raise ConfigError(
            f"the model {settings.model!r} needs a package that is not installed; install it with: "
            f"pip install {package}"
        ) from error
    except ValueError as error:
        known = ", ".join(sorted(_PACKAGES))
        if "provider" in str(error).lower():
            message = f"there is no provider {provider!r}; expected one of {known}"
        else:
            message = f"the model {settings.model!r} cannot be set up: {scrubbed(str(error))}"
        raise ConfigError(message) from error
    except Exception as error:
        raise ConfigError(
            f"the model {settings.model!r} cannot be set up: {scrubbed(str(error))}"
        ) from error
    return cast("BaseChatModel", model)


def _openai_options(settings: Settings, bound: Any) -> dict[str, Any]:
    """Chat Completions, which compatible servers speak, and a count of tokens in streams."""
    if importlib.util.find_spec("langchain_openai") is None:
        raise ConfigError(
            "models of OpenAI need a package that is not installed; install it with: "
            "pip install langchain-openai"
        )
    import httpx2

    key = os.environ.get("OPENAI_API_KEY")
    if not key and not settings.base_url:
        raise ConfigError(
            "OPENAI_API_KEY is not set; set it, or OPENAI_BASE_URL to a server of your own, or "
            "leave the model out"
        )
    timeout = httpx2.Timeout(settings.timeout, connect=min(_CONNECTING, settings.timeout))
    hooks = {"response": [bound]} if bound else {}
    options: dict[str, Any] = {
        "stream_usage": True,
        "use_responses_api": False,
        "api_key": key or "none",
        "http_client": httpx2.Client(timeout=timeout, event_hooks=hooks, follow_redirects=False),
    }
    return options | ({"base_url": settings.base_url} if settings.base_url else {})


def response_format(schema: type[BaseModel]) -> dict[str, Any]:
    """The schema as OpenAI's protocol takes it, to be kept to strictly."""
    form = {"name": schema.__name__, "schema": schema.model_json_schema(), "strict": True}
    return {"type": "json_schema", "json_schema": form}


def messages_of(prompt: Prompt) -> list[BaseMessage]:
    """The prompt as LangChain's messages, pictures as content blocks of the user's."""
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


# --- what goes wrong ----------------------------------------------------------------------------


@contextmanager
def mapped_errors(name: str, timeout: float) -> Iterator[None]:
    """Whatever a provider raises, as a `ServiceError` whose message a person can act on."""
    try:
        yield
    except (ServiceError, ConfigError):
        raise
    except Exception as error:
        if type(error).__name__ == "LengthFinishReasonError":
            raise Unusable(f"{name}: the reply was cut off at its most tokens") from error
        if type(error).__name__ == "ContentFilterFinishReasonError":
            raise Refused(f"{name} refused to answer: its content filter stopped it") from error
        raise ServiceError(_message(error, name, timeout)) from error


def _message(error: Exception, name: str, timeout: float) -> str:
    status = getattr(error, "status_code", None)
    if status == 401:
        return f"{name}: the key was refused (401); check it, for OpenAI in OPENAI_API_KEY"
    if status == 403:
        return f"{name}: the key may not use this model (403); use another one"
    if status == 404:
        return f"{name}: there is no such model there (404); check its name and OPENAI_BASE_URL"
    if status == 429:
        return (
            f"{name}: too many requests, or no credit left (429), after retries; wait, or ask less "
            "often with --rate"
        )
    if status is not None:
        return f"{name}: the service answered with an error ({status}): {scrubbed(str(error))}"
    if _is_timeout(error):
        return f"{name}: no complete answer within {timeout:g} s; raise --timeout, or try later"
    if _is_connection(error):
        return f"{name}: cannot be reached, or broke off; check the network and OPENAI_BASE_URL"
    return f"{name}: failed with {type(error).__name__}: {scrubbed(str(error))}"


def scrubbed(text: str) -> str:
    """One short line without anything that is, or looks like, a key or a reference.

    What a service says may end up in a report, which holds references of the registry alone.
    """
    shown = _SECRET.sub(REMOVED, without_keys(text))
    line = visible(" ".join(shown.split()))[:_MOST_SHOWN]
    return "details withheld, since they hold a link" if references_in(line) else line


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_timeout(error: BaseException) -> bool:
    return any("Timeout" in type(cause).__name__ for cause in _causes(error))


def _is_connection(error: BaseException) -> bool:
    kinds = ("Connect", "Protocol", "Network", "ReadError", "RemoteProtocol")
    return any(kind in type(cause).__name__ for cause in _causes(error) for kind in kinds)


def _may_retry(error: BaseException, deadline: float) -> bool:
    """Whether it may be otherwise in a moment, before the deadline.

    A reply that took too long would do so again, and a model that answered has answered.
    """
    if time.monotonic() + _told_wait(error) >= deadline:
        return False
    if isinstance(error, ServiceError) or _is_timeout(error):
        return False
    status = getattr(error, "status_code", None)
    return status in _TRANSIENT if status is not None else _is_connection(error)


def _told_wait(error: BaseException) -> float:
    """Seconds that the service asks to be left alone for."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", 0)))
    except ValueError:
        return 0.0


def _wait(state: RetryCallState) -> float:
    """As the service asks, else twice as long each time, with chance so that clients spread."""
    import random

    error = state.outcome.exception() if state.outcome else None
    told = _told_wait(error) if error else 0.0
    return told or random.uniform(0.5, 1.0) * 0.5 * 2 ** (state.attempt_number - 1)
