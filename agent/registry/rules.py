"""What a card may hold beyond its types: lengths, characters, links, ids, and what must agree.

Keys and types are those of `agent.types.Card`; here is only what Pydantic does not know.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from agent.registry.reading import Entry, Path, shown
from agent.text import first_unsafe
from agent.types import Card

LENGTHS = {
    "id": 64, "name": 120, "task": 200, "summary": 4000, "title": 300, "aliases": 120,
    "authors": 120, "venue": 200, "arxiv": 20, "inputs": 500, "outputs": 500, "weights": 500,
    "related": 64, "tool": 64, "examples": 500, "links": 2000,
    "claims.id": 64, "claims.text": 1000, "claims.source": 300, "claims.tags": 40,
    "claims.mechanism": 120,
    "workflow.stage": 16, "workflow.text": 1000, "workflow.claims": 64,
    "licence.name": 120, "licence.forbids": 500,
    "measures.quantity": 120, "measures.dataset": 120, "measures.source": 300, "measures.unit": 40,
}  # fmt: skip
"""Most characters a text may have, by key; `limits` are as `claims`."""

MAX_ITEMS = 1000
"""Most entries of any list or mapping in a card."""
YEARS = range(1900, 2101)

_ID = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_ARXIV = re.compile(r"(\d{4}\.\d{4,5}|[a-z][a-z-]*(\.[A-Z]{2})?/\d{7})(v[1-9]\d*)?\Z")
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\Z")
_RESERVED = re.compile(r"(summary|task|inputs|outputs|weights|licence|(workflow|measure)-\d+)\Z")

Report = Callable[[Path, str], object]


def check_entry(entry: Entry, tools: Collection[str]) -> Card | None:
    """The card of an entry; None where `entry.faults` holds what keeps it from being one."""
    report: Report = entry.faults.setdefault
    card = None
    try:
        card = Card.model_validate(entry.value, strict=True)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            path = tuple(part for part in fault["loc"] if part != "[key]")
            report(path, _type_fault(entry, path, fault["type"], fault.get("ctx", {})))
    if isinstance(entry.value, dict):
        for path, text in _texts(entry.value, ()):
            if (wrong := _text_fault(path, text)) is not None:
                report(path, wrong)
        _check_sizes(entry.value, (), report)
    if card is not None:
        _check_values(card, tools, report)
    return None if entry.faults else card


def json_schema() -> dict[str, Any]:
    """JSON Schema of a registry file: Pydantic's of the cards, with the lengths and forms above."""
    cards = Card.model_json_schema()
    definitions = cards.pop("$defs")
    cards["properties"]["links"]["additionalProperties"]["pattern"] = "^https://"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Registry",
        "type": "object",
        "properties": {"models": {"type": "array", "items": {"$ref": "#/$defs/Card"}}},
        "required": ["models"],
        "additionalProperties": False,
        "$defs": {"Card": cards, **definitions},
    }


# --- types ------------------------------------------------------------------------------------

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


def _type_fault(entry: Entry, path: Path, kind: str, context: Mapping[str, Any]) -> str:
    if kind == "missing":
        return f"is missing; required are {', '.join(_required(model_at(path[:-1])))}"
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), list(model_at(path[:-1]).model_fields))
    expected = _EXPECTED.get(kind) or context.get("expected") or "another value"
    got = _kind_of(_at(entry.value, path))
    if path in entry.plain:
        read_as, written = entry.plain[path]
        if kind == "string_type" and written:
            return f'{written} is read as {read_as}; write it in quotes: "{written}"'
        got = f"{read_as}, {shown(written)}" if written else "nothing"
    hint = "; leave the key out where there is nothing to say" if got == "nothing" else ""
    return f"expected {expected}, got {got}{hint}"


def _required(model: type[BaseModel]) -> list[str]:
    return [name for name, info in model.model_fields.items() if info.is_required()]


def _unknown_key(key: str, legal: list[str]) -> str:
    return f"unknown key {shown(key)}{nearest_of(key, legal)}; legal are {', '.join(legal)}"


def nearest_of(word: str, legal: Iterable[str]) -> str:
    """The legal words nearest to one that is not, as the end of a message; empty if none is."""
    from rapidfuzz import process

    found = process.extract(word.lower(), legal, limit=3, score_cutoff=60)
    return f"; did you mean {' or '.join(name for name, *_ in found)}?" if found else ""


def model_at(path: Path) -> type[BaseModel]:
    """The model that describes the mapping at a path of a card."""
    model: type[BaseModel] = Card
    for part in path:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _kind_of(value: Any) -> str:
    if isinstance(value, str):
        return f"text, {shown(value)}"
    if value is None:
        return "nothing"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, tuple) else "?"


