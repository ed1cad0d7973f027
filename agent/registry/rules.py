"""Rules for cards beyond their types: lengths, characters, formats and consistency.

`agent.types.Card` defines keys and types; this module adds what Pydantic does not check. It works
on raw values, so that a card with one fault is still checked for others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from agent.registry.strict_yaml import Entry, Path, excerpt
from agent.systems.catalogue import VERDICT_TESTS
from agent.text import first_unsafe
from agent.types import MODEL_FACTS, Card, CuratedAnswer


class Text(NamedTuple):
    """The rules for a text."""

    most: int
    """Largest number of characters."""
    pattern: str = ""
    expected: str = ""


_ID = Text(
    64,
    r"^[a-z0-9][a-z0-9._-]*$",
    "lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit",
)
ARXIV_ID = Text(
    24,
    r"^(\d\d(0[1-9]|1[0-2])\.\d{4,5}|[a-z][a-z-]*(\.[A-Z]{2})?/\d\d(0[1-9]|1[0-2])\d{3})(v[1-9]\d?)?$",
    "an arXiv id such as 2502.16025, 2502.16025v2 or cs/0112017",
)
SHA256 = Text(64, r"^[0-9a-f]{64}$", "64 hexadecimal digits in lower case")
_QUESTION = {"ask": Text(300), "answer": Text(900), "facts": Text(130), "listing": Text(300),
             "rows.label": Text(80), "rows.text": Text(300), "rows.facts": Text(130)}  # fmt: skip
_CLAIM = {"id": _ID, "text": Text(1000), "source": Text(300), "tags": Text(40),
          "mechanism": Text(120), "test": Text(64)}  # fmt: skip

TEXTS = {
    "id": _ID, "name": Text(120), "task": Text(200), "summary": Text(4000), "title": Text(300),
    "links": Text(2000, "^https://", "https://HOST/PATH"), "aliases": Text(120),
    "authors": Text(120), "venue": Text(200), "arxiv": ARXIV_ID, "inputs": Text(500),
    "outputs": Text(500), "flow": Text(200), "weights": Text(500), "related": Text(64),
    "beside": Text(64), "tool": Text(64), "examples": Text(500), "subjects": Text(40),
    "removes": Text(40), "architecture": Text(80), "sha256": SHA256, "based_on": Text(120),
    **{f"claims.{key}": text for key, text in _CLAIM.items()},
    **{f"limits.{key}": text for key, text in _CLAIM.items()},
    **{f"questions.{key}": text for key, text in _QUESTION.items()},
    "workflow.stage": Text(16), "workflow.text": Text(1000), "workflow.claims": Text(64),
    "licence.name": Text(120), "licence.forbids": Text(500),
    "measures.quantity": Text(120), "measures.dataset": Text(120), "measures.source": Text(300),
    "measures.unit": Text(40),
}  # fmt: skip
"""The rules of every text key of a card."""

MAX_ITEMS = 1000
"""Largest number of entries in any list or mapping of a card."""
YEARS = range(1900, 2101)
FACTORS = range(1, 65)
"""Factors by which a model may enlarge."""

_PATTERNS = {
    key: re.compile(text.pattern[:-1] + r"\Z" if text.pattern.endswith("$") else text.pattern)
    for key, text in TEXTS.items()
    if text.pattern
}
_LABEL = re.compile(r"[a-z0-9][a-z0-9 ._-]{0,39}\Z", re.IGNORECASE)
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\Z")
_NOT_IN_URLS = frozenset(" <>\"'`{}|\\^")
_RESERVED = re.compile(
    r"(summary|task|inputs|outputs|flow|weights|licence|publication|(workflow|measure)-\d+|"
    + "|".join(MODEL_FACTS) + r")\Z"
)  # fmt: skip


_Report = Callable[[Path, str], object]


def check_entry(entry: Entry, tools: Collection[str]) -> Card | None:
    """Check an entry and return its card; None if it has faults, which are in `entry.faults`."""
    report: _Report = entry.faults.setdefault
    card = _read(entry, Card)
    if isinstance(entry.value, dict):
        _check_texts(entry.value, (), report)
        _check_values(entry.value, tools, report)
        _check_claims(entry.value, report)
        for i, question in _mappings(entry.value, "questions"):
            _check_question(question, ("questions", i), report)
    return None if entry.faults else card


def read_card(entry: Entry) -> Card | None:
    """Return the card of an entry without checking the rules; None if its types are wrong."""
    return _read(entry, Card)


def check_question(entry: Entry) -> CuratedAnswer | None:
    """Check an entry that spans cards and return its answer; None if it has faults."""
    answer = _read(entry, CuratedAnswer)
    if isinstance(entry.value, dict):
        _check_texts(entry.value, (), entry.faults.setdefault, ("questions",))
        _check_question(entry.value, (), entry.faults.setdefault)
    return None if entry.faults else answer


_Noun = TypeVar("_Noun", bound=BaseModel)


def _read(entry: Entry, noun: type[_Noun]) -> _Noun | None:
    try:
        return noun.model_validate(entry.value, strict=True)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            path = tuple(part for part in fault["loc"] if part != "[key]")
            message = _type_fault(entry, noun, path, fault["type"], fault.get("ctx", {}))
            entry.faults.setdefault(path, message)
    return None


def items_of(value: Mapping[str, Any], key: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a list with their positions; the card may be malformed."""
    items = value.get(key)
    if isinstance(items, tuple):
        yield from ((i, x) for i, x in enumerate(items[:MAX_ITEMS]) if isinstance(x, str))


