"""Drafts of cards from arXiv's catalogue, and differences between a registry and arXiv.

For maintainers of a registry; answering a question never uses it. Only `append_draft` changes a
file, and only if the whole registry still passes its check afterwards.
"""

from __future__ import annotations

import json
import re
import textwrap
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from agent.errors import InputError, RegistryError, ServiceError
from agent.files import encoding_of, write_whole
from agent.registry import Registry
from agent.registry.arxiv_catalogue import (
    ARXIV,
    Service,
    arxiv_id,
    fetch,
    has_version,
    without_version,
)
from agent.registry.checking import checked_rows
from agent.registry.rules import MAX_ITEMS, TEXTS
from agent.text import is_unsafe, visible
from agent.types import SPANNING, Card


class Drift(NamedTuple):
    """One difference between a card and arXiv's record of its paper."""

    card: str
    field: str
    ours: str
    theirs: str


_TASKS = {
    "cs.CV": "computer vision", "eess.IV": "image and video processing", "cs.GR": "graphics",
    "cs.CL": "language processing", "cs.LG": "machine learning", "stat.ML": "machine learning",
    "cs.AI": "artificial intelligence", "cs.RO": "robotics", "cs.IR": "information retrieval",
    "cs.MM": "multimedia", "cs.SD": "audio processing", "eess.AS": "audio processing",
    "eess.SP": "signal processing", "cs.NE": "neural computing", "q-bio.NC": "neuroscience",
}  # fmt: skip
_LINKED = re.compile(
    r"https://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/(.+?v\d+)(?:\.pdf)?\Z"
)
_DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9._;()/:-]+\Z")
_ENTRY_END = re.compile(r"(?<=[.!?]) +(?=[A-Z])")
#: The questions that span cards, with preceding comments and blank lines.
_SPANNING = re.compile(rb"(?:^(?:#.*|[ \t]*)\r?\n)*^questions:", re.MULTILINE)
_FIRST_ITEM = re.compile(rb"^( *)-( +|\r?$)", re.MULTILINE)
_EMPTY_LIST = re.compile(rb"^(models:) *\[ *\]", re.MULTILINE)


# --- draft ------------------------------------------------------------------------------------


def draft(paper: str, service: Service = ARXIV) -> str:
    """Draft a card for a paper, as a YAML list entry that passes the check of the registry.

    Args:
        paper: arXiv id, with or without `arxiv:` and version, or a link to its page or PDF.

    Raises:
        InputError: for anything else, or if arXiv does not have the paper.
        ServiceError: if arXiv cannot be reached or sends an unusable response.
    """
    paper_id = arxiv_id(paper)
    records = fetch([paper_id], service)
    if paper_id not in records and without_version(paper_id) not in records:
        raise InputError(f"arXiv has no paper {paper_id}; check the id")
    result = records.get(paper_id) or records[without_version(paper_id)]
    card = _card(result)
    text = _as_yaml(card, result)
    try:
        list(checked_rows("draft", b"models:\n" + text.encode(), ()))
    except RegistryError as error:
        raise ServiceError(
            f"arXiv's record of {paper_id} does not make a valid card: {error.problems[0]}"
        ) from None
    return text


def _card(result: Any) -> dict[str, Any]:
    id = result.get_short_id()
    title = _tidy(result.title, "title") or f"arXiv {id}"
    name, colon, _ = title.partition(":")
    abstract = _tidy(result.summary) or title
    links = {
        "paper": f"https://arxiv.org/pdf/{id}",
        "arxiv": f"https://arxiv.org/abs/{without_version(id)}",
    }
    if result.doi and _DOI.match(result.doi):
        links["doi"] = f"https://doi.org/{result.doi}"
    card = {
        "id": _slug(name) or f"arxiv-{_slug(without_version(id))}",
        "name": _cut(name if colon and len(name) <= 60 else title, TEXTS["name"].most),
        "title": title,
        "task": _TASKS.get(result.primary_category, "research"),
        "summary": _cut(" ".join(_ENTRY_END.split(abstract)[:2]), 600),
        "authors": _authors(result),
        "year": result.published.year,
        "venue": _tidy(result.journal_ref, "venue"),
        "arxiv": without_version(id),
        "links": links,
    }
    return {key: value for key, value in card.items() if value}


def _as_yaml(card: dict[str, Any], result: Any) -> str:
    note = (
        f"Drafted from arXiv:{result.get_short_id()}. Before it is cited, say in your own words "
        "what the system does (`summary`) and what it is for (`task`), and add `claims`, each with "
        "its source. The summary below is the beginning of the abstract:"
    )
    about = [*textwrap.wrap(note, 96), "", *textwrap.wrap(_tidy(result.summary), 96)]
    comment = "".join(f"# {line}".rstrip() + "\n" for line in about)
    return comment + yaml.safe_dump([card], allow_unicode=True, sort_keys=False, width=96)


