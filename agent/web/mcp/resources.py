"""Resources that assistants read by address: cards, answers with their files, and the schema."""

from __future__ import annotations

import asyncio
import json
from itertools import islice
from mimetypes import guess_type
from typing import Any
from urllib.parse import quote

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from agent.errors import InputError
from agent.registry import Registry
from agent.report.formats import folder_formats
from agent.report.schema import report_schema
from agent.web.answers import SavedAnswer
from agent.web.mcp.cards import CARDS, address_of, card_line, card_of
from agent.web.mcp.ready import Ready
from agent.web.service import Service

REPORT = "report://"
_MOST_CARDS = 200
#: Files in the folder of an answer that may hold its text.
_TEXTS = ("report.md", "comparison.md")
_BINARY = "application/octet-stream"


def add_resources(mcp: MCPServer[Any], ready: Ready) -> None:
    """Register all resources."""

    @mcp.resource(CARDS, title="Registry", mime_type="text/plain")
    async def cards() -> str:
        """The id, name and task of each system that answers may cite."""
        return _listing((await ready()).agent.registry)

    @mcp.resource(address_of("{id}"), title="Card", mime_type="application/json")
    async def card(id: str) -> str:
        """A card with its facts and sources."""
        return await asyncio.to_thread(_card, await ready(), id)

    @mcp.resource(f"{REPORT}{{id}}", title="Answer", mime_type="text/markdown")
    async def report(id: str) -> str:
        """The whole text of an answer."""
        return await asyncio.to_thread(_text, await ready(), id)

    @mcp.resource(f"{REPORT}{{id}}/{{name}}", title="File of an answer", mime_type=_BINARY)
    async def file(id: str, name: str) -> str | bytes:
        """A picture of an answer, or another of its files, such as references.bib."""
        return await asyncio.to_thread(_file, await ready(), id, name)

    @mcp.resource("schema://report", title="Schema of report.json", mime_type="application/json")
    def schema() -> str:
        """JSON Schema of the file report.json of an answer."""
        return json.dumps(report_schema(), indent=2)


def media_type(name: str) -> str:
    """Return the media type of a file of an answer."""
    media_types = {file: row.media_type for file, row in folder_formats()}
    return media_types.get(name) or guess_type(name)[0] or _BINARY


def address(saved: SavedAnswer, name: str = "") -> str:
    """Return the address of an answer, or of one of its files."""
    return f"{REPORT}{saved.id}/{quote(name, safe='')}" if name else f"{REPORT}{saved.id}"


def saved_answer(service: Service, id: str) -> SavedAnswer:
    """Look up an answer by its id.

    Raises:
        ResourceNotFoundError: if it does not exist or has expired.
    """
    if saved := service.answers.get(id):
        return saved
    raise ResourceNotFoundError(service.answers.gone)


def _card(service: Service, id: str) -> str:
    try:
        card = card_of(service, id)
    except InputError as error:
        raise ResourceNotFoundError(str(error)) from None
    return json.dumps(card.model_dump(exclude_defaults=True), indent=2, ensure_ascii=False)


def _text(service: Service, id: str) -> str:
    saved = saved_answer(service, id)
    for name in _TEXTS:
        if (path := saved.folder / name).is_file():
            return path.read_text("utf-8")
    return "\n".join(saved.lines)


def _file(service: Service, id: str, name: str) -> str | bytes:
    path = saved_answer(service, id).folder / name
    if path.name != name or not path.is_file():
        raise ResourceNotFoundError("the answer has no such file; expected one that it links to")
    kind = media_type(name)
    is_text = kind.startswith("text/") or kind.endswith("json")
    return path.read_text("utf-8") if is_text else path.read_bytes()


def _listing(registry: Registry) -> str:
    """List the cards, or the first ones if there are many."""
    lines = [card_line(card) for card in islice(registry.cards(), _MOST_CARDS)]
    if len(registry) > _MOST_CARDS:
        lines.append(f"and {len(registry) - _MOST_CARDS:,} more; search_registry finds them")
    return "\n".join(lines)
