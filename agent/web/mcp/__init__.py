"""Tools, resources and prompts for assistants, over the Model Context Protocol.

server      all of it as one server, to be mounted under an application or run by stdio
tools       what assistants call; resources, prompts: what they read, and what people pick
app         the slider that clients show where they can
cards, pictures    how they are shown; paths: which pictures may be named
shortening  how long an answer may be; waiting: how far it is; ready: before there are any

Needs `groundglass[mcp]`. What an answer says is decided by `Service` and the rooms below it.
"""

from agent.web.mcp.server import Mounted, mounted, server
from agent.web.mcp.stdio import run_stdio

__all__ = ["Mounted", "mounted", "run_stdio", "server"]
