"""The entries of a brief: models and papers, each a name followed by fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from agent.question.words import fold
from agent.registry.brief.lines import Lines
from agent.registry.brief.links import add_link, links_in
from agent.text import visible

MAX_NAME_CHARACTERS = 300
MAX_ENTRIES = 200

#: Fields as people write them, and their kind; all kinds but `name` and `summary` label links.
_FIELDS = {
    "model": "name", "name": "name", "title": "name", "summary": "summary", "abstract": "summary",
    "description": "summary", "paper": "paper", "pdf": "paper", "github": "code", "code": "code",
    "repository": "code", "arxiv": "arxiv", "doi": "doi", "project": "project",
    "project page": "project", "website": "project", "homepage": "project", "demo": "demo",
    "weights": "weights", "data": "data", "dataset": "data", "link": "link", "url": "link",
}  # fmt: skip
_SPELT = {"github": "GitHub", "arxiv": "arXiv", "doi": "DOI", "pdf": "PDF", "url": "URL"}
_MAIN_FIELDS = "Model, Paper, GitHub, Summary"
_NOTHING = frozenset(("", "-", "–", "n/a", "none", "not available", "tba"))
_WORD = re.compile(r"[^\W_]+")
_ITEM = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s+")
_MARK = r"(?:\*\*|__|\*|_)?"
_FIELD = re.compile(
    rf"\s*(?:#{{1,6}}\s+)?(?:[-*+•]\s+|"
    rf"\d{{1,3}}[.)]\s+)?{_MARK}(?P<label>[A-Za-z0-9][\w .-]{{0,39}}?)\s?"
    rf"{_MARK}\s?:(?!//){_MARK}(?:\s+(?P<value>.*))?$"
)


@dataclass(frozen=True)
class Entry:
    """A model or paper that a brief lists.

    Attributes:
        links: https URLs by label, such as `paper` or `code`.
        summary: the summary on one line; may be empty.
        line: number of the line where the entry begins, from 1.
    """

    name: str
    links: dict[str, str]
    summary: str
    line: int
    aliases: tuple[str, ...] = ()
    """Other names that the brief uses for it."""


def key_of(name: str) -> str:
    """Normalize a name: no case, accents or punctuation, and `+` as `plus`."""
    return " ".join(_WORD.findall(fold(name.replace("+", " plus ")))) or fold(name)


def is_field(line: str) -> bool:
    """Check whether a line is a field, such as `Paper: https://…`, in any Markdown."""
    match = _FIELD.match(line)
    return match is not None and fold(match["label"]) in _FIELDS


@dataclass
class _Draft:
    """An entry under construction."""

    name: str
    line: int
    links: dict[str, str] = field(default_factory=dict)
    summary: list[str] = field(default_factory=list)
    open: str = ""
    """The field that a line without a label belongs to."""

    def to_entry(self) -> Entry:
        return Entry(self.name, self.links, prose(self.summary), self.line)


def read_entries(lines: Lines, span: Iterable[int]) -> tuple[Entry, ...]:
    """Parse the entries on the lines of `span`.

    Raises:
        InputError: for the first field that is unknown, misplaced or not a link.
    """
    drafts: list[_Draft] = []
    for number in span:
        text = lines[number].strip()
        draft = drafts[-1] if drafts else None
        if not text.strip("-*_`= "):
            continue  # blank line, rule or fence
        kind, value = _field(lines, number, draft)
        if kind == "answer":
            break
        if kind == "name":
            if len(drafts) == MAX_ENTRIES:
                lines.fail(number, f"more than {MAX_ENTRIES} entries; expected fewer")
            drafts.append(_new_draft(lines, number, value))
        elif draft is None:
            if kind:
                lines.fail(number, f"'{visible(text[:40])}' comes before any name; expected "
                           "'Model: NAME' first")  # fmt: skip
        elif kind == "summary" or (not kind and draft.open in ("", "summary")):
            draft.open = "summary"
            draft.summary.append(value)
        else:
            _add_links(lines, number, draft, kind or draft.open, value)
    return tuple(draft.to_entry() for draft in drafts)


def _new_draft(lines: Lines, number: int, name: str) -> _Draft:
    name = " ".join(_without_markup(name).split())
    if not name:
        lines.fail(number, "an entry without a name; expected 'Model: NAME'")
    if len(name) > MAX_NAME_CHARACTERS:
        lines.fail(number, f"a name of {len(name):,} characters; expected at most "
                   f"{MAX_NAME_CHARACTERS}")  # fmt: skip
    return _Draft(name, number)


def _without_markup(text: str) -> str:
    """Remove Markdown that makes a whole text bold or italic."""
    for mark in ("**", "__", "*", "_", "`"):
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            return text[len(mark) : -len(mark)]
    return text


def _field(lines: Lines, number: int, draft: _Draft | None) -> tuple[str, str]:
    """Return kind and value of a line; the kind is empty if it continues the line above."""
    text = lines[number].strip()
    match = _FIELD.match(text)
    if not match:
        return "", text
    label, value = " ".join(fold(match["label"]).split()), (match["value"] or "").strip()
    base_label = re.sub(r"-\d+$", "", label)
    if base_label in _FIELDS:
        return _FIELDS[base_label], value
    if label == "answer":
        return "answer", ""
    near = _nearest(label)
    if not near and links_in(value):
        return label, value  # a link with a label of its own, such as `Poster:`
    if not near and (draft is None or draft.summary):
        return "", text
    hint = f"; did you mean {_SPELT.get(near, near.capitalize())}?" if near else ""
    lines.fail(number, f"unknown field '{visible(match['label'])}'{hint}; expected {_MAIN_FIELDS}")


@lru_cache
def _nearest(label: str) -> str:
    """Return the field that a label probably misspells; empty if there is none."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(label, list(_FIELDS), scorer=fuzz.ratio, score_cutoff=80)
    return best[0] if best else ""


