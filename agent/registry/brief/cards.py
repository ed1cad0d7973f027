"""A registry of exactly what a brief lists."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent.question.language import detect
from agent.question.lexicon import tags_in
from agent.question.names import arxiv_ids
from agent.question.sentences import prose_sentences
from agent.question.translation import into_english
from agent.question.words import fold
from agent.references import references_in
from agent.registry import Registry
from agent.registry.brief.document import Brief
from agent.registry.brief.entries import Entry, key_of
from agent.registry.brief.links import add_link
from agent.registry.brief.reading import input_of, methods_of, output_of, task_of
from agent.types import Card, CardStep, Claim

_WORD = re.compile(r"[^\W_]+")
UNSTATED = "something that the brief does not say in so many words"
"""The task of a system for which the brief states none."""
_MOST_CLAIMS = 60
_MOST_CHARACTERS = 1000
_SUMMARY_SENTENCES = 2
_METHODS = 2
_EMPHASIS = re.compile(r"(\*\*|__|(?<!\w)\*)(\w(?:.*?[\w.!?)])?)\1(?!\w)|`([^`]+)`")
#: Weight of each kind of match; a link counts least, since a repository may hold several systems.
_SAME_PAPER, _SAME_NAME, _SAME_LINK = 4, 3, 2


def registry_for(brief: Brief, registry: Registry) -> Registry:
    """Build a registry of what the brief lists and nothing else, recommended entries first.

    An entry that `registry` knows by link, arXiv id or name becomes its card, with the links of
    the brief instead of its own. Any other entry becomes a card of what the brief says about it.
    Entries of one system become one card.
    """
    by_line = _cards_of((*brief.recommended, *brief.related), registry)
    entries = _merge((*brief.recommended, *brief.related), by_line)
    listed_first = {entry.line for entry in brief.recommended}
    related = [entry for entry in entries if entry.line not in listed_first]
    references = references_in(" ".join(url for entry in entries for url in entry.links.values()))
    ids: dict[str, str] = {}
    for entry in entries:
        card = by_line.get(entry.line)
        ids[entry.name] = card.id if card else _slug(entry.name, {*ids.values(), *_ids(by_line)})
    beside = tuple(ids[entry.name] for entry in related)
    cards = []
    for entry in entries:
        card = by_line.get(entry.line) or _card(entry, ids[entry.name], references)
        own = tuple(id for id in card.related if id in ids.values())
        cards.append(_as_listed(card, entry, own if entry in related else beside))
    return Registry.from_cards(cards)


# --- what the registry knows ------------------------------------------------------------------


def _cards_of(entries: Sequence[Entry], registry: Registry) -> dict[int, Card]:
    """Return the card of each entry that the registry knows, by the entry's line."""
    best: dict[int, tuple[int, list[Card]]] = {}
    by_name, by_link = _look_up(entries)
    keys = (*by_name, *(link.partition(":")[2] for link in by_link))
    hints = {max(_WORD.findall(key), key=len, default=key) for key in keys}
    for card in registry.cards():
        labels = (card.id, card.name, card.title or "", card.arxiv or "", *card.aliases)
        text = fold(" ".join((*labels, *card.links.values())))
        if not any(hint in text for hint in hints):
            continue  # skips most of a large registry at a tenth of the cost of what follows
        names = {key_of(name) for name in labels if name}
        links = _references(card.links.values())
        papers = {link for link in links if link.startswith(("arxiv:", "doi:"))}
        papers |= {f"arxiv:{_bare(card.arxiv)}"} if card.arxiv else set()
        matches = {e.line: e for name in names for e in by_name.get(name, ())}
        matches |= {e.line: e for link in links | papers for e in by_link.get(link, ())}
        for entry in matches.values():
            references = _references(entry.links.values())
            if _of_another_paper(references, papers):
                continue
            score = _SAME_NAME * (key_of(entry.name) in names)
            score += _SAME_LINK * bool(references & links) + _SAME_PAPER * bool(references & papers)
            top, cards = best.get(entry.line, (0, []))
            if score >= top:
                best[entry.line] = (score, [*(cards if score == top else ()), card])
    # If several cards match equally well, the brief cannot tell them apart: use none.
    return {line: cards[0] for line, (_, cards) in best.items() if len(cards) == 1}


def _look_up(entries: Sequence[Entry]) -> tuple[dict[str, list[Entry]], dict[str, list[Entry]]]:
    """Index entries by their names and by what their links refer to."""
    by_name: dict[str, list[Entry]] = defaultdict(list)
    by_link: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_name[key_of(entry.name)].append(entry)
        for reference in _references(entry.links.values()):
            by_link[reference].append(entry)
    return by_name, by_link


def _references(urls: Iterable[str]) -> set[str]:
    """Return what links refer to, in lower case, including the papers of arXiv DOIs."""
    links = " ".join(urls)
    return {reference.casefold() for reference in references_in(links)} | {
        f"arxiv:{id}" for id in arxiv_ids(links)
    }


def _of_another_paper(references: set[str], papers: set[str]) -> bool:
    """Check whether both name arXiv papers, but different ones: a common name is chance then."""
    theirs = {paper for paper in papers if paper.startswith("arxiv:")}
    mine = {reference for reference in references if reference.startswith("arxiv:")}
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def _bare(arxiv: str) -> str:
    return next(iter(arxiv_ids(arxiv)), arxiv)


def _ids(cards: dict[int, Card]) -> set[str]:
    return {card.id for card in cards.values()}


