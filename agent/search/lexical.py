"""BM25F over the fields of cards (Robertson and Zaragoza, 2009), as flat arrays.

Knows stems and numbers of cards, neither texts nor meaning. A score is the share, in [0, 1), of
what a perfect card would get, so that it means the same for short and long questions and for
small and large registries.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIELDS = ("name", "title", "task", "summary", "examples", "claims", "authors")
WEIGHTS = (3.0, 1.5, 2.0, 1.0, 1.5, 1.0, 1.0)
"""What a word counts for by field: a short field says more with each word than a long one."""
SATURATION = 1.2
"""k₁: how soon more of the same word stops to count."""
LENGTH = 0.5
"""b: how far a long field discounts its words, from 0, not at all, to 1, fully."""


def fingerprint(text: str) -> int:
    """A text as 64 bits: what is looked up instead of the text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def fingerprints(texts: Collection[str]) -> NDArray[np.uint64]:
    """Those of many texts, (len(texts),)."""
    import numpy as np

    return np.fromiter(map(fingerprint, texts), np.uint64, len(texts))


def places(table: NDArray[np.uint64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where fingerprints are in a sorted table, as many; -1 where it has none.

    They are looked up at once, since one by one most of the time would go into the calls.
    """
    import numpy as np

    if not len(table):
        return np.full(len(keys), -1)
    at = np.minimum(table.searchsorted(keys), len(table) - 1)
    return np.where(table[at] == keys, at, -1)


def build(cards: Iterable[Sequence[Sequence[str]]]) -> dict[str, NDArray[np.generic]]:
    """Postings of cards.

    Args:
        cards: for every card the stems of its fields, in the order of `FIELDS`.

    Returns:
        `terms` (T,) uint64 sorted; `starts` (T + 1,) int64 into the postings of each term;
        `docs` (P,) int32; `impacts` (P,) float32 in (0, 1); `fields` (P,) uint8, a bit per field;
        `size` (1,) int64, the number of cards.
    """
    import numpy as np

    ids: dict[str, int] = {}
    terms, docs, fields, counts, lengths = (array(code) for code in "iibii")
    size = 0
    for number, card in enumerate(cards):
        size += 1
        for position, stems in enumerate(card):
            lengths.append(len(stems))
            for stem, count in Counter(stems).items():
                terms.append(ids.setdefault(stem, len(ids)))
                docs.append(number)
                fields.append(position)
                counts.append(count)
    keys = np.array([fingerprint(stem) for stem in ids], np.uint64)
    order = np.argsort(keys)
    rank = np.empty(len(keys), np.int64)
    rank[order] = np.arange(len(keys))
    doc, field = np.array(docs, np.int64), np.array(fields, np.int64)
    length = np.array(lengths, np.float64).reshape(size, len(FIELDS))
    typical = np.maximum(length.sum(axis=0) / np.maximum((length > 0).sum(axis=0), 1), 1)
    discount = 1 - LENGTH + LENGTH * length / typical
    weight = np.array(WEIGHTS)[field] * np.array(counts) / discount[doc, field]
    return {
        "terms": keys[order],
        "size": np.array([size], np.int64),
        **_merged(rank[np.array(terms, np.int64)] * size + doc, weight, field, len(keys), size),
    }


def _merged(
    place: NDArray[np.int64],
    weight: NDArray[np.float64],
    field: NDArray[np.int64],
    terms: int,
    size: int,
) -> dict[str, NDArray[np.generic]]:
    """One posting for each term and card, out of one for each term, card and field."""
    import numpy as np

    order = np.argsort(place, kind="stable")
    place = place[order]
    first = np.flatnonzero(np.diff(place, prepend=-1))
    if len(first):
        weight = np.add.reduceat(weight[order], first)
        bits = np.bitwise_or.reduceat((1 << field[order]).astype(np.uint8), first)
    else:
        bits = np.zeros(0, np.uint8)
    term, doc = np.divmod(place[first], max(size, 1))
    return {
        "starts": np.searchsorted(term, np.arange(terms + 1)).astype(np.int64),
        "docs": doc.astype(np.int32),
        "impacts": (weight / (SATURATION + weight)).astype(np.float32),
        "fields": bits,
    }


@dataclass(frozen=True, slots=True)
class Term:
    """A stem that is looked for."""

    stem: str
    start: int
    end: int
    """Its postings: from `start` to before `end`."""
    worth: float
    """Its share of the whole question, by rarity, in [0, 1]."""


class Lexical:
    """The postings, searched."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._terms, self._starts = arrays["terms"], arrays["starts"]
        self._docs, self._impacts, self._fields = (
            arrays["docs"], arrays["impacts"], arrays["fields"],
        )  # fmt: skip
        self.size = int(arrays["size"][0])

    def __contains__(self, stem: str) -> bool:
        return bool(places(self._terms, fingerprints((stem,)))[0] >= 0)

    def look_up(self, stems: Mapping[str, float], keys: NDArray[np.uint64]) -> list[Term]:
        """Where stems are, and what each is worth.

        Args:
            stems: what is looked for, with what each counts.
            keys: their fingerprints.
        """
        positions = places(self._terms, keys)
        starts = self._starts[positions].tolist()
        ends = self._starts[
            positions + (positions >= 0)
        ].tolist()  # an unknown one ends where it starts
        rarity = [
            weight * math.log(1 + (self.size - (end - start) + 0.5) / (end - start + 0.5))
            for weight, start, end in zip(stems.values(), starts, ends, strict=True)
        ]
        whole = sum(rarity) or 1.0
        return [
            Term(stem, start, end, rare / whole)
            for stem, start, end, rare in zip(stems, starts, ends, rarity, strict=True)
        ]

    def scores(self, terms: Sequence[Term]) -> NDArray[np.float32]:
        """Score of every card, (size,) float32 in [0, 1)."""
        import numpy as np

        present = [term for term in terms if term.start < term.end]
        if not present:
            return np.zeros(self.size, np.float32)
        docs = np.concatenate([self._docs[term.start : term.end] for term in present])
        gains = np.concatenate(
            [term.worth * self._impacts[term.start : term.end] for term in present]
        )
        return np.bincount(docs, gains, self.size).astype(np.float32)

    def shared(self, terms: Sequence[Term], card: int) -> list[tuple[str, tuple[str, ...]]]:
        """The stems that a card holds, the weightiest first, each with the fields it is in."""
        hits: list[tuple[float, str, tuple[str, ...]]] = []
        for term in terms:
            place = term.start + int(self._docs[term.start : term.end].searchsorted(card))
            if place < term.end and self._docs[place] == card:
                bits = int(self._fields[place])
                fields = tuple(name for i, name in enumerate(FIELDS) if bits >> i & 1)
                hits.append((-term.worth * float(self._impacts[place]), term.stem, fields))
        return [(stem, fields) for _, stem, fields in sorted(hits)]
