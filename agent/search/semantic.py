"""Nearness in meaning between a question and everything that cards say.

Knows vectors and numbers of cards. A card has several texts, each with a vector; in a large
registry the vectors' signs, 384 bits, find the candidates that are then compared exactly.
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


def record() -> np.dtype[np.void]:
    """How the vector of a text is stored: multiplied by its scale it has about length 1, and a
    cosine is right within about 0.001."""
    import numpy as np

    return np.dtype([("text", "<u8"), ("scale", "<f4"), ("vector", "i1", WIDTH)])


def build(
    database: sqlite3.Connection,
    cards: Iterable[Card],
    embedder: Embeds,
    earlier: Sequence[Records],
    progress: Callable[[str], None],
) -> None:
    """Add the vectors of all texts of cards, see `add`, and the signs of each.

    Args:
        earlier: vectors of earlier indexes, taken over where a text is the same.
        progress: called with a line of text now and then.
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
    """Add a row of vectors for each member of an owner, such as one for each card of `cards`."""
    database.execute(
        "CREATE TABLE IF NOT EXISTS vectors"
        "(owner TEXT, member INTEGER, records BLOB, PRIMARY KEY (owner, member))"
    )
    rows = ((owner, number, some.tobytes()) for number, some in enumerate(records))
    database.executemany("INSERT INTO vectors VALUES (?, ?, ?)", rows)


def read(
    database: sqlite3.Connection, owner: str, members: Sequence[int]
) -> tuple[Records, list[int]]:
    """Vectors of some members, one after the other, and how many each has; members ascend."""
    import numpy as np

    found = database.execute(
        "SELECT records FROM vectors WHERE owner = ?"
        " AND member IN (SELECT value FROM json_each(?)) ORDER BY member",
        (owner, json.dumps(members)),
    )
    blobs = [blob for (blob,) in found]
    size = record().itemsize
    return np.frombuffer(b"".join(blobs), record()), [len(blob) // size for blob in blobs]


def has_vectors(database: sqlite3.Connection) -> bool:
    """Whether sentences could be embedded when the database was built."""
    query = "SELECT count(*) FROM sqlite_schema WHERE name = 'vectors'"
    return bool(database.execute(query).fetchone()[0])


def read_all(database: sqlite3.Connection) -> Records:
    """All vectors of a database that has some."""
    import numpy as np

    blobs = database.execute("SELECT records FROM vectors").fetchall()
    return np.frombuffer(b"".join(blob for (blob,) in blobs), record())


def embedded(
    texts: Sequence[str],
    embedder: Embeds,
    earlier: Iterable[Records],
    progress: Callable[[str], None],
) -> Records:
    """Vectors of texts, (len(texts),)."""
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
    """A text as 64 bits, by which its vector is found again."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _take_over(earlier: Iterable[Records], records: Records) -> list[int]:
    """Fill in the vectors that earlier indexes have; positions of the texts that none has."""
    import numpy as np

    missing = np.arange(len(records))
    for old in earlier:
        texts, rows = np.unique(old["text"], return_index=True)
        if len(texts):
            wanted = records["text"][missing]
            at = np.minimum(texts.searchsorted(wanted), len(texts) - 1)
            is_known = texts[at] == wanted
            records[missing[is_known]] = old[rows[at[is_known]]]
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
    """The vectors of cards, searched."""

    def __init__(self, database: sqlite3.Connection) -> None:
        import numpy as np

        self._database = database
        ((codes, starts),) = database.execute("SELECT codes, starts FROM signs")
        self._starts = np.frombuffer(starts, np.int64)
        self._codes = np.frombuffer(codes, np.uint64).reshape(WIDTH // 64, -1)

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
        """All that cards say, ready to be compared; at least one card, ascending."""
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
    """Vectors of the texts of some cards."""

    def __init__(self, records: Records, first: NDArray[np.int64]) -> None:
        """Take the vectors of texts and where those of each card begin."""
        import numpy as np

        # Converted once: many questions are compared with the same texts.
        self._vectors = records["vector"].astype(np.float32)
        self._scales, self._first = records["scale"], first

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
