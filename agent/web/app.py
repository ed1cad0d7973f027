"""The application: all routes behind one guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware

from agent.web import openai, page
from agent.web.guard import Guard
from agent.web.limits import HANDLERS, Limits
from agent.web.service import Service


def create_app(service: Service) -> Starlette:
    """The application that serves `service`; whoever runs it closes the service afterwards."""
    return Starlette(
        routes=[*openai.routes(service), *page.routes(service)],
        middleware=[
            Middleware(Guard, options=service.options),
            Middleware(Limits, options=service.options),
        ],
        exception_handlers=HANDLERS,
    )