def _as_listed(card: Card, entry: Entry, related: tuple[str, ...]) -> Card:
    """Return the card with only the links of the brief, and no arXiv id that it does not list."""
    ids = arxiv_ids(" ".join(entry.links.values()))
    arxiv = card.arxiv if card.arxiv and _bare(card.arxiv) in ids else None
    return card.model_copy(update={"links": entry.links, "related": related, "arxiv": arxiv})


# --- entries that are the same system ---------------------------------------------------------

#: Labels of links that identify a system; several systems may share a data set or a demo.
_OWN_LINKS = frozenset(("paper", "arxiv", "doi", "code", "project", "link"))


def _merge(entries: Sequence[Entry], by_line: dict[int, Card]) -> list[Entry]:
    """Merge entries of the same system into the first one."""
    merged_entries: dict[int, Entry] = {}
    places: dict[int, set[str]] = {}
    for entry in entries:
        own, card = _places(entry), by_line.get(entry.line)
        first = next(
            (
                line
                for line in merged_entries
                if _same((places[line], by_line.get(line)), (own, card))
            ),
            None,
        )
        if first is None:
            merged_entries[entry.line], places[entry.line] = entry, own
            continue
        merged_entries[first] = _union(merged_entries[first], entry)
        places[first] |= own
        if card:
            by_line.setdefault(first, card)
    return list(merged_entries.values())


def _same(one: tuple[set[str], Card | None], other: tuple[set[str], Card | None]) -> bool:
    """Check whether two entries are one system: one card, or one paper, repository or page."""
    (mine, card), (theirs, their_card) = one, other
    if card and their_card:
        return card.id == their_card.id
    return bool(mine & theirs) and not _of_another_paper(mine, theirs)


def _places(entry: Entry) -> set[str]:
    """Return what an entry's own links refer to, in lower case, without bare hosts."""
    own = (url for label, url in entry.links.items() if label.partition("-")[0] in _OWN_LINKS)
    return {place for place in _references(own) if not place.startswith("url:") or "/" in place}


def _union(first: Entry, second: Entry) -> Entry:
    links = dict(first.links)
    for label, url in second.links.items():
        if _references([url]).isdisjoint(_references(links.values())):
            add_link(links, label, url)
    sentences = sentences_of(first.summary)
    sentences += [
        sentence for sentence in sentences_of(second.summary) if sentence not in sentences
    ]
    aliases = dict.fromkeys((*first.aliases, second.name, *second.aliases))
    return replace(first, links=links, summary=" ".join(sentences), aliases=tuple(aliases))


# --- what only the brief knows ----------------------------------------------------------------


def _card(entry: Entry, id: str, references: set[str]) -> Card:
    """Build a card from the brief, without sentences that refer to what it does not list."""
    sentences = sentences_of(entry.summary[: _MOST_CLAIMS * _MOST_CHARACTERS])[:_MOST_CLAIMS]
    sentences = [
        _EMPHASIS.sub(r"\2\3", text) for text in sentences if references_in(text) <= references
    ]
    name, colon, _ = entry.name.partition(":")
    short = name.strip() if colon and len(name) <= 40 else entry.name
    language = detect(" ".join(sentences))
    claims = tuple(
        Claim(id=f"brief-{i}", text=text, source="the brief", tags=_tags(text, language))
        for i, text in enumerate(sentences, 1)
    )
    names = (short, entry.name, *entry.aliases)
    source, result = input_of(sentences, names), output_of(sentences, names)
    inputs = f"{short} takes {source}." if source else None
    outputs = f"{short} gives {result}." if result else None
    ids = arxiv_ids(" ".join(entry.links.values()))
    return Card(
        id=id,
        name=short,
        title=entry.name,
        aliases=entry.aliases,
        task=(task_of(sentences, names) if language == "en" else None) or UNSTATED,
        summary=" ".join(sentences[:_SUMMARY_SENTENCES]) or f"{short} is listed in the brief.",
        links=entry.links,
        arxiv=ids[0] if ids else None,
        inputs=inputs,
        outputs=outputs,
        flow=f"{source} → {short} → {result}" if source and result else None,
        workflow=_workflow(short, inputs, outputs, claims),
        claims=claims,
    )


def _workflow(
    name: str, inputs: str | None, outputs: str | None, claims: Sequence[Claim]
) -> tuple[CardStep, ...]:
    """Return the steps from input to output, if the brief says how the system is built."""
    methods = methods_of(claim.text for claim in claims)[:_METHODS]
    if not methods:
        return ()
    how = " ".join(methods)
    ids = tuple(claim.id for claim in claims if claim.text in methods)
    results = tuple(claim.id for claim in claims if "evaluation" in claim.tags)
    takes = inputs or f"What is given to {name} goes in."
    gives = outputs or f"What {name} makes of it comes out."
    return (
        CardStep(stage="input", text=takes),
        CardStep(stage="model", text=how if name in how else f"{name}: {how}", claims=ids),
        CardStep(stage="output", text=gives, claims=results),
    )


def _tags(text: str, language: str) -> tuple[str, ...]:
    """Return the tags of a sentence, including those of its English translation."""
    return tuple(dict.fromkeys((*tags_in(text), *tags_in(into_english(text, language)))))


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a summary; very long ones are cut at a space."""
    return [_cut(sentence) for sentence in prose_sentences(text)]


def _cut(sentence: str) -> str:
    if len(sentence) <= _MOST_CHARACTERS:
        return sentence
    return sentence[: _MOST_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"


def _slug(name: str, ids: set[str]) -> str:
    """Return an unused id made of the name's letters and digits."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(name.partition(":")[0])).strip("-")[:56] or "entry"
    id, count = base, 1
    while id in ids:
        count += 1
        id = f"{base}-{count}"
    return id
