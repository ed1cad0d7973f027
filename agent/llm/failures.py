"""Diagnosis of failed calls to a language model: what is really at fault, and what to do."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from agent.errors import ConfigError, ServiceError
from agent.llm.client import Refused, Unusable
from agent.llm.compatible import MOST_QUOTED, NoReplyError, is_web_page
from agent.llm.model_name import unknown_provider
from agent.llm.redaction import PLACEHOLDER, without_keys
from agent.references import without_references
from agent.text import visible

OPENAI_PROXY = "OPENAI_PROXY"
"""Environment variable of a proxy for OpenAI's protocol only."""
_MOST_SHOWN = 300
_TRANSIENT = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
#: Keys as services show them in error messages, masked or not.
_SECRET = re.compile(r"\b(?:sk|gsk|xai|key|pk)-[\w*-]{6,}|\bBearer\s+\S+", re.IGNORECASE)
#: Environment variables whose values are sent in request headers.
_HEADER_VARIABLES = re.compile(r"(?:KEY|TOKEN)$|^OPENAI_(?:ORG|PROJECT|CUSTOM_HEADERS)")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_STATUSES = {
    401: "the key was rejected (401); check it (for OpenAI, OPENAI_API_KEY)",
    403: "the key may not use this model (403); use another model or key",
    404: "the service has no such model (404); check its name and OPENAI_BASE_URL",
    407: "the proxy requires a login (407); add user and password to the variable that names it",
    429: "too many requests, or no credit left (429), after retries; wait, or ask less often with "
    "--rate",
}


class Fault(NamedTuple):
    """The reason why a model did not answer."""

    text: str
    """What happened and what to do, on one line, without the model's name."""
    passing: bool = False
    """Whether the fault may pass by itself."""


@contextmanager
def mapped_errors(name: str, address: str, timeout: float) -> Iterator[None]:
    """Turn any error of a provider into a `ServiceError` with a message that a person can act on.

    Args:
        name: name of the model, which begins the message.
        address: address of the server; empty if unknown.
        timeout: seconds allowed for a reply.
    """
    try:
        yield
    except (ServiceError, ConfigError):
        raise
    except Exception as error:
        if type(error).__name__ == "LengthFinishReasonError":
            raise Unusable(f"{name}: the reply was cut off at its token limit") from error
        if type(error).__name__ == "ContentFilterFinishReasonError":
            raise Refused(f"{name} refused to answer: a content filter stopped it") from error
        text = fault_of(error, address, timeout).text
        if getattr(error, "status_code", None) == 404 and (
            unknown := unknown_provider(name.partition(":")[2])
        ):
            text = f"{text}; {unknown}"
        raise ServiceError(f"{name}: {scrub(text)}") from error