# --- texts and sizes --------------------------------------------------------------------------


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, tuple):
        for i, inner in enumerate(value):
            yield from _texts(inner, (*path, i))


def _field(path: Path) -> str:
    words = [part for part in path if isinstance(part, str)]
    return "links" if words[:1] == ["links"] else ".".join(words).replace("limits.", "claims.")


def _text_fault(path: Path, text: str) -> str | None:
    name = _field(path)
    if (most := LENGTHS.get(name)) is not None and len(text) > most:
        return f"has {len(text):,} characters; at most {most:,} are legal"
    if not text and name != "measures.unit":
        return "is blank; write something or leave the key out"
    if not text.isprintable() and (bad := first_unsafe(text)) is not None:
        return (
            f"holds the control or bidirectional character U+{ord(text[bad]):04X} at position "
            f"{bad}; remove it"
        )
    if name == "links":
        return _link_fault(str(path[-1]), text)
    return None


def _link_fault(label: str, url: str) -> str | None:
    if not _ID.match(label):
        return f"label {shown(label)} is not legal; expected small letters, digits, '.', '_', '-'"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return f"{shown(url)} is no URL; expected https://HOST/PATH"
    if parts.scheme != "https":
        return f"{shown(url)} is no https link; expected https://HOST/PATH"
    if not (url.isascii() and url.isprintable()) or set(url) & set(" <>\"'`{}|\\^"):
        return f"{shown(url)} holds characters that no URL may; write them as %XX"
    if parts.username is not None or not _HOST.match(host) or "xn--" in host:
        return f"{shown(url)} has no plain host name; expected https://HOST/PATH, such as arxiv.org"
    return None


def _check_sizes(value: Any, path: Path, report: Report) -> None:
    if isinstance(value, (dict, tuple)):
        if len(value) > MAX_ITEMS:
            report(path, f"has {len(value):,} entries; at most {MAX_ITEMS:,} are legal")
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in inner:
            _check_sizes(item, (*path, key), report)


# --- values -----------------------------------------------------------------------------------


def _check_values(card: Card, tools: Collection[str], report: Report) -> None:
    if not _ID.match(card.id):
        report(("id",), f"{shown(card.id)} is no id; {_ID_FORM}")
    if not card.links:
        report(("links",), "holds no link; expected at least one, such as paper: https://…")
    if card.year is not None and card.year not in YEARS:
        report(("year",), f"{card.year} is no year; expected {YEARS[0]} to {YEARS[-1]}")
    if card.arxiv is not None and not _ARXIV.match(card.arxiv):
        report(
            ("arxiv",),
            f"{shown(card.arxiv)} is no arXiv id; expected one such as '2502.16025', "
            "'2502.16025v2' or 'cs/0112017'",
        )
    if card.tool is not None and card.tool not in tools:
        legal = ", ".join(sorted(tools)) or "none in this version"
        report(("tool",), f"unknown tool {shown(card.tool)}; legal are {legal}")
    for i, measure in enumerate(card.measures):
        if not math.isfinite(measure.value):
            report(("measures", i, "value"), f"{measure.value} is no figure; expected a number")
    _check_claims(card, report)
    for key, values in (("aliases", card.aliases), ("related", card.related)):
        for i, value in enumerate(values):
            if value in values[:i]:
                report((key, i), f"{shown(value)} is given twice; keep one")
    if card.id in card.related:
        report(("related", card.related.index(card.id)), "a card cannot be related to itself")


_ID_FORM = "expected small letters, digits, '.', '_' and '-', a letter or digit first"


def _check_claims(card: Card, report: Report) -> None:
    seen: set[str] = set()
    for key, claims in (("claims", card.claims), ("limits", card.limits)):
        for i, claim in enumerate(claims):
            path = (key, i, "id")
            if not _ID.match(claim.id):
                report(path, f"{shown(claim.id)} is no id; {_ID_FORM}")
            elif _RESERVED.match(claim.id):
                report(path, f"{claim.id} is what another part of the card is cited by; rename it")
            elif claim.id in seen:
                report(path, f"{claim.id} is the id of another claim or limit; ids must differ")
            seen.add(claim.id)
    for i, step in enumerate(card.workflow):
        for j, name in enumerate(step.claims):
            if name not in seen:
                report(
                    ("workflow", i, "claims", j),
                    f"{shown(name)} is no claim or limit of this card; "
                    f"legal are {', '.join(sorted(seen)[:40]) or 'none, it has no claims'}",
                )
