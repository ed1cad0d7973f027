"""BM25 over bags of stems, computed by SQLite's full-text search (FTS5).

This module knows stems and the numbers of texts, neither the texts nor their meaning. A score is
the share, in [0, 1), of what a text that repeats every word of the question would get, so that it
means the same for short and long questions and for small and large registries.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Bags = Iterable[Sequence[Iterable[str]]]
"""The stems of each text, column by column."""

SATURATION = 1.2
"""k₁ of FTS5: how soon more of the same word stops to count."""
LEAST_RARITY = 1e-6
"""The rarity (idf) that FTS5 gives a word that more than half of the texts hold."""
COMMON = 1_000
"""Number of texts from which on a word counts by its presence alone: FTS5 ranks each text that it
finds at a cost, and how often a text repeats a common word says little."""
ROWS = 6_000
"""Most texts that one question reads, roughly. The commonest words of a question cost the most and
tell few texts apart, so in a very large registry they are left out."""


def build(
    database: sqlite3.Connection, table: str, bags: Bags, columns: Sequence[str] = ("words",)
) -> None:
    """Create a full-text table of bags of stems, and a table of how many texts hold each stem."""
    fields, marks = ", ".join(columns), ", ?" * len(columns)
    database.execute(
        f"CREATE VIRTUAL TABLE {table} USING fts5"
        f"({fields}, content='', tokenize='unicode61 remove_diacritics 0')"
    )
    rows = ((number, *(" ".join(bag) for bag in text)) for number, text in enumerate(bags))
    database.executemany(f"INSERT INTO {table}(rowid, {fields}) VALUES (?{marks})", rows)
    database.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")
    database.execute(f"CREATE VIRTUAL TABLE {table}_terms USING fts5vocab({table}, row)")
    database.execute(
        f"CREATE TABLE {table}_holders (stem TEXT PRIMARY KEY, texts INTEGER) WITHOUT ROWID"
    )
    database.execute(f"INSERT INTO {table}_holders SELECT term, doc FROM {table}_terms")
    database.execute(f"DROP TABLE {table}_terms")


@dataclass(frozen=True, slots=True)
class Term:
    """A stem of the question."""

    stem: str
    holders: int
    """Number of texts that hold it."""
    worth: float
    """Its share of the question, weighted by rarity, in [0, 1]."""


class Lexical:
    """Search in a table that `build` created.

    Args:
        weights: of a word in each column; equal by default.
    """

    def __init__(
        self, database: sqlite3.Connection, table: str, weights: Sequence[float] = ()
    ) -> None:
        (last,) = database.execute(f"SELECT max(id) FROM {table}_docsize").fetchone()
        self.size = 0 if last is None else int(last) + 1
        """Number of texts."""
        self._database = database
        rank = ", ".join(map(str, (table, *weights)))
        self._present = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"
        self._ranked = f"SELECT rowid, bm25({rank}) FROM {table} WHERE {table} MATCH ?"
        self._holders = f"SELECT texts FROM {table}_holders WHERE stem = ?"

    def __contains__(self, stem: str) -> bool:
        return self._count(stem) > 0

    def look_up(self, stems: Mapping[str, float]) -> list[Term]:
        """Return how many texts hold each stem, and its worth.

        Args:
            stems: of the question, with their weights.
        """
        counts = [self._count(stem) for stem in stems]
        rarity = [
            weight * math.log(1 + (self.size - count + 0.5) / (count + 0.5))
            for weight, count in zip(stems.values(), counts, strict=True)
        ]
        whole = sum(rarity) or 1.0
        return [
            Term(stem, count, rare / whole)
            for stem, count, rare in zip(stems, counts, rarity, strict=True)
        ]

    def scores(self, terms: Sequence[Term]) -> NDArray[np.float32]:
        """Score every text; (size,) float32 in [0, 1)."""
        import numpy as np

        scores = np.zeros(self.size, np.float32)
        seen = 0
        for term in sorted(terms, key=lambda term: term.holders):
            if term.holders and (not seen or seen + term.holders <= ROWS):
                seen += term.holders
                numbers, shares = self._gains(term)
                scores[numbers] += term.worth * shares
        return scores

    def _gains(self, term: Term) -> tuple[NDArray[np.int64], NDArray[np.float64] | float]:
        """Return the texts that hold a stem, and what each gets of its worth."""
        import numpy as np

        query = (f'"{term.stem}"',)
        if term.holders > COMMON:
            rows = self._database.execute(self._present, query).fetchall()
            numbers = np.fromiter((number for (number,) in rows), np.int64, len(rows))
            return numbers, 1 / (1 + SATURATION)
        numbers, ranks = np.array(self._database.execute(self._ranked, query).fetchall()).T
        return numbers.astype(np.int64), ranks / self._most(term.holders)

    def _count(self, stem: str) -> int:
        row = self._database.execute(self._holders, (stem,)).fetchone()
        return row[0] if row else 0

    def _most(self, holders: int) -> float:
        """Return the limit of `bm25` for a text that repeats one word; negative, as all its values.

        See https://sqlite.org/fts5.html#the_bm25_function. Dividing by the limit cancels the rarity
        that FTS5 assigns, which in a registry of a few cards is next to nothing for most words.
        """
        rarity = math.log((self.size - holders + 0.5) / (holders + 0.5))
        return -(SATURATION + 1) * (rarity if rarity > 0 else LEAST_RARITY)
