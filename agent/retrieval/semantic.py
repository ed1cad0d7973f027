"""Nearness in meaning between a question and everything that cards say.

Knows vectors and numbers of cards. A card has several texts, each with a vector; in a large
registry the vectors' signs, 384 bits, find the candidates that are then compared exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.retrieval.embedding import Embeds
from agent.types import Card

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXACT = 4_000
"""Most texts that are all compared exactly."""
CANDIDATES = 1_000
"""Texts that are compared exactly in a larger registry."""


def texts_of(card: Card) -> list[tuple[str, str]]:
    """Everything that a card says, `(field, text)`; the field of a fact is its name.

    The first is the whole card in short, then its facts in their order, then its examples.
    """
    whole = ". ".join(filter(None, (card.name, card.title, card.task, card.summary)))
    facts = [(name.partition("/")[2], text) for name, text in card.facts().items()]
    return [("card", whole), *facts, *(("example", text) for text in card.examples)]


def build(cards: Iterable[Card], embedder: Embeds) -> dict[str, NDArray[np.generic]]:
    """Vectors of all texts of cards.

    Returns:
        `vectors` (U, 384) float16, unit length; `codes` (6, U) uint64, the signs of each;
        `text_starts` (N + 1,) int64, where each card's texts begin.
    """
    import numpy as np

    place: dict[str, int] = {}  # many cards share a task: equal texts are embedded once
    rows: list[int] = []
    starts = [0]
    for card in cards:
        rows += [place.setdefault(text, len(place)) for _, text in texts_of(card)]
        starts.append(len(rows))
    vectors = embedder.embed(list(place))[rows] if rows else np.zeros((0, 384), np.float32)
    return {
        "vectors": vectors.astype(np.float16),
        "codes": _codes(vectors),
        "text_starts": np.array(starts, np.int64),
    }


def _codes(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    import numpy as np

    bits = np.packbits(vectors > 0, axis=1)  # 48 bytes a row
    return np.ascontiguousarray(bits).view(np.uint64).T.copy()


class Semantic:
    """The vectors, searched."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._vectors, self._codes = arrays["vectors"], arrays["codes"]
        self._starts = arrays["text_starts"]

    def candidates(self, query: NDArray[np.float32]) -> NDArray[np.int64]:
        """Numbers of the cards worth comparing exactly, ascending."""
        import numpy as np

        count = self._codes.shape[1]
        if count <= EXACT:
            return np.arange(len(self._starts) - 1)
        code = _codes(query[None])[:, 0]
        distance = np.zeros(count, np.uint16)
        for row, word in zip(self._codes, code, strict=True):
            distance += np.bitwise_count(row ^ word)
        nearest = np.cumsum(np.bincount(distance, minlength=385))
        limit = int(nearest.searchsorted(CANDIDATES))
        texts = np.flatnonzero(distance <= limit)
        return np.unique(self._starts.searchsorted(texts, side="right") - 1)

    def similarities(self, query: NDArray[np.float32], card: int) -> NDArray[np.float32]:
        """Cosine of the query with each text of a card, in the order of `texts_of`."""
        start, end = self._starts[card : card + 2].tolist()
        found: NDArray[np.float32] = self._vectors[start:end].astype("float32") @ query
        return found

    def whole(self, cards: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of cards as a whole, (n, 384)."""
        found: NDArray[np.float32] = self._vectors[self._starts[cards]].astype("float32")
        return found

    def scores(
        self, query: NDArray[np.float32], cards: Sequence[int] | NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """How near each card is: half its whole, half the best of its texts; (n,) in [-1, 1]."""
        import numpy as np

        if not len(cards):
            return np.zeros(0, np.float32)
        starts, ends = self._starts[cards], self._starts[np.asarray(cards) + 1]
        lengths = ends - starts
        first = np.cumsum(lengths) - lengths
        rows = np.arange(lengths.sum()) + np.repeat(starts - first, lengths)
        near = self._vectors[rows].astype(np.float32) @ query
        best: NDArray[np.float32] = np.maximum.reduceat(near, first)
        best += near[first]
        return best / np.float32(2)
