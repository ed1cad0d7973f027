"""Tool calls as reports record them, without any free text of the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agent.llm.langchain.workbench import Workbench
from agent.text import visible
from agent.types import ToolCall

_UNKNOWN = "a tool that does not exist"


def call_of(call: Mapping[str, Any], message: Any, work: Workbench) -> ToolCall:
    """Return the record of a call and its result.

    Args:
        call: `name` and `args` as the model gave them, untrusted.
        message: LangChain's message with the result; its content is JSON if the tool ran.
    """
    tool = _name(call, work)
    if tool == _UNKNOWN:
        return ToolCall(tool=tool, outcome="refused", result="it does not exist")
    arguments = _safe_arguments(call.get("args"), work)
    content = _result(message)
    if content is None:
        result = "the arguments are not valid"
        return ToolCall(tool=tool, arguments=arguments, outcome="refused", result=result)
    if "error" in content:
        result = "not in the registry, or not possible here"
        return ToolCall(tool=tool, arguments=arguments, outcome="refused", result=result)
    findings = content.get("findings", ())
    failed = content.get("status") == "failed"
    return ToolCall(
        tool=tool,
        arguments=arguments,
        outcome="failed" if failed else "done",
        result=_in_words(content),
        evidence=tuple(dict.fromkeys(id for item in findings for id in item["evidence"])),
    )


def unreadable(call: Mapping[str, Any], work: Workbench) -> ToolCall:
    """Return the record of a call whose arguments are not JSON."""
    tool = _name(call, work)
    return ToolCall(tool=tool, outcome="refused", result="the arguments cannot be read")


def _name(call: Mapping[str, Any], work: Workbench) -> str:
    names = {operation.name for operation in work.operations()}
    return str(call["name"]) if call.get("name") in names else _UNKNOWN


def _safe_arguments(arguments: object, work: Workbench) -> dict[str, str | int]:
    """Keep only arguments whose values are pictures or small numbers."""
    if not isinstance(arguments, dict):
        return {}
    safe: dict[str, str | int] = {}
    picture = arguments.get("picture")
    if isinstance(picture, str) and picture in work.bench.pictures:
        safe["picture"] = picture
    factor = arguments.get("factor")
    if isinstance(factor, int) and 1 <= factor <= 8:
        safe["factor"] = factor
    return safe


def _result(message: Any) -> dict[str, Any] | None:
    """Return the result of a tool, or None if it did not run."""
    if getattr(message, "status", "error") == "error":
        return None
    try:
        content = json.loads(message.content)
    except (TypeError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _in_words(content: Mapping[str, Any]) -> str:
    if "width" in content:
        return f"{content['width']} × {content['height']} pixels"
    if "findings" in content:
        number = len(content["findings"])
        return f"ran, {number} finding{'s' * (number != 1)}"
    if "reason" in content:
        return visible(f"{content['status']}: {content['reason'] or 'unknown reason'}")
    return "the experiments ended"
