"""Prometheus metrics of the server; they hold no questions and no pictures."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.failures import first_segment
from agent.web.service import Service

#: First segments of the known paths. All others share one label, so that strangers cannot create
#: new series.
_SEGMENTS = frozenset(
    {"", "ask", "jobs", "answers", "registry", "static", "v1", "mcp", "healthz", "metrics"}
)


class Metrics:
    """Counts and times requests by the first segment of their path and their status.

    A request is timed to the first byte of its response: a stream lasts as long as its job, and
    would hide how quickly it began.
    """

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "groundglass_requests_total", "Requests answered or refused.",
            ("path", "status"), registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "groundglass_request_seconds", "Time to the first byte of the response.",
            ("path",), registry=self._registry,
        )  # fmt: skip
        for name, what, value in (
            ("jobs_running", "Questions being answered.", lambda: service.jobs.running),
            ("jobs_waiting", "Questions waiting for their turn.", lambda: service.jobs.waiting),
            ("answers_saved", "Saved answers.", lambda: len(service.answers)),
        ):
            Gauge(f"groundglass_{name}", what, registry=self._registry).set_function(value)
        ProcessCollector(registry=self._registry)

    def around(self, app: ASGIApp) -> ASGIApp:
        """Wrap the application to count its requests."""

        async def measure(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            segment = first_segment(scope)
            path, started = f"/{segment}" if segment in _SEGMENTS else "other", time.perf_counter()

            async def count(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._requests.labels(path, message["status"]).inc()
                    self._seconds.labels(path).observe(time.perf_counter() - started)
                await send(message)

            await app(scope, receive, count)

        return measure

    async def show(self, _: Request) -> Response:
        """Serve `GET /metrics`."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)
