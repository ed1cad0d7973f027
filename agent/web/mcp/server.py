"""All that assistants reach, as one server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from importlib.metadata import version
from inspect import cleandoc
from typing import Any, NamedTuple
from urllib.parse import unquote

from mcp.server.apps import Apps
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import AnyUrl, ValidationError
from starlette.routing import BaseRoute

from agent.errors import GroundglassError
from agent.report.single_line import plain
from agent.web.failures import failure_of
from agent.web.jobs import Busy
from agent.web.mcp import app
from agent.web.mcp.prompts import add_prompts
from agent.web.mcp.ready import Ready
from agent.web.mcp.resources import REPORT, add_resources, media_type
from agent.web.mcp.tools import Tools
from agent.web.service import Service

_log = logging.getLogger(__name__)

_PATH = "/mcp"
_MOST_SESSIONS = 200
"""Of clients that keep one, at a time."""
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_RUNS = ToolAnnotations(destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_INSTRUCTIONS = (
    "Explains results of image models from a curated registry and measurements. Nothing outside "
    "the registry is cited, and what did not run is never described as run: keep it that way."
)


def server(service: Service | Ready) -> MCPServer[Any]:
    """The server for `service`; whoever runs it closes the service afterwards."""
    ready = service if isinstance(service, Ready) else Ready(service)
    tools, apps = Tools(ready), Apps()
    apps.add_html_resource(app.ADDRESS, app.page(), name="slider", title="Before and after")
    # Before the server is made: what is added to an extension later is lost.
    apps.tool(
        resource_uri=app.ADDRESS,
        title="Restore a picture",
        description=_described(tools.restore_image),
        annotations=_RUNS,
    )(tools.restore_image)
    mcp = _Server(ready, [apps])
    for tool, title, kind in (
        (tools.ask, "Ask about a result", _RUNS),
        (tools.search_registry, "Search the registry", _READS),
        (tools.get_card, "Read a card", _READS),
        (tools.check_text, "Check a text", _READS),
        (tools.compare_models, "Compare models", _RUNS),
    ):
        mcp.add_tool(tool, title=title, description=_described(tool), annotations=kind)
    add_resources(mcp, ready)
    add_prompts(mcp)
    return mcp


class Mounted(NamedTuple):
    """A server as part of an application."""

    routes: Sequence[BaseRoute]
    lifespan: Callable[[], AbstractAsyncContextManager[None]]
    """Has to be entered, once, for as long as the application runs."""


def mounted(service: Service) -> Mounted:
    """The server as a route `/mcp` of an application whose guard has checked host and origin."""
    mcp = server(service)
    inner = mcp.streamable_http_app(
        streamable_http_path=_PATH,
        max_request_body_size=service.options.max_upload,
        max_sessions=_MOST_SESSIONS,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return Mounted(inner.routes, mcp.session_manager.run)


class _Server(MCPServer[Any]):
    """Says what went wrong in one plain line, and what kind of file a file of an answer is."""

    def __init__(self, ready: Ready, extensions: Sequence[Apps]) -> None:
        self._ready = ready
        root, held = logging.getLogger(), logging.NullHandler()
        root.addHandler(held)  # else the SDK sets up the log of the whole process
        try:
            super().__init__(
                "groundglass",
                title="Groundglass",
                version=version("groundglass"),
                instructions=_INSTRUCTIONS,
                extensions=extensions,
            )
        finally:
            root.removeHandler(held)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; an error is a result, too, since assistants read those alone."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            line = self._ready.without_private_paths(plain(_told(error)))
            return CallToolResult(content=[TextContent(text=line)], is_error=True)

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Any, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read a resource; files of answers are of the kind that their name says."""
        contents = await super().read_resource(uri, context)
        _, is_report, rest = str(uri).partition(REPORT)
        _, is_file, name = rest.partition("/")
        if isinstance(contents, InputRequiredResult) or not (is_report and is_file):
            return contents
        return [replace(content, mime_type=media_type(unquote(name))) for content in contents]


def _described(tool: Callable[..., Any]) -> str:
    return plain(cleandoc(tool.__doc__ or ""))


def _told(error: ToolError) -> str:
    """What an assistant is told of a failure; what no person is meant to read is logged."""
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        first = cause.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    if not (cause and isinstance(error, UnexpectedToolError)):
        return str(cause or error)
    if not isinstance(cause, (GroundglassError, Busy)):
        _log.error("a tool failed", exc_info=cause)
    return failure_of(cause).line
