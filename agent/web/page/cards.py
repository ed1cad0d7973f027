"""The registry, to browse and to search, and a page for each card."""

from __future__ import annotations

import asyncio
from itertools import islice

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import InputError
from agent.report.links import web_links
from agent.types import PROGRAM
from agent.web.page.rendering import page
from agent.web.service import Service

_A_PAGE = 50
_MOST_HITS = 20
_LONGEST_QUERY = 300
_DIGITS = 7
"""Largest number of digits in a page number."""


class CardPages:
    """The pages of the registry that answers may cite."""

    def __init__(self, service: Service) -> None:
        self._agent = service.agent

    async def browse(self, request: Request) -> Response:
        """Show the cards page by page, or those that match a query, best first."""
        query = request.query_params.get("q", "").strip()[:_LONGEST_QUERY]
        number = request.query_params.get("page", "1")
        is_number = number.isascii() and number.isdigit() and len(number) <= _DIGITS
        start = max(int(number) - 1, 0) if is_number else 0
        return await asyncio.to_thread(self._listing, query, start)

    def _listing(self, query: str, number: int) -> Response:
        registry = self._agent.registry
        if query:
            hits = self._agent.index.search(query, _MOST_HITS)
            cards = [registry[hit.card] for hit in hits if hit.card != PROGRAM]
        else:
            cards = list(islice(registry.cards(), number * _A_PAGE, (number + 1) * _A_PAGE))
        pages = 1 if query else -(-len(registry) // _A_PAGE)
        return page(
            "registry", query=query, cards=cards, count=len(registry), number=number + 1,
            pages=pages,
        )  # fmt: skip

    async def card(self, request: Request) -> Response:
        """Show the card of a system."""
        registry = self._agent.registry
        try:
            card = registry[request.path_params["id"]]
        except InputError as error:
            raise HTTPException(404, str(error)) from None
        related = [registry[id] for id in card.related if id in registry]
        facts = card.facts()
        scale, commercial = facts.get(f"{card.id}/scale"), facts.get(f"{card.id}/commercial-use")
        return page(
            "card", card=card, links=web_links(card.links), related=related,
            model_facts=[text for text in (scale, commercial) if text],
        )  # fmt: skip
