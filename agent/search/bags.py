"""Questions and cards as bags of stems, the form in which words are compared."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agent.search.lexical import Term
from agent.search.stems import stems
from agent.types import Card

FIELD_WEIGHTS = {
    "name": 3.0, "title": 1.5, "task": 2.0, "summary": 1.0, "examples": 1.5, "claims": 1.0,
    "authors": 1.0,
}  # fmt: skip
"""Fields of a card and the weight of a word in each: short fields say more with each word.

The weights apply to words alone, which are a part of a score (see `MEANING` in `index`). Refit
`data/matching.json` after a change: `python -m agent.lab.evaluation.fitting`.
"""
HINT = 0.5
"""Weight of words that a question implies but does not contain."""
#: Facts that are fields of their own, or that nobody searches for by words.
_APART = frozenset(("task", "summary", "sha256"))
_PUBLICATION = "who wrote made invented developed authors paper when year"
"""Words of questions about authors and dates, which a publication record does not contain."""


def weights_of(query: str, hints: Collection[str] = ()) -> dict[str, float]:
    """Return the stems of a question and their weights."""
    implied = {stem: HINT for hint in hints for stem in stems(hint)}
    return implied | dict.fromkeys(stems(query), 1.0)


def stems_by_field(card: Card) -> tuple[list[str], ...]:
    """Return the stems of a card, field by field as in `FIELD_WEIGHTS`."""
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
    """Return the stems of each fact of a card and its tags, by fact id."""
    tags = {f"{card.id}/{c.id}": " ".join(c.tags) for c in (*card.claims, *card.limits)}
    tags[f"{card.id}/publication"] = _PUBLICATION
    return {
        id: stems(f"{text} {tags.get(id, '').replace('-', ' ')}")
        for id, text in card.facts().items()
    }


def shared(terms: Sequence[Term], card: Card) -> list[tuple[str, tuple[str, ...]]]:
    """Return the stems that a card contains, rarest first, each with the fields that contain it."""
    fields = dict(zip(FIELD_WEIGHTS, map(frozenset, stems_by_field(card)), strict=True))
    pairs = [
        (term.stem, tuple(name for name, bag in fields.items() if term.stem in bag))
        for term in sorted(terms, key=lambda term: (-term.worth, term.stem))
    ]
    return [(stem, names) for stem, names in pairs if names]
