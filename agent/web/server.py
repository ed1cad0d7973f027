"""The server process: where it listens, how long it waits for slow clients, how it stops."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from agent.errors import ConfigError
from agent.web.app import create_app
from agent.web.options import LOOPBACK, ServerOptions
from agent.web.service import Service

#: Seconds within which the headers of a request have to arrive, counted from the connection.
_HEADER_SECONDS = 20.0
#: Open connections at a time; further ones get 503.
_CONNECTIONS = 512
#: Seconds that clients have to read their last bytes when the server stops.
_LAST_SECONDS = 3


def serve(service: Service, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then cancel the jobs that run.

    Args:
        ready: called with the address once the server answers requests.

    Raises:
        ConfigError: if it cannot listen, or would be open to other machines without a secret.
    """
    options = service.options
    check(options)
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # truncated forms are common
    listener = _listen(options)
    port = listener.getsockname()[1]
    config = uvicorn.Config(
        create_app(service),
        http=_Connection,
        ws="none",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # else X-Forwarded-For lets a client pose as another
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    host = f"[{options.host}]" if ":" in options.host else options.host
    _Server(config, service, lambda: ready(f"http://{host}:{port}")).run([listener])


def check(options: ServerOptions) -> None:
    """Check that a server open to other machines has a secret.

    Raises:
        ConfigError: if it has none; the message says what to set.
    """
    if options.host not in LOOPBACK and not (options.token or options.password):
        raise ConfigError(
            f"--host {options.host} opens the server to other machines; also set --token or "
            "--password, or GROUNDGLASS_TOKEN or GROUNDGLASS_PASSWORD"
        )


def _listen(options: ServerOptions) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise ConfigError(
            f"the server cannot listen on {options.host}, port {options.port} "
            f"({error.strerror or error}); choose another --port, or 0 for any free one"
        ) from None


class _Server(uvicorn.Server):
    """Reports when it is ready, and on shutdown cancels the jobs before it waits for clients."""

    def __init__(self, config: uvicorn.Config, service: Service, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._service = service
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await asyncio.to_thread(self._service.jobs.close)  # ends the streams that follow jobs
        await super().shutdown(sockets)


class _Connection(H11Protocol):
    """Closes connections whose headers take too long; uvicorn would wait for ever."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(_HEADER_SECONDS, self._end_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline:
            self._deadline.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._deadline:
            self._deadline.cancel()
        if not self.transport.is_closing():
            self._deadline = self.loop.call_later(_HEADER_SECONDS, self._end_if_idle)

    def _end_if_idle(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
