"""What the server did so far, as Prometheus reads it; no question and no picture is in it."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.failures import room_of
from agent.web.service import Service

#: First parts of the paths that there are; any other counts as one, so that strangers make no new
#: series.
_ROOMS = frozenset(
    {"", "ask", "jobs", "answers", "registry", "static", "v1", "mcp", "healthz", "metrics"}
)


class Metrics:
    """Counts requests by the first part of their path and their status, and times them.

    The time of a request ends with the first byte of its response, so that a stream which lasts as
    long as its job counts as quick as it began.
    """

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "groundglass_requests_total", "Requests that were answered or refused.",
            ("path", "status"), registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "groundglass_request_seconds", "Time to the first byte of the response.",
            ("path",), registry=self._registry,
        )  # fmt: skip
        for name, what, value in (
            ("jobs_running", "Questions that are being answered.", lambda: service.jobs.running),
            ("jobs_waiting", "Questions that wait for their turn.", lambda: service.jobs.waiting),
            ("answers_saved", "Answers that have an address.", lambda: len(service.answers)),
        ):
            Gauge(f"groundglass_{name}", what, registry=self._registry).set_function(value)
        ProcessCollector(registry=self._registry)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, with its requests counted."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            room = room_of(scope)
            path, begun = f"/{room}" if room in _ROOMS else "other", time.perf_counter()

            async def count(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._requests.labels(path, message["status"]).inc()
                    self._seconds.labels(path).observe(time.perf_counter() - begun)
                await send(message)

            await app(scope, receive, count)

        return counted

    async def show(self, _: Request) -> Response:
        """`GET /metrics`."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)
