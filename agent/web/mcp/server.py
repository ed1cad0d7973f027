"""The MCP server: tools, resources and prompts together."""

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
"""Largest number of open client sessions."""
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_RUNS = ToolAnnotations(destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_INSTRUCTIONS = (
    "Explains results of image models from a curated registry and measurements. It cites nothing "
    "outside the registry and never describes as run what did not run: keep it that way."
)


def server(service: Service | Ready) -> MCPServer[Any]:
    """Build the server for `service`; the caller closes the service afterwards."""
    ready = service if isinstance(service, Ready) else Ready(service)
    tools, apps = Tools(ready), Apps()
    apps.add_html_resource(app.ADDRESS, app.page(), name="slider", title="Before and after")
    # Before the server is built: tools added to an extension later are lost.
    apps.tool(
        resource_uri=app.ADDRESS,
        title="Restore a picture",
        description=_description(tools.restore_image),
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
        mcp.add_tool(tool, title=title, description=_description(tool), annotations=kind)
    add_resources(mcp, ready)
    add_prompts(mcp)
    return mcp


class MountedServer(NamedTuple):
    """The parts of a server that an application mounts."""

    routes: Sequence[BaseRoute]
    lifespan: Callable[[], AbstractAsyncContextManager[None]]
    """Enter this once, for as long as the application runs."""


def mount(service: Service) -> MountedServer:
    """Build the server as the route `/mcp` of an application that checks host and origin itself."""
    mcp = server(service)
    inner = mcp.streamable_http_app(
        streamable_http_path=_PATH,
        max_request_body_size=service.options.max_upload,
        max_sessions=_MOST_SESSIONS,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return MountedServer(inner.routes, mcp.session_manager.run)


class _Server(MCPServer[Any]):
    """An `MCPServer` that reports errors in one plain line and gives files their media type."""

    def __init__(self, ready: Ready, extensions: Sequence[Apps]) -> None:
        self._ready = ready
        root, handler = logging.getLogger(), logging.NullHandler()
        root.addHandler(handler)  # else the SDK configures logging for the whole process
        try:
            super().__init__(
                "groundglass",
                title="Groundglass",
                version=version("groundglass"),
                instructions=_INSTRUCTIONS,
                extensions=extensions,
            )
        finally:
            root.removeHandler(handler)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; return errors as results, since assistants read nothing else."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            line = self._ready.without_private_paths(plain(_error_line(error)))
            return CallToolResult(content=[TextContent(text=line)], is_error=True)

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Any, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read a resource, with the media type that the name of the file implies."""
        contents = await super().read_resource(uri, context)
        _, is_report, rest = str(uri).partition(REPORT)
        _, is_file, name = rest.partition("/")
        if isinstance(contents, InputRequiredResult) or not (is_report and is_file):
            return contents
        return [replace(content, mime_type=media_type(unquote(name))) for content in contents]


def _description(tool: Callable[..., Any]) -> str:
    return plain(cleandoc(tool.__doc__ or ""))


def _error_line(error: ToolError) -> str:
    """Return the error message for the assistant; log what only developers should read."""
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        first = cause.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    if not (cause and isinstance(error, UnexpectedToolError)):
        return str(cause or error)
    if not isinstance(cause, (GroundglassError, Busy)):
        _log.error("a tool failed", exc_info=cause)
    return failure_of(cause).line