def _authors(result: Any) -> list[str]:
    names = (_tidy(author.name, "authors") for author in result.authors)
    return [name for name in names if name][:MAX_ITEMS]


def _tidy(text: str | None, key: str = "summary") -> str:
    """Put a text on one line, without unsafe characters, and cut it to the limit of its key."""
    safe = "".join(character for character in text or "" if not is_unsafe(character))
    return _cut(" ".join(safe.split()), TEXTS[key].most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    while words and len("-".join(words)) > TEXTS["id"].most:
        words.pop()
    return "-".join(words)


# --- drift ------------------------------------------------------------------------------------


def drift(registry: Registry, service: Service = ARXIV) -> list[Drift]:
    """List where cards with an arXiv id differ from arXiv in title, authors or version.

    A card states a version in its id or in a link to arXiv; without one it cannot be outdated.

    Raises:
        ServiceError: if arXiv cannot be reached or sends an unusable response.
    """
    cards = [card for card in registry.cards() if card.arxiv]
    drifts: list[Drift] = []
    for start in range(0, len(cards), service.page):
        batch = cards[start : start + service.page]
        records = fetch(sorted({without_version(card.arxiv or "") for card in batch}), service)
        for card in batch:
            drifts.extend(_differences(card, records.get(without_version(card.arxiv or ""))))
    return drifts


def _differences(card: Card, result: Any) -> Iterator[Drift]:
    if result is None:
        yield Drift(card.id, "arxiv", card.arxiv or "", "no such paper")
        return
    title = _tidy(result.title, "title")
    if card.title and not _same(card.title, title):
        yield Drift(card.id, "title", card.title, title)
    authors = _authors(result)
    if card.authors and not _same(", ".join(card.authors), ", ".join(authors)):
        yield Drift(card.id, "authors", ", ".join(card.authors), ", ".join(authors))
    latest = result.get_short_id()
    versions = {"arxiv": card.arxiv or ""} | {
        f"links.{label}": match[1]
        for label, url in card.links.items()
        if (match := _LINKED.match(url)) and without_version(match[1]) == without_version(latest)
    }
    for field, ours in versions.items():
        if has_version(ours) and has_version(latest) and ours != latest:
            yield Drift(card.id, field, ours, latest)


def _same(ours: str, theirs: str) -> bool:
    return _plain(ours) == _plain(theirs)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


# --- append -----------------------------------------------------------------------------------


def append_draft(path: Path, text: str) -> None:
    """Append a drafted card to a registry file, atomically.

    The existing content stays as it is, byte for byte; a YAML editor such as ruamel.yaml rewrites
    the whole file in one style, and takes seconds where the registry is large.

    Raises:
        InputError: if a card of the file already has that arXiv id.
        RegistryError: if the file cannot be read or written, or would not pass the check with the
            new card; the file is unchanged then.
    """
    name = visible(str(path))
    try:
        before = path.read_bytes()
    except OSError as error:
        raise RegistryError([f"{name}: cannot be read: {error.strerror}"]) from None
    if (encoding := encoding_of(before[:4])) not in ("utf-8", "utf-8-sig"):
        raise RegistryError([f"{name}: is {encoding.upper()}; save it as UTF-8 to add cards to it"])
    after = _with_entry(before, text)
    rows = checked_rows(name, after, None)
    *others, new = [json.loads(line) for id, line in rows if id != SPANNING]
    paper = without_version(new.get("arxiv", ""))
    for other in others:
        if paper and without_version(other.get("arxiv", "")) == paper:
            raise InputError(f"card {other['id']} already has the arXiv id {paper}; nothing added")
    try:
        write_whole(path.resolve(), after)
    except OSError as error:
        raise RegistryError([f"{name}: cannot be written: {error.strerror}"]) from None


def _with_entry(before: bytes, text: str) -> bytes:
    before = _EMPTY_LIST.sub(rb"\1", before)
    first = _FIRST_ITEM.search(before)
    entry = textwrap.indent(text, first[1].decode() if first else "").encode()
    if before and not before.endswith(b"\n"):
        before += b"\n"
    if b"\r\n" in before:
        entry = entry.replace(b"\n", b"\r\n")
    spanning = _SPANNING.search(before)
    end = spanning.start() if spanning else len(before)
    return before[:end] + entry + before[end:]
