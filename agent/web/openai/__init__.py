"""`/v1`: models, chat completions and responses, as clients of OpenAI expect them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from agent.web.service import Service


def routes(service: Service) -> list[BaseRoute]:
    """The routes under `/v1`."""
    del service
    return []
