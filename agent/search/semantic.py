"""Similarity in meaning between a question and everything that cards say.

This module knows vectors and the numbers of cards. A card has several texts with a vector each. In
a large registry the signs of the vectors, 384 bits each, select the candidates for an exact
comparison: comparing 300,000 vectors exactly would take longer than the whole search may.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from agent.search.embedding import WIDTH, Embeds
from agent.types import MODEL_FACTS, Card

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Records = NDArray[np.void]
    """Vectors of texts as `record` describes them."""

EXACT = 4_000
"""Most texts of a registry that are all compared exactly."""
CANDIDATES = 400
"""Rough number of texts that are compared exactly in a larger registry."""
SAMPLE = 20_000
HALF = 3
"""64-bit words of a code, of six, that are compared for all texts."""
CHUNK = 5_000
"""Texts that are embedded between two reports of progress."""


@lru_cache(maxsize=256)  # every reason for a card asks for them
def texts_of(card: Card) -> tuple[tuple[str, str], ...]:
    """Return everything that a card says as pairs of field and text; a fact's field is its name.

    The summary of the whole card comes first, then its facts in order, then its examples. Facts
    that hundreds of cards share lose the card's name and any hash, so that they share one vector.
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


def record() -> np.dtype[np.void]:
    """Return the type of a stored vector: times its scale it has about unit length, and its
    cosines are accurate to about 0.001."""
    import numpy as np

    return np.dtype([("text", "<u8"), ("scale", "<f4"), ("vector", "i1", WIDTH)])


def build(
    database: sqlite3.Connection,
    cards: Iterable[Card],
    embedder: Embeds,
    earlier: Sequence[Records],
    progress: Callable[[str], None],
) -> None:
    """Store the vectors of all texts of the cards, and their signs.

    Args:
        earlier: vectors of earlier indexes, reused for texts that have not changed.
        progress: receives a line of text now and then.
    """
    import numpy as np

    place: dict[str, int] = {}  # many cards share a task: equal texts are embedded once
    rows = [[place.setdefault(text, len(place)) for _, text in texts_of(card)] for card in cards]
    records = embedded(list(place), embedder, earlier, progress)
    add(database, "cards", [records[row] for row in rows])
    codes = _codes(records["vector"])[:, [place for row in rows for place in row]]
    starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    database.execute("CREATE TABLE signs (codes BLOB, starts BLOB)")
    database.execute("INSERT INTO signs VALUES (?, ?)", (codes.tobytes(), starts.tobytes()))


def add(database: sqlite3.Connection, owner: str, records: Iterable[Records]) -> None:
    """Store one row of vectors for each member of an owner, such as each card of `cards`."""
    database.execute(
        "CREATE TABLE IF NOT EXISTS vectors"
        "(owner TEXT, member INTEGER, records BLOB, PRIMARY KEY (owner, member))"
    )
    rows = ((owner, number, some.tobytes()) for number, some in enumerate(records))
    database.executemany("INSERT INTO vectors VALUES (?, ?, ?)", rows)


