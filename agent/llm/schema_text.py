"""A JSON schema in words, for models whose server does not accept schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "matches {}",
}


def in_words(schema: Json) -> str:
    """Return an instruction to reply with one JSON object of this schema.

    The schema is written like a TypeScript type, which models understand well and which is much
    shorter: `{"name": string, "kind": "a" | "b", "note"?: string}`.
    """
    form = _type(schema, schema.get("$defs", {}), frozenset())
    return (
        "Reply with one JSON object of this form and with nothing else, no Markdown and no text "
        f"around it:\n{form}"
    )


def _type(schema: Json, definitions: Json, inside: frozenset[str]) -> str:
    """Return the type that a schema describes.

    Args:
        inside: the enclosing definitions; a recursive one is expanded only once.
    """
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        if name in inside or name not in definitions:
            return "object"
        return _with_notes(_type(definitions[name], definitions, inside | {name}), schema)
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        types = dict.fromkeys(_type(choice, definitions, inside) for choice in choices)
        return _with_notes(" | ".join(types), schema)
    if values := schema.get("enum") or ([schema["const"]] if "const" in schema else None):
        return _with_notes(" | ".join(json.dumps(v, ensure_ascii=False) for v in values), schema)
    kind = schema.get("type", "any")
    if kind == "array":
        return _with_notes(f"[{_type(schema.get('items', {}), definitions, inside)}, ...]", schema)
    if kind == "object":
        return _with_notes(_object(schema, definitions, inside), schema)
    return _with_notes(" | ".join(kind) if isinstance(kind, list) else kind, schema)


def _object(schema: Json, definitions: Json, inside: frozenset[str]) -> str:
    required = schema.get("required", ())
    keys = [
        f'"{key}"{"" if key in required else "?"}: {_type(value, definitions, inside)}'
        for key, value in schema.get("properties", {}).items()
    ]
    if isinstance(others := schema.get("additionalProperties"), dict):
        keys.append(f"[any key]: {_type(others, definitions, inside)}")
    return f"{{{', '.join(keys)}}}"


def _with_notes(form: str, schema: Json) -> str:
    """Return the type with the description and limits of the schema."""
    limits = [words.format(schema[key]) for key, words in _LIMITS.items() if key in schema]
    # Descriptions of objects are docstrings for programmers; those of fields are for models.
    description = schema.get("description") if schema.get("type") != "object" else None
    notes = "; ".join(filter(None, (description, *limits)))
    return f"{form} ({' '.join(notes.split())})" if notes else form
