"""Prompts that people pick from the menu of their client."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import MCPServer

_AS_IT_IS = (
    "Give its answer unchanged, with its references and with what did not run, and add nothing "
    "that it does not say."
)


def add_prompts(mcp: MCPServer[Any]) -> None:
    """Register all prompts."""

    @mcp.prompt(title="Explain a result")
    def explain_result(picture: str, question: str = "Why did it come out like this?") -> str:
        """Explain why a restored or enlarged picture came out as it did."""
        call = f"Call the tool ask with the picture {picture} and this question: {question}"
        return f"{call}\n{_AS_IT_IS}"

    @mcp.prompt(title="Compare models")
    def compare_models(picture: str, models: str = "") -> str:
        """Compare models side by side on a picture of yours."""
        which = f", with these models: {models}" if models else ""
        return f"Call the tool compare_models on the picture {picture}{which}.\n{_AS_IT_IS}"
