"""Who may ask: checks of host, origin and credentials before any route, as pure ASGI."""

from __future__ import annotations

import base64
import binascii
import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.options import LOOPBACK, ServerOptions

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: Headers of every response whose route does not set them.
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
    """Lets through what comes from this server's own pages and from programs that may ask."""

    def __init__(self, app: ASGIApp, options: ServerOptions) -> None:
        self._app = app
        self._options = options
        self._names = {name.lower() for name in (*LOOPBACK, options.host, *options.names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is refused; pass on any other."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        app = self._refusal(scope) or self._app
        await app(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _hostname(hosts[0]) not in self._names:
            return PlainTextResponse("unknown host; add it with --name\n", 400)
        has_token = self._has_token(headers)
        if not has_token and _is_foreign(scope, headers):
            return PlainTextResponse("requests from other sites are refused\n", 403)
        if scope["path"] == "/healthz" or has_token or self._has_password(headers):
            return None
        if self._options.token is None and self._options.password is None:
            return None
        scheme = "Bearer" if self._options.password is None else "Basic"
        return PlainTextResponse(
            "a token or password is needed\n",
            401,
            {"WWW-Authenticate": f'{scheme} realm="Groundglass"'},
        )

    def _has_token(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and _same(given.strip(), self._options.token)

    def _has_password(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            decoded = base64.b64decode(given.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            return False
        return _same(decoded.partition(":")[2], self._options.password)


def _same(given: str, expected: str | None) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(), (expected or "").encode())


def _hostname(host: str) -> str | None:
    """The name in a Host header, without port and brackets; None for what is no host."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises for what is no port
    except ValueError:
        return None
    return parts.hostname if parts.netloc == host and "@" not in host else None


def _is_foreign(scope: Scope, headers: Headers) -> bool:
    """Whether a page of another site sends the request."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    matches = origin is not None and _netloc(origin) == headers["host"].lower()
    if scope["path"].startswith(("/v1/", "/mcp")) and origin is not None and not matches:
        return True
    if scope["method"] in _SAFE_METHODS or matches:
        return False
    return origin is not None or site not in (None, "same-origin", "none")


def _netloc(origin: str) -> str | None:
    """Host and port of an origin; None for `null` and for what is no origin."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
