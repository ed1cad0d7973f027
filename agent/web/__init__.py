"""One server for a page, OpenAI's protocol and MCP, with no logic of its own.

service     the agent, the queue of jobs, the private folder and the saved answers, shared by all
page/       what a browser sees
openai/     /v1, as clients of OpenAI expect it
mcp/        tools for assistants, over stdio and, as `assistants` mounts it, HTTP
guard, limits    who may ask, and how much
failures    what a failure is to whoever asked
app, server, metrics    all routes together, the process that serves them, and what it counts

A request becomes a `Question`, a job of `Service` has the agent answer it, and the answer is shown.
What an answer says is decided below this room.
"""
