"""Tools, resources and prompts for assistants, over the Model Context Protocol.

server      the MCP server, to be mounted in an application or run over stdio
tools       what assistants call; `resources` is what they read, `prompts` what people pick
app         the before-and-after slider, for clients that show MCP apps
cards, pictures    how both are shown; `paths` says which pictures may be named
shortening  fits an answer into its limit; `waiting` reports progress, `ready` awaits the service

Needs `groundglass[mcp]`. What an answer says is decided by `Service` and the rooms below it.
"""

from agent.web.mcp.server import MountedServer, mount, server
from agent.web.mcp.stdio import run_stdio

__all__ = ["MountedServer", "mount", "run_stdio", "server"]
