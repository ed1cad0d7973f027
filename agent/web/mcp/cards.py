"""Cards as assistants read them: one line, or every fact with its id and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from agent.pipeline import Sources
from agent.report.links import web_links
from agent.report.markdown import escaped
from agent.text import visible
from agent.types import Card, Claim, Question
from agent.web.service import Service

CARDS = "registry://cards"
_LONGEST_ID = 200
#: In a card that is shortened, the number of facts shown for each limit.
_FACTS_A_LIMIT = 2


def address_of(id: str) -> str:
    """Return the address of a card."""
    return f"{CARDS}/{id}"


def card_line(card: Card) -> str:
    """Return a card as one line."""
    return f"{visible(card.id)}: {visible(card.name)}, {visible(card.task)}"


def sources_of(service: Service, text: str) -> Sources:
    """Return the sources that an answer to a text may cite; the text need not be a question."""
    return service.agent.sources(Question(text=visible(text)[:_LONGEST_ID] or "?"))


def card_of(service: Service, id: str) -> Card:
    """Look up a card by its id in the registries that answers may cite.

    Raises:
        InputError: if there is none; the message names similar ids.
    """
    registry = service.agent.registry
    if id not in registry:
        beside = sources_of(service, id).registry
        registry = beside if id in beside else registry
    return registry[id]


def card_text(card: Card, order: Sequence[str], most: int) -> str:
    """Return a card as Markdown of at most `most` characters; a note at its end says if it was cut.

    Args:
        order: ids of its facts, the most important first.
    """
    lines = _lines(card)
    links = "\n".join(f"- {escaped(label)}: {url}" for label, url in web_links(card.links))
    head = "\n\n".join(filter(None, (f"# {escaped(card.name)}", links)))
    note = f"*Shortened; all of it is the resource `{address_of(card.id)}`.*"
    room = most - len(head) - len(note) - len("\n\n## Facts\n\n\n\n## Limits\n\n\n\n")
    selected = set()
    for id in order:
        room -= len(lines[id]) + 1
        if room < 0:
            break
        selected.add(id)
    parts = [head]
    limits = _limits(card)
    for title, ids in (("Facts", lines.keys() - limits), ("Limits", limits)):
        if section := [lines[id] for id in lines if id in ids & selected]:
            parts += [f"## {title}", "\n".join(section)]
    return "\n\n".join((*parts, *([note] if len(selected) < len(lines) else [])))


def default_order(card: Card) -> list[str]:
    """Order the facts of a card for no question in particular: limits spread among the others."""
    limits = _limits(card)
    others = iter([id for id in card.facts() if id not in limits])
    apart = iter([id for id in card.facts() if id in limits])
    rows = zip_longest(*[others] * _FACTS_A_LIMIT, apart)
    return [id for row in rows for id in row if id is not None]


def relevance_order(card: Card, about: str, sources: Sources) -> list[str]:
    """Order the facts of a card by their relevance to a text, most relevant first."""
    relevance = sources.relevance(about, card)
    return sorted(card.facts(), key=lambda id: -relevance.get(id, 0.0))


def _limits(card: Card) -> set[str]:
    return {f"{card.id}/{claim.id}" for claim in card.limits}


def _lines(card: Card) -> dict[str, str]:
    """Map the id of each fact to its line."""
    return dict(_lined(card))


def _lined(card: Card) -> Iterator[tuple[str, str]]:
    claims: tuple[Claim, ...] = (*card.claims, *card.limits)
    published = {f"{card.id}/{claim.id}": claim.source for claim in claims}
    for id, text in card.facts().items():
        source = f" ({escaped(published[id])})" if id in published else ""
        yield id, f"- `{id}`: {escaped(text)}{source}"
