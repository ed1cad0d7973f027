"""Access control: checks of host, origin and credentials before any route, as pure ASGI."""

from __future__ import annotations

import base64
import binascii
import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.failures import Failure, first_segment, response_to
from agent.web.options import LOOPBACK, ServerOptions

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: Addresses that mean every address of the machine.
_ANY = frozenset({"0.0.0.0", "::"})
#: Headers of every response, unless its route sets them itself.
_SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; form-action 'self'; img-src 'self' data: blob:; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Admits requests from this server's own pages and from authorised programs."""

    def __init__(self, app: ASGIApp, options: ServerOptions) -> None:
        self._app = app
        self._options = options
        self._names = {name.lower() for name in (*LOOPBACK, options.host, *options.names)}
        self._secrets = [secret for secret in (options.token, options.password) if secret]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        failure = self._failure(scope)
        app = response_to(scope, failure) if failure else self._app
        await app(scope, receive, send_with_headers)

    def _failure(self, scope: Scope) -> Failure | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_own(_hostname(hosts[0])):
            return Failure(
                400,
                "the Host header names another machine; to accept it, start the server with "
                "--name NAME",
            )
        has_token = self._has_token(headers)
        if not has_token and _is_foreign(scope, headers):
            return Failure(403, "this server refuses requests from pages of other sites")
        if not self._secrets or has_token or scope["path"] == "/healthz":
            return None
        if self._has_password(headers):
            return None
        challenge = {"WWW-Authenticate": 'Basic realm="Groundglass"'}  # makes browsers ask for it
        return Failure(401, "this server requires its token or its password", challenge)

    def _is_own(self, host: str | None) -> bool:
        """Check whether a name belongs to this server.

        Another site can point its name at this machine (DNS rebinding), but it cannot pass itself
        off as an IP address: those are the server's own if it listens on all of them.
        """
        return host in self._names or (self._options.host in _ANY and _is_address(host))

    def _has_token(self, headers: Headers) -> bool:
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        token = self._options.token
        # Headers are bytes, which Starlette decodes as Latin-1; programs send UTF-8.
        word = credentials.strip().encode("latin-1")
        return scheme.lower() == "bearer" and bool(token) and _is_same(word, token or "")

    def _has_password(self, headers: Headers) -> bool:
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            decoded = base64.b64decode(credentials.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        word = decoded.partition(b":")[2]
        return any([_is_same(word, secret) for secret in self._secrets])


def _is_same(credentials: bytes, expected: str) -> bool:
    # A secret from the environment need not be UTF-8: compare its bytes.
    return hmac.compare_digest(credentials, expected.encode(errors="surrogateescape"))


def _is_address(host: str | None) -> bool:
    try:
        ip_address(host or "")
    except ValueError:
        return False
    return True


def _hostname(host: str) -> str | None:
    """Return the name in a Host header, without port and brackets; None if it is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises if it is not a port
    except ValueError:
        return None
    return parts.hostname if parts.netloc == host and "@" not in host else None


def _is_foreign(scope: Scope, headers: Headers) -> bool:
    """Check whether a page of another site sent the request."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    matches = origin is not None and _netloc(origin) == headers["host"].lower()
    # The scheme is not compared: behind a proxy that terminates TLS it differs from the browser's.
    if first_segment(scope) in ("v1", "mcp") and origin is not None and not matches:
        return True
    if scope["method"] in _SAFE_METHODS or matches:
        return False
    return origin is not None or site not in (None, "same-origin", "none")


def _netloc(origin: str) -> str | None:
    """Return host and port of an origin; None for `null` and for anything malformed."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
