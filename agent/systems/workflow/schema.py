"""The JSON Schema of a workflow, made from the table of kinds."""

from __future__ import annotations

from typing import Any

from agent.systems.workflow.kinds import kinds
from agent.types import Workflow


def workflow_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12): a node is one of the kinds, each with its own parameters.

    What a schema cannot say, `read_workflow` checks too: that ids differ, that edges join ports
    that exist and are of one type, and that they run in no circle.
    """
    schema = Workflow.model_json_schema()
    end = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9_-]{0,63}\.[a-z_]+$"}
    schema["$defs"]["Edge"]["properties"] = {"source": end, "target": end}
    schema["$defs"]["Node"] = {"oneOf": [_node(kind) for kind in kinds()]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Groundglass workflow",
    }


def _node(name: str) -> dict[str, Any]:
    kind = kinds()[name]
    takes = [f"{port.name} ({port.type})" for port in kind.takes]
    gives = [f"{port.name} ({port.type})" for port in kind.gives]
    ports = f"Takes {', '.join(takes) or 'nothing'}; gives {', '.join(gives) or 'nothing'}."
    return {
        "type": "object",
        "description": f"{kind.says[0].upper()}{kind.says[1:]}. {ports}",
        "properties": {
            "id": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$"},
            "kind": {"const": name},
            "parameters": kind.parameters.model_json_schema(),
        },
        "required": ["id", "kind"],
        "additionalProperties": False,
    }