def fault_of(error: BaseException, address: str, timeout: float = 0.0) -> Fault:
    """Diagnose the error that a call raised."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, NoReplyError | ServiceError):
            return Fault(str(cause))
    status = getattr(error, "status_code", None)
    if status is not None:
        return _refusal(status, error)
    return (
        _header_fault(causes)
        or _certificate_fault(causes)
        or _timeout_fault(causes, timeout)
        or _connection_fault(causes, address)
        or Fault(
            f"failed with {type(error).__name__}{f': {error}' if str(error) else ''}; try another "
            "model, or leave the model out"
        )
    )


def scrub(text: str) -> str:
    """Reduce a text to one short line without keys, references, or anything that looks like them.

    A service's message may end up in a report, which has only references from the registry.
    """
    clean = _SECRET.sub(PLACEHOLDER, without_keys(text))
    return visible(without_references(clean))[:_MOST_SHOWN]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    ids: set[int] = set()
    while error is not None and id(error) not in ids:
        ids.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _has_cause(causes: list[BaseException], *parts: str) -> bool:
    """Check causes by class name, since providers have their own classes of the same names."""
    return any(part in type(cause).__name__ for cause in causes for part in parts)


# --- while calling ------------------------------------------------------------------------------


def _refusal(status: int, error: BaseException) -> Fault:
    again = status in _TRANSIENT
    if status in _STATUSES:
        return Fault(_STATUSES[status], again)
    if 300 <= status < 400:
        return Fault(
            f"the server redirects elsewhere ({status}); set OPENAI_BASE_URL to the new address, "
            "often the same with https"
        )
    detail = re.sub(r"^Error code: \d+(?: - )?", "", str(error)).strip()
    detail = f": {detail[:MOST_QUOTED]}" if detail and not is_web_page(detail) else ""
    remedy = "try again later" if status >= 500 else "use another model, or leave the model out"
    return Fault(f"the service answered with an error ({status}){detail}; {remedy}", again)


def _header_fault(causes: list[BaseException]) -> Fault | None:
    """Diagnose a key or another header value with a character that cannot be sent."""
    if not _has_cause(causes, "LocalProtocolError", "UnicodeEncodeError"):
        return None
    for name, value in sorted(os.environ.items()):
        if _HEADER_VARIABLES.search(name) and (problem := bad_character(value)):
            return Fault(f"{name} contains {problem}; copy it again")
    return Fault("a key or a header contains a character that cannot be sent; copy the key again")


def bad_character(key: str) -> str | None:
    """Describe the first character that no key may contain; None if there is none."""
    for at, character in enumerate(key, 1):
        if not "!" <= character <= "~":
            glyph = character if character.isprintable() and character.strip() else ""
            return f"a character that keys never have (U+{ord(character):04X} {glyph}".rstrip() + (
                f", character {at} of {len(key)})"
            )
    return None


def _certificate_fault(causes: list[BaseException]) -> Fault | None:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message or str(cause)
            if "valid for" in why or "match" in why:
                remedy = "use the server name of the certificate in OPENAI_BASE_URL"
            elif "expired" in why or "not yet" in why:
                remedy = "check the clock, or renew the certificate"
            else:
                remedy = "if you trust it, set SSL_CERT_FILE to a file with the certificate"
            return Fault(f"the certificate of the server is not trusted ({why}); {remedy}")
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            reason = (cause.reason or str(cause)).replace("_", " ").lower()
            if reason in ("wrong version number", "record layer failure", "http request"):
                return Fault(
                    "the server does not use TLS; in OPENAI_BASE_URL, write http instead of https"
                )
            return Fault(f"no secure connection ({reason}); check OPENAI_BASE_URL and the server")
    return None


def _timeout_fault(causes: list[BaseException], timeout: float) -> Fault | None:
    if _has_cause(causes, "ConnectTimeout"):
        return Fault("cannot be reached in time; check the network and the address of the server")
    if _has_cause(causes, "Timeout"):
        return Fault(f"no complete answer within {timeout:g} s; raise --timeout, or retry later")
    return None


def _connection_fault(causes: list[BaseException], address: str) -> Fault | None:
    kinds = ("Connect", "Protocol", "Network", "ReadError", "WriteError", "Proxy", "Decoding")
    if not _has_cause(causes, *kinds):
        return None
    setting = "OPENAI_BASE_URL" if address else "the address of the service"
    if _has_cause(causes, "ConnectError", "ProxyError") and (proxy := proxy_of(address)):
        variable, host = proxy
        return Fault(
            f"cannot be reached through the proxy {host} (from {variable}); check the proxy, or "
            "set NO_PROXY to the host of the model",
            passing=True,
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Fault(
            f"cannot be reached: the host is unknown; check the network and {setting}",
            passing=True,
        )
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Fault(
            f"cannot be reached: the connection was refused; start the server, or check {setting}",
            passing=True,
        )
    return Fault(f"cannot be reached, or disconnected; check the network and {setting}", True)


# --- while setting up ---------------------------------------------------------------------------


def address_problem(address: str, printable: str) -> str | None:
    """Return what is wrong with the address of a server, and what to do; None if it is valid.

    Args:
        printable: the address without a password.
    """
    printable = f"the address {printable!r} (OPENAI_BASE_URL or --base-url)"
    try:
        parts = urlsplit(address)
        fits = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return f"{printable} is malformed; expected a host and a port between 1 and 65535"
    if parts.scheme.lower() not in ("http", "https") or "//" not in address:
        return f"{printable} does not begin with http:// or https://; put that before it"
    if not fits or any(character.isspace() for character in address):
        return f"{printable} has no host; expected one after http:// or https://, as in a browser"
    return None


def environment_problem() -> str | None:
    """Return what is wrong with proxies or certificates in the environment, and what to do."""
    return _bad_proxy() or _bad_certificates()


def proxy_of(address: str) -> tuple[str, str] | None:
    """Return the variable that sets the proxy for an address, and the proxy without password."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    proxy = next(_proxies(parts.scheme, "all"), None) if host else None
    if proxy is None or (proxy[0] != OPENAI_PROXY and proxy_bypass(host or "")):
        return None
    return proxy[0], _without_login(proxy[1])


def _proxies(*schemes: str) -> Iterator[tuple[str, str]]:
    """Yield variables that set a proxy, with the proxy, in order of precedence."""
    if proxy := os.environ.get(OPENAI_PROXY):
        yield OPENAI_PROXY, proxy
    proxies = getproxies()
    for scheme in schemes:
        if proxy := proxies.get(scheme):
            name = f"{scheme}_proxy"
            yield next((n for n in (name, name.upper()) if os.environ.get(n)), name.upper()), proxy


def _bad_proxy() -> str | None:
    for variable, proxy in _proxies("http", "https", "all"):
        url = proxy if "://" in proxy else f"http://{proxy}"
        lead = f"{variable} sets the proxy {_without_login(proxy)}"
        try:
            httpx2.Client(proxy=url, trust_env=False, verify=False).close()
        except ImportError:
            return (
                f"{lead}, but SOCKS needs a package that is not installed; run: pip install "
                "socksio, or set NO_PROXY to the host of the model"
            )
        except (ValueError, httpx2.InvalidURL):
            return f"{lead}, which is malformed; expected http:// before a host and a port"
    return None


def _bad_certificates() -> str | None:
    for name in _CERTIFICATES:
        value = os.environ.get(name)
        if not value:
            continue
        lead = f"{name} is set to {Path(value).absolute()}"
        folder = name.endswith("DIR")
        if folder and not Path(value).is_dir():
            return f"{lead}, which is not a folder; correct it, or unset it"
        try:
            ssl.create_default_context(
                capath=value if folder else None, cafile=None if folder else value
            )
        except FileNotFoundError:
            return f"{lead}, which does not exist; correct it, or unset it"
        except ssl.SSLError:
            return f"{lead}, which contains no certificates; name a PEM file, or unset it"
        except OSError as error:
            return f"{lead}, which cannot be read ({error.strerror}); correct it, or unset it"
    return None


def _without_login(proxy: str) -> str:
    scheme, colon, rest = proxy.rpartition("://")
    host = rest.rpartition("@")[2].rstrip("/")
    return host if scheme in ("http", "https") else f"{scheme}{colon}{host}"