def read(
    database: sqlite3.Connection, owner: str, members: Sequence[int]
) -> tuple[Records, list[int]]:
    """Return the vectors of members, in ascending order, and how many each member has."""
    import numpy as np

    rows = database.execute(
        "SELECT records FROM vectors WHERE owner = ?"
        " AND member IN (SELECT value FROM json_each(?)) ORDER BY member",
        (owner, json.dumps(members)),
    )
    blobs = [blob for (blob,) in rows]
    size = record().itemsize
    return np.frombuffer(b"".join(blobs), record()), [len(blob) // size for blob in blobs]


def has_vectors(database: sqlite3.Connection) -> bool:
    """Check whether the database was built with a sentence model."""
    query = "SELECT count(*) FROM sqlite_schema WHERE name = 'vectors'"
    return bool(database.execute(query).fetchone()[0])


def read_all(database: sqlite3.Connection) -> Records:
    """Return all vectors of a database that has some."""
    import numpy as np

    blobs = database.execute("SELECT records FROM vectors").fetchall()
    return np.frombuffer(b"".join(blob for (blob,) in blobs), record())


def embedded(
    texts: Sequence[str],
    embedder: Embeds,
    earlier: Iterable[Records],
    progress: Callable[[str], None],
) -> Records:
    """Return the vectors of texts, (len(texts),), embedding those that are in no earlier index."""
    import numpy as np

    records = np.zeros(len(texts), record())
    records["text"] = [_fingerprint(text) for text in texts]
    missing = _take_over(earlier, records)
    missing.sort(key=lambda i: len(texts[i]))  # like lengths together make full batches
    for start in range(0, len(missing), CHUNK):
        if start:
            progress(f"embedded {start:,} of {len(missing):,} texts")
        chunk = missing[start : start + CHUNK]
        exact = embedder.embed([texts[i] for i in chunk])
        scales = np.abs(exact).max(axis=1) / 127
        records["scale"][chunk] = scales
        records["vector"][chunk] = np.rint(exact / scales[:, None])
    return records


def _fingerprint(text: str) -> int:
    """Hash a text to 64 bits, the key of its vector."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _take_over(earlier: Iterable[Records], records: Records) -> list[int]:
    """Fill in vectors from earlier indexes; return the positions of the texts that none holds."""
    import numpy as np

    missing = np.arange(len(records))
    for old in earlier:
        texts, rows = np.unique(old["text"], return_index=True)
        if len(texts):
            keys = records["text"][missing]
            at = np.minimum(texts.searchsorted(keys), len(texts) - 1)
            is_known = texts[at] == keys
            records[missing[is_known]] = old[rows[at[is_known]]]
            missing = missing[~is_known]
    return missing.tolist()


def _codes(vectors: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the signs of (n, 384) vectors as (6, n) 64-bit words."""
    import numpy as np

    bits = np.packbits(vectors > 0, axis=1)  # 48 bytes a row
    return np.ascontiguousarray(bits).view(np.uint64).T.copy()


def _differing(codes: NDArray[np.uint64], code: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Return the Hamming distance of each of (words, n) codes to a (words,) code; (n,)."""
    import numpy as np

    distance = np.zeros(codes.shape[1], np.uint16)
    for row, word in zip(codes, code, strict=True):
        distance += np.bitwise_count(row ^ word)
    return distance


class Semantic:
    """Search in the vectors of cards."""

    def __init__(self, database: sqlite3.Connection) -> None:
        import numpy as np

        self._database = database
        ((codes, starts),) = database.execute("SELECT codes, starts FROM signs")
        self._starts = np.frombuffer(starts, np.int64)
        self._codes = np.frombuffer(codes, np.uint64).reshape(WIDTH // 64, -1)

    def candidates(
        self, query: NDArray[np.float32], others: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the numbers of the cards to compare exactly, ascending, `others` included."""
        import numpy as np

        count = self._codes.shape[1]
        if count <= EXACT:
            return np.arange(len(self._starts) - 1)
        code = _codes(query[None])[:, 0]
        # Half of the signs decide for all texts, the other half for those near by the first half.
        rough = _differing(self._codes[:HALF], code[:HALF])
        # A sample is enough to set the limit.
        sample = rough[:: max(1, count // SAMPLE)]
        share = 10 * CANDIDATES * len(sample) / count
        near = np.flatnonzero(rough <= np.cumsum(np.bincount(sample)).searchsorted(share))
        distance = rough[near] + _differing(self._codes[HALF:, near], code[HALF:])
        limit = np.partition(distance, CANDIDATES)[CANDIDATES] if len(near) > CANDIDATES else 384
        texts = near[distance <= limit]
        return np.union1d(self._starts.searchsorted(texts, side="right") - 1, others)

    def texts(self, cards: NDArray[np.int64]) -> Texts:
        """Return the texts of at least one card, in ascending order."""
        if len(cards) == len(self._starts) - 1 and self._codes.shape[1] <= EXACT:
            return self._all  # of a small registry, question after question
        return self._read(cards.tolist())

    @cached_property
    def _all(self) -> Texts:
        return self._read(range(len(self._starts) - 1))

    def _read(self, cards: Sequence[int]) -> Texts:
        import numpy as np

        records, lengths = read(self._database, "cards", list(cards))
        return Texts(records, np.cumsum([0, *lengths[:-1]]))


class Texts:
    """Vectors of the texts of cards."""

    def __init__(self, records: Records, first: NDArray[np.int64]) -> None:
        """Take the vectors of texts and the position of each card's first."""
        import numpy as np

        # Converted once: many questions are compared with the same texts.
        self._vectors = records["vector"].astype(np.float32)
        self._scales, self._first = records["scale"], first

    def cosines(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of each text with a query, (n,) in [-1, 1]."""
        import numpy as np

        # Not `@`: waking the threads of a BLAS takes many times longer than this product.
        near: NDArray[np.float32] = np.einsum("ij,j->i", self._vectors, query)
        near *= self._scales
        return near

    def apart(self, cosines: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Split cosines by card."""
        import numpy as np

        return np.split(cosines, self._first[1:])

    def scores(self, near: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score each card in [-1, 1]: half its summary, half the nearest of its texts.

        Args:
            near: `cosines` with the query.
        """
        import numpy as np

        score: NDArray[np.float32] = np.maximum.reduceat(near, self._first)
        score += near[self._first]
        score /= 2
        return score

    def whole(self, cards: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of cards' summaries, (n, 384), by their position among these cards."""
        rows = self._first[cards]
        vectors: NDArray[np.float32] = self._vectors[rows] * self._scales[rows, None]
        return vectors
