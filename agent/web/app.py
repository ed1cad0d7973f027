"""The application: all routes behind one guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from agent.web import openai, page
from agent.web.assistants import Assistants
from agent.web.failures import HANDLERS
from agent.web.guard import Guard
from agent.web.limits import Limits
from agent.web.metrics import Metrics
from agent.web.service import Service


def create_app(service: Service) -> ASGIApp:
    """Build the application that serves `service`; the caller closes the service afterwards."""
    metrics, assistants = Metrics(service), Assistants(service)
    own = [
        Route("/healthz", _health),
        Route("/metrics", metrics.show),
        Route("/mcp", assistants),
    ]
    app = Starlette(
        routes=[*own, *openai.routes(service), *page.routes(service)],
        exception_handlers=HANDLERS,
        lifespan=assistants.lifespan,
    )
    # Wraps Starlette, so that its own error responses carry the guard's headers, too.
    return metrics.around(Guard(Limits(app, service.options), service.options))


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})
