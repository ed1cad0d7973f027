"""From a brief to the registry of exactly what it lists."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from agent.errors import InputError
from agent.question.lexicon import operations, tags_in
from agent.question.names import arxiv_ids
from agent.question.words import fold, words
from agent.references import references_in
from agent.registry import Registry
from agent.registry.brief.document import Brief
from agent.registry.brief.entries import Entry, key_of
from agent.registry.brief.links import add_link
from agent.systems.catalogue import OPERATIONS
from agent.text import visible
from agent.types import Card, Claim

_WORD = re.compile(r"[^\W_]+")
_UNTOLD = "as described in the brief"
_SENTENCE_END = re.compile(r"([.!?][\"”')\]]*)\s+(?=[\"“'(\[]*[A-Z0-9])")
_NO_END = re.compile(
    r"\b(?:(?i:e\.g|i\.e|etc|vs|cf|al|figs?|eq|sec|no|approx|ca|dr|prof)|[A-Z])\.$"
)
_MOST_CLAIMS = 60
_MOST_CHARACTERS = 1000
_SUMMARY_SENTENCES = 2
#: How much each kind of agreement says; a repository may hold several systems.
_SAME_PAPER, _SAME_NAME, _SAME_LINK = 4, 3, 2


def registry_for(brief: Brief, registry: Registry) -> Registry:
    """A registry of what the brief lists and nothing else, recommended entries first.

    An entry that `registry` knows by a link, an arXiv id or a name is its card with the links of
    the brief instead of its own; another one is a card of what the brief says of it. A paper that
    is listed for a recommended system again is one card with it.

    Raises:
        InputError: where two recommended entries are the same system.
    """
    known = _known((*brief.recommended, *brief.related), registry)
    recommended = _distinct(brief.recommended, known, brief.source)
    related = _merged(recommended, brief.related, known)
    entries = (*recommended.values(), *related)
    listed = references_in(" ".join(url for entry in entries for url in entry.links.values()))
    ids: dict[str, str] = {}
    for entry in entries:
        card = known.get(entry.line)
        ids[entry.name] = card.id if card else _slug(entry.name, {*ids.values(), *_ids(known)})
    beside = tuple(ids[entry.name] for entry in related)
    cards = []
    for entry in entries:
        card = known.get(entry.line) or _card(entry, ids[entry.name], listed)
        own = tuple(id for id in card.related if id in ids.values())
        cards.append(_as_listed(card, entry, own if entry in related else beside))
    return Registry.from_cards(cards)


# --- what the registry knows ------------------------------------------------------------------


def _known(entries: Sequence[Entry], registry: Registry) -> dict[int, Card]:
    """The card of each entry that the registry knows, by the entry's line."""
    best: dict[int, tuple[int, list[Card]]] = {}
    named, linked = _look_up(entries)
    keys = (*named, *(link.partition(":")[2] for link in linked))
    hints = {max(_WORD.findall(key), key=len, default=key) for key in keys}
    for card in registry.cards():
        called = (card.id, card.name, card.title or "", card.arxiv or "", *card.aliases)
        text = fold(" ".join((*called, *card.links.values())))
        if not any(hint in text for hint in hints):
            continue  # most of a large registry, at a tenth of the price of what follows
        names = {key_of(name) for name in called if name}
        links = references_in(" ".join(card.links.values()))
        papers = {link for link in links if link.startswith(("arxiv:", "doi:"))}
        papers |= {f"arxiv:{_bare(card.arxiv)}"} if card.arxiv else set()
        found = {e.line: e for name in names for e in named.get(name, ())}
        found |= {e.line: e for link in links | papers for e in linked.get(link, ())}
        for entry in found.values():
            references = _references(entry)
            if _of_another_paper(references, papers):
                continue
            score = _SAME_NAME * (key_of(entry.name) in names)
            score += _SAME_LINK * bool(references & links) + _SAME_PAPER * bool(references & papers)
            top, cards = best.get(entry.line, (0, []))
            if score >= top:
                best[entry.line] = (score, [*(cards if score == top else ()), card])
    # Several that agree equally well are told apart by nothing in the brief: none is taken.
    return {line: cards[0] for line, (_, cards) in best.items() if len(cards) == 1}


def _look_up(entries: Sequence[Entry]) -> tuple[dict[str, list[Entry]], dict[str, list[Entry]]]:
    """Entries by their names and by what their links refer to."""
    named: dict[str, list[Entry]] = defaultdict(list)
    linked: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        named[key_of(entry.name)].append(entry)
        for reference in _references(entry):
            linked[reference].append(entry)
    return named, linked


