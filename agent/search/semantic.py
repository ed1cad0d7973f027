"""Nearness in meaning between a question and everything that cards say.

Knows vectors and numbers of cards. A card has several texts, each with a vector; in a large
registry the vectors' signs, 384 bits, find the candidates that are then compared exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from agent.search.embedding import WIDTH, Embeds
from agent.search.lexical import fingerprint
from agent.types import MODEL_FACTS, Card

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXACT = 4_000
"""Most texts that are all compared exactly."""
CANDIDATES = 400
"""Texts, about, that are compared exactly in a larger registry."""
SAMPLE = 20_000
HALF = 3
"""Words of a code, of six, that are compared for all texts."""
CHUNK = 5_000
"""Texts that are embedded between two words on the progress."""


@lru_cache(maxsize=256)  # every reason for a card asks for them
def texts_of(card: Card) -> tuple[tuple[str, str], ...]:
    """Everything that a card says, `(field, text)`; the field of a fact is its name.

    The first is the whole card in short, then its facts in their order, then its examples. What
    hundreds of cards say alike in keys is one text for all: without the name, and without hashes.
    """
    whole = ". ".join(filter(None, (card.name, card.title, card.task, card.summary)))
    facts = []
    for id, text in card.facts().items():
        name = id.partition("/")[2]
        if name == "sha256":
            text = "It comes in files with this SHA-256."
        elif name in MODEL_FACTS:
            text = text.replace(card.name, "it")
        facts.append((name, text))
    return (("card", whole), *facts, *(("example", text) for text in card.examples))


def build(
    cards: Iterable[Card],
    embedder: Embeds,
    before: Iterable[Mapping[str, Any]],
    progress: Callable[[str], None],
) -> dict[str, NDArray[np.generic]]:
    """Vectors of all texts of cards.

    Args:
        before: arrays of earlier indexes, whose vectors are taken over where a text is the same.
        progress: called with a line of text now and then.

    Returns:
        `vectors` (U, 384) int8, to be multiplied by `scales` (U,) float32 for unit length, which
        keeps a cosine within about 0.001; `codes` (6, U) uint64, the signs of each; `text_keys`
        (U,) uint64, the texts' fingerprints; `text_starts` (N + 1,) int64, where each card's texts
        begin.
    """
    import numpy as np

    place: dict[str, int] = {}  # many cards share a task: equal texts are embedded once
    rows: list[int] = []
    starts = [0]
    for card in cards:
        rows += [place.setdefault(text, len(place)) for _, text in texts_of(card)]
        starts.append(len(rows))
    vectors, scales, keys = embedded(list(place), embedder, before, progress)
    return {
        "vectors": vectors[rows],
        "scales": scales[rows],
        "codes": _codes(vectors)[:, rows],
        "text_keys": keys[rows],
        "text_starts": np.array(starts, np.int64),
    }


def embedded(
    texts: Sequence[str],
    embedder: Embeds,
    before: Iterable[Mapping[str, Any]],
    progress: Callable[[str], None],
) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.uint64]]:
    """Vectors of texts (U, 384), what each is to be multiplied by, (U,), and fingerprints, (U,)."""
    import numpy as np

    keys = np.array([fingerprint(text) for text in texts], np.uint64)
    vectors = np.zeros((len(texts), WIDTH), np.int8)
    scales = np.zeros(len(texts), np.float32)
    missing = _take_over(before, keys, vectors, scales)
    missing.sort(key=lambda i: len(texts[i]))  # like lengths together make full batches
    for start in range(0, len(missing), CHUNK):
        if start:
            progress(f"embedded {start:,} of {len(missing):,} texts")
        chunk = missing[start : start + CHUNK]
        exact = embedder.embed([texts[i] for i in chunk])
        scales[chunk] = np.abs(exact).max(axis=1) / 127
        vectors[chunk] = np.rint(exact / scales[chunk, None])
    return vectors, scales, keys


def _take_over(
    before: Iterable[Mapping[str, Any]],
    keys: NDArray[np.uint64],
    vectors: NDArray[np.int8],
    scales: NDArray[np.float32],
) -> list[int]:
    """Fill in what earlier indexes know; positions of the texts that they do not."""
    import numpy as np

    missing = np.arange(len(keys))
    for arrays in before:
        known_keys, rows = np.unique(arrays["text_keys"], return_index=True)
        if len(known_keys):
            at = np.minimum(known_keys.searchsorted(keys[missing]), len(known_keys) - 1)
            is_known = known_keys[at] == keys[missing]
            vectors[missing[is_known]] = arrays["vectors"][rows[at[is_known]]]
            scales[missing[is_known]] = arrays["scales"][rows[at[is_known]]]
            missing = missing[~is_known]
    return missing.tolist()


def _codes(vectors: NDArray[Any]) -> NDArray[np.uint64]:
    """Signs of (n, 384) vectors as (6, n) words."""
    import numpy as np

    bits = np.packbits(vectors > 0, axis=1)  # 48 bytes a row
    return np.ascontiguousarray(bits).view(np.uint64).T.copy()


def _differing(codes: NDArray[np.uint64], code: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """In how many signs each of (words, n) codes differs from a (words,) code; (n,)."""
    import numpy as np

    distance = np.zeros(codes.shape[1], np.uint16)
    for row, word in zip(codes, code, strict=True):
        distance += np.bitwise_count(row ^ word)
    return distance


class Semantic:
    """The vectors, searched."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._vectors, self._scales = arrays["vectors"], arrays["scales"]
        self._codes = arrays["codes"]
        self._starts = arrays["text_starts"]

    def candidates(
        self, query: NDArray[np.float32], others: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Numbers of the cards worth comparing exactly, ascending, `others` among them."""
        import numpy as np

        count = self._codes.shape[1]
        if count <= EXACT:
            return np.arange(len(self._starts) - 1)
        code = _codes(query[None])[:, 0]
        # Half of the signs for all texts, the other half for those that are near by the first.
        rough = _differing(self._codes[:HALF], code[:HALF])
        # The limit is read off a sample: it need not be exact.
        sample = rough[:: max(1, count // SAMPLE)]
        share = 10 * CANDIDATES * len(sample) / count
        near = np.flatnonzero(rough <= np.cumsum(np.bincount(sample)).searchsorted(share))
        distance = rough[near] + _differing(self._codes[HALF:, near], code[HALF:])
        limit = np.partition(distance, CANDIDATES)[CANDIDATES] if len(near) > CANDIDATES else 384
        texts = near[distance <= limit]
        return np.union1d(self._starts.searchsorted(texts, side="right") - 1, others)

    def texts(self, cards: NDArray[np.int64]) -> Texts:
        """All that cards say, ready to be compared; at least one card."""
        import numpy as np

        if len(cards) == len(self._starts) - 1 and len(self._vectors) <= EXACT:
            return self._all  # of a small registry, question after question
        starts = self._starts[cards]
        lengths = self._starts[cards + 1] - starts
        first = np.cumsum(lengths) - lengths
        rows = np.arange(lengths.sum()) + np.repeat(starts - first, lengths)
        return Texts(self._vectors[rows].astype(np.float32), self._scales[rows], first)

    @cached_property
    def _all(self) -> Texts:
        import numpy as np

        return Texts(self._vectors.astype(np.float32), self._scales, self._starts[:-1])


class Texts:
    """Vectors of the texts of some cards."""

    def __init__(
        self,
        vectors: NDArray[np.float32],
        scales: NDArray[np.float32],
        first: NDArray[np.int64],
    ) -> None:
        """Take (n, 384) vectors, what each is to be multiplied by, and where each card begins."""
        self._vectors, self._scales, self._first = vectors, scales, first

    def cosines(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of each text with a query, (n,) in [-1, 1]."""
        import numpy as np

        # Not `@`: waking the threads of a BLAS takes many times as long as this product.
        near: NDArray[np.float32] = np.einsum("ij,j->i", self._vectors, query)
        near *= self._scales
        return near

    def apart(self, cosines: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The cosines of each card by themselves."""
        import numpy as np

        return np.split(cosines, self._first[1:])

    def scores(self, near: NDArray[np.float32]) -> NDArray[np.float32]:
        """How near each card is: half its whole, half the best of its texts; in [-1, 1].

        Args:
            near: `cosines` with the query.
        """
        import numpy as np

        score: NDArray[np.float32] = np.maximum.reduceat(near, self._first)
        score += near[self._first]
        score /= 2
        return score

    def whole(self, cards: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of cards as a whole, (n, 384), by their position among these."""
        rows = self._first[cards]
        vectors: NDArray[np.float32] = self._vectors[rows] * self._scales[rows, None]
        return vectors
