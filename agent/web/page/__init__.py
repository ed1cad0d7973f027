"""What a browser sees: routes that render templates, and what they link to."""

from __future__ import annotations

from starlette.routing import BaseRoute

from agent.web.service import Service


def routes(service: Service) -> list[BaseRoute]:
    """The routes of the page."""
    del service
    return []