def _references(entry: Entry) -> set[str]:
    links = " ".join(entry.links.values())
    return references_in(links) | {f"arxiv:{id}" for id in arxiv_ids(links)}


def _of_another_paper(references: set[str], papers: set[str]) -> bool:
    """Whether both name arXiv papers, and other ones: a name in common is chance then."""
    theirs = {paper for paper in papers if paper.startswith("arxiv:")}
    mine = {reference for reference in references if reference.startswith("arxiv:")}
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def _bare(arxiv: str) -> str:
    return next(iter(arxiv_ids(arxiv)), arxiv)


def _ids(known: dict[int, Card]) -> set[str]:
    return {card.id for card in known.values()}


def _as_listed(card: Card, entry: Entry, related: tuple[str, ...]) -> Card:
    """The card with the links of the brief alone, and without an arXiv id that it does not list."""
    listed = arxiv_ids(" ".join(entry.links.values()))
    arxiv = card.arxiv if card.arxiv and _bare(card.arxiv) in listed else None
    return card.model_copy(update={"links": entry.links, "related": related, "arxiv": arxiv})


# --- entries that are the same system ---------------------------------------------------------


def _distinct(entries: Sequence[Entry], known: dict[int, Card], source: str) -> dict[str, Entry]:
    """Entries by what they are: the id of their card, or their name where none is known."""
    found: dict[str, Entry] = {}
    for entry in entries:
        first = found.setdefault(_identity(entry, known), entry)
        if first is not entry:
            raise InputError(
                f"{visible(source)}:{entry.line}: '{visible(entry.name)}' is the system of line "
                f"{first.line}, '{visible(first.name)}'; expected every system once"
            )
    return found


def _merged(
    recommended: dict[str, Entry], related: Sequence[Entry], known: dict[int, Card]
) -> list[Entry]:
    """Related entries without those that are listed before; their links go where they belong."""
    kept: dict[str, Entry] = {}
    for entry in related:
        identity = _identity(entry, known)
        into = recommended if identity in recommended else kept
        if identity in into:
            into[identity] = _joined(into[identity], entry)
        else:
            kept[identity] = entry
    return list(kept.values())


def _identity(entry: Entry, known: dict[int, Card]) -> str:
    card = known.get(entry.line)
    return card.id if card else f"line {entry.line}"


def _joined(first: Entry, second: Entry) -> Entry:
    links = dict(first.links)
    for label, url in second.links.items():
        add_link(links, label, url)
    return replace(first, links=links, summary=first.summary or second.summary)


# --- what only the brief knows ----------------------------------------------------------------


def _card(entry: Entry, id: str, listed: set[str]) -> Card:
    """A card of what the brief says; sentences that point to what it does not list are left out."""
    told = sentences_of(entry.summary[: _MOST_CLAIMS * _MOST_CHARACTERS])[:_MOST_CLAIMS]
    told = [sentence for sentence in told if references_in(sentence) <= listed]
    name, colon, _ = entry.name.partition(":")
    short = name.strip() if colon and len(name) <= 40 else entry.name
    named = operations(words(" ".join((entry.name, *told))))
    ids = arxiv_ids(" ".join(entry.links.values()))
    return Card(
        id=id,
        name=short,
        title=entry.name,
        task=OPERATIONS[named[0][0]].task if named else _UNTOLD,
        summary=" ".join(told[:_SUMMARY_SENTENCES]) or f"{short} is listed in the brief.",
        links=entry.links,
        arxiv=ids[0] if ids else None,
        claims=tuple(
            Claim(id=f"brief-{i}", text=text, source="the brief", tags=tags_in(text))
            for i, text in enumerate(told, 1)
        ),
    )


def sentences_of(text: str) -> list[str]:
    """The sentences of a summary; one that is very long is cut at a space."""
    found: list[str] = []
    pieces = [*_SENTENCE_END.split(text.strip()), ""]
    for part, end in zip(pieces[::2], pieces[1::2], strict=True):
        if found and _NO_END.search(found[-1][-12:]):
            found[-1] += f" {part}{end}"
        else:
            found.append(part + end)
    return [_shortened(sentence) for sentence in found if sentence]


def _shortened(sentence: str) -> str:
    if len(sentence) <= _MOST_CHARACTERS:
        return sentence
    return sentence[: _MOST_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"


def _slug(name: str, taken: set[str]) -> str:
    """An id of the name's letters and digits that is not taken."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(name.partition(":")[0])).strip("-")[:56] or "entry"
    id, count = base, 1
    while id in taken:
        count += 1
        id = f"{base}-{count}"
    return id
