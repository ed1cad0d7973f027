from __future__ import annotations

from agent.types import ParsedQuestion


def reply_to(text: str, parsed: ParsedQuestion) -> str:
    return "Ask me."
