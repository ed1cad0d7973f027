"""One server for a page, OpenAI's protocol and MCP, with no logic of its own.

service     the agent, the job queue, the private folder and the saved answers that all share
page/       what a browser shows
openai/     `/v1`, as OpenAI clients expect it
mcp/        tools for assistants, over stdio or, mounted by `assistants`, over HTTP
guard, limits    who may ask, and how much
failures    how the server reports a failure to its clients
app, server, metrics    the routes, the process that serves them, and its Prometheus metrics

A request becomes a `Question`, which the agent answers in a job of `Service`. Nothing here decides
what an answer says; that is the work of the rooms below.
"""
