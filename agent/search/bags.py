"""Questions and cards as bags of stems, the form in which words are compared."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agent.search.lexical import Term
from agent.search.stems import stems
from agent.types import Card

FIELDS = {
    "name": 3.0, "title": 1.5, "task": 2.0, "summary": 1.0, "examples": 1.5, "claims": 1.0,
    "authors": 1.0,
}  # fmt: skip
"""What a word counts for by the field of a card: a short field says more with each word."""
HINT = 0.5
"""What counts that the question implies but does not say."""
#: Facts that are fields of their own, or that nobody searches by words.
_APART = frozenset(("task", "summary", "sha256"))
_PUBLICATION = "who wrote made invented developed authors paper when year"
"""What is asked for by whom and when a system was published, which a list of names does not say."""


def weights_of(query: str, hints: Collection[str] = ()) -> dict[str, float]:
    """Stems of a question with what each counts."""
    implied = {stem: HINT for hint in hints for stem in stems(hint)}
    return implied | dict.fromkeys(stems(query), 1.0)


def fields_of(card: Card) -> tuple[list[str], ...]:
    """Stems of a card in the order of `FIELDS`."""
    texts = [text for name, text in card.facts().items() if name.partition("/")[2] not in _APART]
    for claim in (*card.claims, *card.limits):
        texts += [" ".join(claim.tags).replace("-", " "), claim.mechanism or ""]
    return (
        stems(" ".join((card.name, *card.aliases))),
        stems(card.title or ""),
        stems(card.task),
        stems(card.summary),
        stems(" ".join(card.examples)),
        stems(" ".join(texts)),
        stems(" ".join((*card.authors, card.venue or "", str(card.year or "")))),
    )


def facts_of(card: Card) -> dict[str, list[str]]:
    """Stems of each fact of a card, by the fact's id, those of its tags among them."""
    tags = {f"{card.id}/{c.id}": " ".join(c.tags) for c in (*card.claims, *card.limits)}
    tags[f"{card.id}/publication"] = _PUBLICATION
    return {
        id: stems(f"{text} {tags.get(id, '').replace('-', ' ')}")
        for id, text in card.facts().items()
    }


def shared(terms: Sequence[Term], card: Card) -> list[tuple[str, tuple[str, ...]]]:
    """The stems that a card holds, the rarest first, each with the fields that hold it."""
    fields = dict(zip(FIELDS, map(frozenset, fields_of(card)), strict=True))
    pairs = [
        (term.stem, tuple(name for name, bag in fields.items() if term.stem in bag))
        for term in sorted(terms, key=lambda term: (-term.worth, term.stem))
    ]
    return [(stem, names) for stem, names in pairs if names]
