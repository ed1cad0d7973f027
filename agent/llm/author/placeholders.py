"""What stands in a model's text for everything that it may not write itself.

{claim:card/fact}    the sentence of the registry, word for word
{number:card/fact#2} the second number in that fact
{evidence:id}        a measurement with its unit
{name:card}          the name of a system
{title:card}         the title of its paper
{link:card/label}    one of its links
{factor}             the factor of enlargement that the question names
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.types import Card, Evidence

NUMBER = re.compile(r"\d+(?:[,.\u202f]\d+)*")
_PLACEHOLDER = re.compile(r"\{([a-z]+)(?::([^{}\s]*))?\}")


@dataclass(frozen=True)
class Known:
    """What placeholders may stand for."""

    cards: Mapping[str, Card]
    facts: Mapping[str, str]
    """Fact id, `card/name`, to its text."""
    evidence: Mapping[str, Evidence]
    factor: float | None


@dataclass(frozen=True)
class Text:
    """A model's text taken apart."""

    own: str
    """Its own words, with a space in the place of every placeholder."""
    expanded: str
    claims: tuple[str, ...]
    """Facts that its placeholders stand for."""
    evidence: tuple[str, ...]
    verbatim: tuple[str, ...]
    """Those facts that stand in it word for word."""
    unknown: tuple[str, ...]
    """Placeholders that stand for nothing."""


def read(text: str, known: Known) -> Text:
    """Take `text` apart and put in what its placeholders stand for."""
    parts: list[str] = []
    claims: list[str] = []
    evidence: list[str] = []
    verbatim: list[str] = []
    unknown: list[str] = []
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        kind, key = found[1], found[2] or ""
        value = _value(kind, key, known)
        parts += [text[end : found.start()]]
        end = found.end()
        if value is None:
            unknown.append(found[0])
            continue
        if kind == "claim":
            verbatim.append(key)
            value = _fitted(value, text[end:])
        claims += [key.partition("#")[0]] if kind in ("claim", "number") else []
        claims += [f"{key.partition('/')[0]}/task"] if kind in ("name", "title", "link") else []
        evidence += [key] if kind in ("evidence", "read") else []
        parts.append(value)
    parts.append(text[end:])
    return Text(
        own=_PLACEHOLDER.sub(" ", text),
        expanded=" ".join("".join(parts).split()),
        claims=tuple(dict.fromkeys(claims)),
        evidence=tuple(dict.fromkeys(evidence)),
        verbatim=tuple(dict.fromkeys(verbatim)),
        unknown=tuple(unknown),
    )


def numbers(text: str) -> list[str]:
    """The numbers of a fact, in order, as `{number:…#n}` counts them."""
    return NUMBER.findall(text)


def _value(kind: str, key: str, known: Known) -> str | None:
    name, _, rest = key.partition("/")
    card = known.cards.get(name)
    if kind == "claim":
        return known.facts.get(key)
    if kind == "number":
        fact, _, place = key.partition("#")
        found = numbers(known.facts.get(fact, ""))
        right = place.isascii() and place.isdigit() and 1 <= int(place) <= len(found)
        return found[int(place) - 1] if right else None
    if kind == "evidence":
        return known.evidence[key].shown() if key in known.evidence else None
    if kind == "read":
        words = known.evidence[key].text if key in known.evidence else None
        return f"“{words}”" if words else None
    if kind == "factor":
        return f"{known.factor:g}×" if known.factor and not key else None
    if card is None:
        return None
    if kind == "name":
        return card.name if not rest else None
    if kind == "title":
        return (card.title or card.name) if not rest else None
    return card.links.get(rest) if kind == "link" else None


def _fitted(sentence: str, after: str) -> str:
    """A sentence without its full stop where the text goes on, or closes it itself."""
    ends = after.lstrip()[:1]
    goes_on = ends in (".", ",", ";", ":", ")", "!", "?") or (ends.isalpha() and ends.islower())
    return sentence.removesuffix(".") if goes_on else sentence


def in_order(texts: Mapping[str, str]) -> Iterator[tuple[str, str, list[str]]]:
    """Id, text and numbers of facts, as a prompt lists them."""
    for id, text in texts.items():
        yield id, text, numbers(text)
