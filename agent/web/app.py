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
    """The application that serves `service`; whoever runs it closes the service afterwards."""
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
    # Outside of Starlette, whose own responses to faults would else lack the guard's headers.
    return metrics.around(Guard(Limits(app, service.options), service.options))


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})
