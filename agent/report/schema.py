"""A Report, or another noun, as JSON for programs, and its published JSON Schema."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import PydanticSerializationError
from pydantic_core import to_json as dump_json

from agent.text import is_unsafe
from agent.types import FrozenModel, Report


def to_json(noun: FrozenModel) -> str:
    """Return a report, or a part of one, as JSON that is safe to print on a terminal.

    Like `model_dump_json`, but control characters, bidirectional overrides and undecodable bytes of
    file names become JSON escapes.
    """
    return json_text(noun.model_dump(mode="json"))


def json_text(data: Any) -> str:
    """Return plain data as JSON, as `to_json` does."""
    try:
        text = dump_json(data, indent=2).decode()
    except PydanticSerializationError:  # a lone surrogate: an undecodable byte of a file name
        text = json.dumps(data, indent=2, ensure_ascii=False)
    if text.replace("\n", "").isprintable():
        return text
    return "\n".join(line if line.isprintable() else _safe(line) for line in text.split("\n"))


def _safe(line: str) -> str:
    return "".join(json.dumps(c)[1:-1] if is_unsafe(c) else c for c in line)


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of a report as `to_json` writes it."""
    return schema_of(Report, "Groundglass report")


def schema_of(noun: type[FrozenModel], title: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a noun as `to_json` writes it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **noun.model_json_schema(mode="serialization"),
        "title": title,
    }
