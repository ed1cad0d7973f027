"""What a workbench can do, as tools of LangChain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from langchain_core.tools import StructuredTool

from agent.llm.langchain.workbench import Operation
from agent.text import is_unsafe


def structured(operations: Iterable[Operation]) -> list[StructuredTool]:
    """One tool an operation, with typed arguments and JSON as its result."""
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
    def called(**arguments: Any) -> str:
        text = json.dumps(operation.run(**arguments), ensure_ascii=False)
        return "".join(json.dumps(c)[1:-1] if is_unsafe(c) else c for c in text)

    return called