def nearest_of(word: str, legal: Iterable[str]) -> str:
    """Return the end of an error message that suggests similar words; empty if there are none."""
    from rapidfuzz import process

    matches = process.extract(word.lower(), list(legal), limit=3, score_cutoff=60)
    return f"; did you mean {' or '.join(name for name, *_ in matches)}?" if matches else ""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a registry file: Pydantic's, with the rules above added."""
    card = Card.model_json_schema()
    definitions = {**card.pop("$defs"), "Card": card}
    for key, text in TEXTS.items():
        *parents, last = key.split(".")
        model = _model_at(tuple(parents)).__name__
        _describe(definitions[model]["properties"][last], text)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Registry",
        "type": "object",
        "properties": {
            "models": {"type": "array", "items": {"$ref": "#/$defs/Card"}},
            "questions": {"type": "array", "items": {"$ref": "#/$defs/CuratedAnswer"}},
        },
        "required": ["models"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _describe(schema: dict[str, Any], text: Text) -> None:
    if schema.get("type") == "string":
        schema["maxLength"] = text.most
        if text.pattern:
            schema["pattern"] = text.pattern
    for inner in (
        *schema.get("anyOf", ()),
        schema.get("items"),
        schema.get("additionalProperties"),
    ):
        if isinstance(inner, dict):
            _describe(inner, text)


# --- types ------------------------------------------------------------------------------------

_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


def _type_fault(
    entry: Entry, noun: type[BaseModel], path: Path, kind: str, context: Mapping[str, Any]
) -> str:
    if kind == "missing":
        fields = _model_at(path[:-1], noun).model_fields
        required = [name for name, info in fields.items() if info.is_required()]
        return f"is missing; the required keys are {', '.join(required)}"
    if kind == "extra_forbidden":
        legal = list(_model_at(path[:-1], noun).model_fields)
        key = str(path[-1])
        hint = nearest_of(key, legal) or ";"
        return f"unknown key {excerpt(key)}{hint} allowed keys are {', '.join(legal)}"
    expected = _EXPECTED.get(kind) or context.get("expected") or "another value"
    read_as, source = entry.plain.get(path, ("", ""))
    if kind == "string_type" and source:
        return f'{source} is read as {read_as}; write it in quotes: "{source}"'
    if source:
        return f"expected {expected}, got {read_as}, {excerpt(source)}"
    actual = _kind_of(entry.value, path)
    hint = "; leave the key out if there is nothing to say" if actual == "nothing" else ""
    return f"expected {expected}, got {actual}{hint}"


def _model_at(path: Path, model: type[BaseModel] = Card) -> type[BaseModel]:
    """Return the model of the mapping at a path of a card, or of another `model`."""
    for part in path:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _kind_of(value: Any, path: Path) -> str:
    for part in path:
        value = value[part]
    if isinstance(value, str):
        return excerpt(value)
    return "a mapping" if isinstance(value, dict) else "a list" if value is not None else "nothing"


# --- texts ------------------------------------------------------------------------------------


def _check_texts(value: Any, path: Path, report: _Report, within: Path = ()) -> None:
    """Report every text that is too long, blank or malformed.

    Args:
        within: the key of a card that contains the value, unless it is a whole card.
    """
    if isinstance(value, str):
        if (wrong := _text_fault((*within, *path), value)) is not None:
            report(path, wrong)
    elif isinstance(value, (dict, tuple)):
        if len(value) > MAX_ITEMS:
            report(path, f"has {len(value):,} entries; at most {MAX_ITEMS:,} are allowed")
            return
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            _check_texts(inner, (*path, key), report, within)


def _text_fault(path: Path, text: str) -> str | None:
    words = [part for part in path if isinstance(part, str)]
    key = words[0] if words[0] in ("links", "beside") else ".".join(words)
    if (legal := TEXTS.get(key)) is None:  # an unknown key, reported as such
        return None
    if len(text) > legal.most:
        return f"has {len(text):,} characters; at most {legal.most:,} are allowed"
    if not text and key != "measures.unit":
        return "is blank; write something or leave the key out"
    if not text.isprintable() and (bad := first_unsafe(text)) is not None:
        character = f"U+{ord(text[bad]):04X}"
        return f"contains the control or bidirectional character {character}; remove it"
    if key in _PATTERNS and not _PATTERNS[key].match(text):
        return f"{excerpt(text)} is not allowed; expected {legal.expected}"
    return _link_fault(str(path[-1]), text) if key == "links" else None


def _link_fault(label: str, url: str) -> str | None:
    if not _LABEL.match(label):
        return f"label {excerpt(label)} is not allowed; expected a short word such as paper or code"
    if not (url.isascii() and url.isprintable()) or not _NOT_IN_URLS.isdisjoint(url):
        return f"{excerpt(url)} contains characters that URLs do not allow; write them as %XX"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return f"{excerpt(url)} is not a URL; expected https://HOST/PATH"
    if parts.username is not None or not _HOST.match(host) or "xn--" in host:
        return f"{excerpt(url)} has no plain host name; expected https://HOST/PATH"
    return None


# --- values -----------------------------------------------------------------------------------


def _check_values(card: Mapping[str, Any], tools: Collection[str], report: _Report) -> None:
    if card.get("links") == {}:
        report(("links",), "is empty; expected at least one link, such as paper: https://…")
    if type(year := card.get("year")) is int and year not in YEARS:
        report(("year",), f"{year} is not a valid year; expected {YEARS[0]} to {YEARS[-1]}")
    if isinstance(tool := card.get("tool"), str) and tool not in tools:
        legal = ", ".join(sorted(tools)) or "none in this version"
        report(("tool",), f"unknown tool {excerpt(tool)}; allowed tools are {legal}")
    for i, measure in _mappings(card, "measures"):
        if isinstance(value := measure.get("value"), float) and not math.isfinite(value):
            report(("measures", i, "value"), f"{value} is not a finite number; expected one")
    for key in ("claims", "limits"):
        for i, claim in _mappings(card, key):
            if isinstance(test := claim.get("test"), str) and test not in VERDICT_TESTS:
                legal = ", ".join(VERDICT_TESTS)
                report((key, i, "test"), f"unknown test {excerpt(test)}; allowed tests are {legal}")
    _check_factors(card.get("scale"), report)
    for key in ("aliases", "related", "subjects", "removes", "sha256", "based_on"):
        earlier: set[str] = set()
        for i, text in items_of(card, key):
            if text in earlier:
                report((key, i), f"{excerpt(text)} occurs twice; keep one")
            elif key in ("related", "based_on") and text == card.get("id"):
                report((key, i), f"a card cannot be {_TO_ITSELF[key]} itself; remove it")
            earlier.add(text)


_TO_ITSELF = {"related": "related to", "based_on": "based on"}


def _check_factors(factors: Any, report: _Report) -> None:
    for i, factor in enumerate(factors[:MAX_ITEMS] if isinstance(factors, tuple) else ()):
        if type(factor) is not int:
            continue
        if factor not in FACTORS:
            legal = f"expected {FACTORS[0]} to {FACTORS[-1]}"
            report(("scale", i), f"{factor} is not a valid enlargement factor; {legal}")
        elif factor in factors[:i]:
            report(("scale", i), f"{factor} occurs twice; keep one")


def _check_claims(card: Mapping[str, Any], report: _Report) -> None:
    ids: set[str] = set()
    for key in ("claims", "limits"):
        for i, claim in _mappings(card, key):
            id = claim.get("id")
            if not isinstance(id, str):
                continue
            if _RESERVED.match(id):
                report((key, i, "id"), f"{id} is reserved for another part of the card; rename it")
            elif id in ids:
                report(
                    (key, i, "id"), f"{excerpt(id)} is the id of another claim; ids must be unique"
                )
            ids.add(id)
    references: list[tuple[Path, str]] = [
        (("workflow", i, "claims", j), id)
        for i, step in _mappings(card, "workflow")
        for j, id in items_of(step, "claims")
    ]
    if isinstance(beside := card.get("beside"), dict):
        references += [
            (("beside", other), id) for other, id in beside.items() if isinstance(id, str)
        ]
    for path, id in references:
        if id not in ids:
            hint = nearest_of(id, ids)
            report(path, f"no claim or limit of this card has the id {excerpt(id)}{hint}")


def _check_question(question: Mapping[str, Any], path: Path, report: _Report) -> None:
    for key in ("ask", "facts"):
        if question.get(key) == ():
            report((*path, key), "is empty; expected at least one")
    earlier: set[str] = set()
    for i, text in items_of(question, "ask"):
        if text.casefold() in earlier:
            report((*path, "ask", i), f"{excerpt(text)} occurs twice; keep one")
        earlier.add(text.casefold())


def _mappings(card: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    items = card.get(key)
    if isinstance(items, tuple):
        yield from ((i, x) for i, x in enumerate(items[:MAX_ITEMS]) if isinstance(x, dict))
