"""Setup of LangChain's chat models, with our own connection for OpenAI's protocol."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import httpx2
from pydantic import ValidationError

from agent.errors import ConfigError, ServiceError
from agent.llm.dialect import Dialect
from agent.llm.failures import (
    OPENAI_PROXY,
    address_problem,
    bad_character,
    environment_problem,
    scrub,
)
from agent.llm.model_name import PACKAGES, split_name, unknown_provider
from agent.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

OPENAI = "https://api.openai.com/v1"
_CONNECTING = 10.0
#: Providers whose clients speak OpenAI's protocol over a connection that we pass in.
_OPENAI_PROTOCOL = ("openai", "azure_openai")
_LIBRARIES = ("langchain", "langchain_core", "langchain_openai", "openai", "httpx2", "httpx")

Hook = Callable[[httpx2.Response], None]


class _Client(httpx2.Client):
    """An HTTP client that sends requests in the dialect of the server."""

    def __init__(self, dialect: Dialect, **options: Any) -> None:
        super().__init__(**options)
        self._dialect = dialect

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        return super().send(self._dialect.adapt(request), **options)


def chat_model(settings: Settings, dialect: Dialect, hook: Hook) -> BaseChatModel:
    """Set up LangChain's chat model of the settings, with timeout, rate limit and token counts.

    Args:
        dialect: the part of OpenAI's protocol that the server accepts; unused for other protocols.
        hook: called with every response before its content is read (OpenAI's protocol only).

    Raises:
        ConfigError: if the package of the provider is not installed.
        ServiceError: if it cannot be set up for another reason: a key, an address, a proxy, a
            certificate.
    """
    _keep_libraries_quiet()
    try:
        return _build(settings, dialect, hook)
    except (ConfigError, ServiceError):
        raise
    except Exception as error:
        if problem := environment_problem():
            raise ServiceError(problem_of(settings, problem)) from error
        if isinstance(error, ImportError):
            package = PACKAGES[split_name(settings.model or "")[0]]
            raise ConfigError(
                f"the model {settings.model!r} needs a package that is not installed; run: pip "
                f"install {package}"
            ) from error
        raise ServiceError(problem_of(settings, _words_of(error))) from error


def problem_of(settings: Settings, problem: str) -> str:
    """Return the one-line error message for a model that cannot be set up."""
    provider, name = split_name(settings.model or "")
    return f"{provider}:{name} cannot be set up: {scrub(problem)}"


def _build(settings: Settings, dialect: Dialect, hook: Hook) -> BaseChatModel:
    from langchain.chat_models import init_chat_model
    from langchain_core.rate_limiters import InMemoryRateLimiter

    provider, name = split_name(settings.model or "")
    options: dict[str, Any] = {"timeout": settings.timeout, "max_retries": 0}
    if settings.rate is not None:
        options["rate_limiter"] = InMemoryRateLimiter(
            requests_per_second=settings.rate / 60, check_every_n_seconds=0.05
        )
    if provider in _OPENAI_PROTOCOL:
        options |= _connection(settings, dialect, hook)
    if provider == "openai":
        options |= _openai_options(settings)
    return cast("BaseChatModel", init_chat_model(name, model_provider=provider, **options))


def _connection(settings: Settings, dialect: Dialect, hook: Hook) -> dict[str, Any]:
    """Return a connection with our timeout, and the async one that LangChain would else create."""
    timeout = httpx2.Timeout(settings.timeout, connect=min(_CONNECTING, settings.timeout))
    proxy = os.environ.get(OPENAI_PROXY) or None
    verify = httpx2.create_ssl_context()
    return {
        "stream_usage": True,
        "openai_proxy": "",
        "http_client": _Client(
            dialect,
            timeout=timeout,
            event_hooks={"response": [hook]},
            follow_redirects=False,
            proxy=proxy,
            verify=verify,
        ),
        "http_async_client": httpx2.AsyncClient(timeout=timeout, proxy=proxy, verify=verify),
    }


def _openai_options(settings: Settings) -> dict[str, Any]:
    """Return options for Chat Completions, which compatible servers speak, with key and address.

    Raises:
        ServiceError: if the key or the address is invalid.
    """
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    address = (settings.base_url or "").strip()
    problem = None
    if address:
        problem = address_problem(address, settings.server or address)
    elif not key:
        problem = (
            "OPENAI_API_KEY is not set; set it, or set OPENAI_BASE_URL to your own server, or "
            "leave the model out"
        )
        if unknown := unknown_provider(settings.model or ""):
            problem = f"{unknown}, and {problem}"
    if wrong := bad_character(key):
        problem = f"OPENAI_API_KEY contains {wrong}; copy it again"
    if problem:
        raise ServiceError(problem_of(settings, problem))
    options: dict[str, Any] = {"use_responses_api": False, "api_key": key or "none"}
    if not address and "OPENAI_BASE_URL" in os.environ:  # OpenAI's client would use ""
        address = OPENAI
    return options | ({"base_url": address} if address else {})


def _words_of(error: Exception) -> str:
    """Return a library's error message without input values, which may include keys."""
    if isinstance(error, ValidationError):
        errors = error.errors(include_url=False, include_input=False, include_context=False)
        return "; ".join(item["msg"].removeprefix("Value error, ") for item in errors)
    return str(error) or type(error).__name__


def _keep_libraries_quiet() -> None:
    """Keep messages for programmers off standard error; a requested log still gets them."""
    warnings.filterwarnings("ignore", module="langchain")
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            logger.addHandler(logging.NullHandler())
