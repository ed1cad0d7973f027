"""A JSON schema in words, for models whose server does not take one."""

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
    """Tell a model to reply with one JSON object of this schema.

    The form is written like a type in TypeScript, which models read well and which takes a fraction
    of the schema's length: `{"name": string, "kind": "a" | "b", "note"?: string}`.
    """
    form = _type(schema, schema.get("$defs", {}), frozenset())
    return (
        "Reply with one JSON object of this form and with nothing else, no Markdown and no text "
        f"around it:\n{form}"
    )


def _type(schema: Json, definitions: Json, inside: frozenset[str]) -> str:
    """The type that a schema stands for.

    Args:
        inside: definitions that this one is a part of; one that holds itself is written once.
    """
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        if name in inside or name not in definitions:
            return "object"
        return _noted(_type(definitions[name], definitions, inside | {name}), schema)
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        types = dict.fromkeys(_type(choice, definitions, inside) for choice in choices)
        return _noted(" | ".join(types), schema)
    if values := schema.get("enum") or ([schema["const"]] if "const" in schema else None):
        return _noted(" | ".join(json.dumps(v, ensure_ascii=False) for v in values), schema)
    kind = schema.get("type", "any")
    if kind == "array":
        return _noted(f"[{_type(schema.get('items', {}), definitions, inside)}, ...]", schema)
    if kind == "object":
        return _noted(_object(schema, definitions, inside), schema)
    return _noted(" | ".join(kind) if isinstance(kind, list) else kind, schema)


def _object(schema: Json, definitions: Json, inside: frozenset[str]) -> str:
    required = schema.get("required", ())
    keys = [
        f'"{key}"{"" if key in required else "?"}: {_type(value, definitions, inside)}'
        for key, value in schema.get("properties", {}).items()
    ]
    if isinstance(others := schema.get("additionalProperties"), dict):
        keys.append(f"[any key]: {_type(others, definitions, inside)}")
    return f"{{{', '.join(keys)}}}"


def _noted(form: str, schema: Json) -> str:
    """The type with what else the schema says of it."""
    limits = [words.format(schema[key]) for key, words in _LIMITS.items() if key in schema]
    # Descriptions of objects are docstrings for programmers; those of fields are for the model.
    described = schema.get("description") if schema.get("type") != "object" else None
    notes = "; ".join(filter(None, (described, *limits)))
    return f"{form} ({' '.join(notes.split())})" if notes else form