def _add_links(lines: Lines, number: int, draft: _Draft, label: str, value: str) -> None:
    """Add the links of a field; if it has no value, the next line may."""
    draft.open = label
    if value.lower() in _NOTHING:
        return
    urls = links_in(value)
    if not urls:
        lines.fail(number, f"'{visible(value[:60])}' is not a link; expected https://HOST/PATH for "
                   f"{label}")  # fmt: skip
    for url in urls:
        add_link(draft.links, label, url)
    draft.open = ""


def prose(lines: Iterable[str]) -> str:
    """Convert lines of Markdown to running text, without lists and tables.

    A list item becomes a sentence, or part of the sentence before the list if that ends in a colon.
    """
    text, in_list, continues = "", False, False
    for line in map(str.strip, lines):
        item = _ITEM.match(line)
        content = line[item.end() :] if item else line
        if not content or content.startswith("|"):
            continue
        continues = continues or (item is not None and text.endswith(":"))
        if item and continues:
            text += f"{';' if in_list else ''} {content.rstrip('.;,')}"
        elif item:
            text = f"{_with_full_stop(text)} {content[:1].upper()}{content[1:]}"
        else:
            text = (
                f"{_with_full_stop(text) if in_list and content[:1].isupper() else text} {content}"
            )
        in_list = item is not None or (in_list and not content[:1].isupper())
        continues = continues and in_list
    return " ".join((_with_full_stop(text) if in_list else text).split())


def _with_full_stop(text: str) -> str:
    return text if not text or text[-1] in ".!?…" else f"{text.rstrip(':;,')}."


def check_names(lines: Lines, entries: Sequence[Entry]) -> None:
    """Raise InputError if a name occurs twice."""
    by_name: dict[str, Entry] = {}
    for entry in entries:
        first = by_name.setdefault(key_of(entry.name), entry)
        if first is not entry:
            lines.fail(entry.line, f"'{visible(entry.name)}' is also listed on line {first.line}; "
            "expected every name once")  # fmt: skip
