"""The operations of a workbench as LangChain tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from langchain_core.tools import StructuredTool

from agent.llm.langchain.workbench import Operation
from agent.text import is_unsafe


def langchain_tools(operations: Iterable[Operation]) -> list[StructuredTool]:
    """Return one tool per operation, with typed arguments and a JSON result."""
    return [
        StructuredTool.from_function(
            func=_as_json(operation),
            name=operation.name,
            description=operation.description,
            args_schema=operation.arguments,
            return_direct=operation.ends,
        )
        for operation in operations
    ]


def _as_json(operation: Operation) -> Callable[..., str]:
    def call_operation(**arguments: Any) -> str:
        text = json.dumps(operation.run(**arguments), ensure_ascii=False)
        return "".join(json.dumps(c)[1:-1] if is_unsafe(c) else c for c in text)

    return call_operation
