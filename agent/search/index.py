"""The index over a registry: built once, stored in the cache, searched by words and meaning."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent.files import sha256_of
from agent.files.database import Damaged, create, open_stored, recent, save
from agent.registry import Registry
from agent.registry.program import FILE as PROGRAM_FILE
from agent.search import asks, lexical, names, reasons, semantic
from agent.search.asks import OUTSIDE, Asks, Nearness
from agent.search.bags import FIELD_WEIGHTS, HINT, facts_of, shared, stems_by_field, weights_of
from agent.search.embedding import (
    MODEL,
    Embedder,
    EmbeddingUnavailableError,
    Embeds,
    model_file,
)
from agent.search.lexical import Lexical, Term
from agent.search.names import Names
from agent.search.semantic import Semantic, Texts, texts_of
from agent.search.stems import stems_of
from agent.types import Card, Intent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agent.search.semantic import Records

FORMAT = 14
"""Version of the stored index; raise it whenever its content or computation changes."""
MEANING = 0.6
"""Weight of meaning in a score; words have the rest."""
FEEDBACK = 3
"""Number of best cards whose vectors join the question's for a second look (Rocchio, 1971)."""
FEEDBACK_WEIGHT = 0.5
FEEDBACK_FROM = 30
"""Fewest cards for a second look: in a small registry the best three are not all relevant."""
EARLIER = 4
"""Number of cached indexes whose vectors are reused for equal texts."""
READY_FACTS = 64
"""Number of cards whose facts stay in memory for searching."""
SHORTLIST = 200
"""Most cards that words alone bring into the comparison."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result."""

    card: str
    score: float
    """Sort key of the results, about [0, 1]."""
    meaning: float
    """Cosine with the card and its nearest text, in [-1, 1]; 0 in a lexical index."""
    overlap: float
    """Share of the question's words that the card holds, weighted by rarity; in [0, 1)."""
    explain: Callable[[], Iterable[str]] = field(repr=False, compare=False)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons for the result, in words; computed on access."""
        return tuple(self.explain())


@dataclass(frozen=True, slots=True)
class Mention:
    """A card that a text names."""

    card: str
    score: float
    """1 for a name in the registry; less for a variant or misspelling."""
    text: str
    """As written in the text."""
    kind: str
    """link, arXiv id, id, name, alias, title, variant or misspelling."""


@dataclass(frozen=True, slots=True)
class _QueryFeatures:
    """A question prepared for search, once for everything that is compared with it."""

    weights: Mapping[str, float]
    """Its stems and their weights."""
    vector: NDArray[np.float32] | None
    """Its vector, of unit length; None without a sentence model."""
    near: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    """Cosines with the texts of cards, by card number."""


@dataclass(frozen=True, slots=True)
class _Within:
    """A card prepared for ranking its facts."""

    card: Card
    number: int | None
    """Its number in the index; None for a card from elsewhere."""
    facts: tuple[str, ...]
    words: Lexical
    """Of each fact."""


_CERTAINTY = {"variant": 0.7, "misspelling": 0.7}


class Index:
    """Search over cards and everything they say; see `Index.open`."""

    def __init__(
        self, registry: Registry, database: sqlite3.Connection, embedder: Embeds | str
    ) -> None:
        """Take the database of this registry; `embedder` may be the reason why there is none."""
        self._registry = registry
        self._lexical = Lexical(database, "cards", tuple(FIELD_WEIGHTS.values()))
        self._names, self._asks = Names(database), Asks(database, registry)
        self._semantic = Semantic(database) if semantic.has_vectors(database) else None
        self._embedder = None if isinstance(embedder, str) else embedder
        self.mode = f"lexical: {embedder}" if isinstance(embedder, str) else "hybrid"
        ((tasks, texts),) = database.execute("SELECT tasks, texts FROM counts")
        self.tasks = int(tasks)
        """Number of different tasks among the cards."""
        self.texts_per_card = texts / max(len(registry), 1)
        self.knows_questions = self._asks.are_of_cards
        """Whether any card says which questions it answers."""
        self._features = lru_cache(maxsize=64)(self._read)
        self._mentions = lru_cache(maxsize=256)(self._find_mentions)
        self._is_known = lru_cache(maxsize=4096)(self._has)
        self._facts: dict[str, _Within] = {}

    @classmethod
    def build(
        cls, registry: Registry, embedder: Embeds | str, outside: Sequence[str] | None = None
    ) -> Index:
        """Build an index in memory.

        Args:
            outside: questions that no registry answers; None takes those that ship.

        Raises:
            EmbeddingUnavailableError: when the embedder turns out to be unusable.
        """
        return cls(registry, _database(registry, embedder, outside=outside), embedder)

    @classmethod
    def open(
        cls, registry: Registry, cache: Path, progress: Callable[[str], None] = lambda _: None
    ) -> Index:
        """Open the index of a registry from the cache, or build it and store it there.

        Without a sentence model the index is lexical, and `mode` says why. A cache that cannot be
        written costs the time to build the index, nothing else. Texts that an earlier index in the
        cache holds are not embedded again.

        Args:
            progress: receives lines of text while a large index is built.
        """
        try:
            embedder = Embedder(model_file(), cache / "model")
            return cls._open_cached(registry, cache / "index", embedder, progress)
        except EmbeddingUnavailableError as error:
            return cls._open_cached(registry, cache / "index", str(error), progress)

    @classmethod
    def _open_cached(
        cls,
        registry: Registry,
        folder: Path,
        embedder: Embeds | str,
        progress: Callable[[str], None],
    ) -> Index:
        kind = f"{FORMAT}-{'words' if isinstance(embedder, str) else MODEL}"
        ours = "".join(sha256_of(path)[:8] for path in (PROGRAM_FILE, OUTSIDE))
        place = folder / f"{kind}-{registry.sha256[:32]}-{ours}.db"
        with suppress(OSError, Damaged):
            return cls(registry, open_stored(place), embedder)
        earlier = [] if isinstance(embedder, str) else _earlier(folder, f"{kind}-*.db")
        database = _database(registry, embedder, earlier, progress)
        with suppress(OSError):
            save(database, place)
        return cls(registry, database, embedder)

    # --- search -----------------------------------------------------------------------------

    def search(self, query: str, limit: int = 10, hints: Collection[str] = ()) -> list[Hit]:
        """Return the cards that fit a question, best first; ties in the order of the registry.

        Args:
            query: any text.
            limit: most cards returned.
            hints: what the question implies, such as `sharp edges`; counts half.
        """
        import numpy as np

        features = self._features(query, *hints)
        terms = self._lexical.look_up(features.weights)
        overlap = self._lexical.scores(terms)
        cards = _best(overlap, SHORTLIST)
        near = np.zeros(len(cards), np.float32)
        scores = overlap[cards]
        if features.vector is not None and self._semantic is not None:
            cards = self._semantic.candidates(features.vector, cards)
        if features.vector is not None and self._semantic is not None and len(cards):
            texts = self._semantic.texts(cards)
            cosines = texts.cosines(features.vector)
            near = texts.scores(cosines)
            scores = MEANING * near + (1 - MEANING) * overlap[cards]
            if len(cards) >= FEEDBACK_FROM:
                scores = _second_look(texts, features.vector, near, scores)
            if len(cards) <= limit:  # what is asked of each next was just worked out
                features.near.update(zip(cards.tolist(), texts.apart(cosines), strict=True))
        order = np.argsort(-scores, kind="stable")[:limit]
        return [
            Hit(
                card=self._registry.id(card),
                score=round(float(scores[i]), 4),
                meaning=round(float(near[i]), 4),
                overlap=round(float(overlap[card]), 4),
                explain=partial(self._reasons, card, terms, query, features),
            )
            for i in order.tolist()
            for card in [int(cards[i])]
            if scores[i] > 0
        ]

    def named(self, text: str) -> list[Mention]:
        """Return the cards that a text names: by name, alias, title, arXiv id, link or misspelling.

        Links first, then in the order of the text; each card once.
        """
        return list(self._mentions(text))

    def rank_facts(self, query: str, card: Card, hints: Collection[str] = ()) -> dict[str, float]:
        """Rate how far each fact of a card bears on a question, in [0, 1], by fact id.

        Args:
            hints: as for `search`.
        """
        features, card_index = self._features(query, *hints), self._within(card)
        scores = card_index.words.scores(card_index.words.look_up(features.weights))
        if (
            card_index.number is not None
            and (near := self._near(features, card_index.number)) is not None
        ):
            cosines = near[1 : 1 + len(card_index.facts)].clip(0, 1)
            scores = MEANING * cosines + (1 - MEANING) * scores
        return dict(zip(card_index.facts, scores.astype(float).round(4).tolist(), strict=True))

    def nearness(
        self,
        query: str,
        limit: int = 10,
        hints: Collection[str] = (),
        intent: Intent | None = None,
    ) -> Nearness:
        """Compare a question with those that curated answers are for.

        Args:
            limit: most answers.
            hints: as for `search`.
            intent: of the question; answers to questions of the same kind are nearer.
        """
        features = self._features(query, *hints)
        return self._asks.near(features.weights, features.vector, limit, intent)

    def neutral(self, query: str, card: str) -> str:
        """A question with `it` for whatever it calls a card; see `asks.neutral`."""
        return asks.neutral(self._registry[card])(query)

    # --- within -----------------------------------------------------------------------------

    def _find_mentions(self, text: str) -> tuple[Mention, ...]:
        return tuple(
            Mention(self._registry.id(hit.card), _CERTAINTY.get(hit.kind, 1.0), hit.text, hit.kind)
            for hit in self._names.find(text, self._is_known)
        )

    def _has(self, word: str) -> bool:
        return any(stem in self._lexical for stem in stems_of(word))

    def _within(self, card: Card) -> _Within:
        """Prepare a card for ranking its facts, or return it prepared."""
        card_index = self._facts.get(card.id)
        if card_index is None or not (card_index.card is card or card_index.card == card):
            while len(self._facts) >= READY_FACTS:
                del self._facts[next(iter(self._facts))]
            card_index = _Within(card, self._number(card), *_facts_index(card))
            self._facts[card.id] = card_index
        return card_index

    def _read(self, text: str, *hints: str) -> _QueryFeatures:
        weights = weights_of(text, hints)
        return _QueryFeatures(weights, self._embed(text, *hints))

    def _embed(self, text: str, *hints: str) -> NDArray[np.float32] | None:
        """Embed a text and its hints, (384,) of unit length; None without a sentence model."""
        import numpy as np

        if self._embedder is None:
            return None
        try:
            vector = self._embedder.embed([text])[0]
            if hints:
                vector = vector + HINT * self._embedder.embed([", ".join(hints)])[0]
            direction: NDArray[np.float32] = vector / np.linalg.norm(vector)
            return direction
        except EmbeddingUnavailableError as error:
            self._embedder, self.mode = None, f"lexical: {error}"
            return None

    def _near(self, features: _QueryFeatures, card: int) -> NDArray[np.float32] | None:
        """Return the cosines with a card's texts, as `texts_of` has them; None without a model."""
        import numpy as np

        if features.vector is None or self._semantic is None:
            return None
        if card not in features.near:
            features.near[card] = self._semantic.texts(np.array([card])).cosines(features.vector)
        return features.near[card]

    def _number(self, card: Card) -> int | None:
        """Return the number of a card in the index; None if it is absent or differs there."""
        if card.id not in self._registry:
            return None
        if (stored := self._registry[card.id]) is not card and stored != card:
            return None
        return self._registry.number(card.id)

    def _reasons(
        self,
        card: int,
        terms: Sequence[Term],
        query: str,
        features: _QueryFeatures,
    ) -> Iterator[str]:
        if words := shared(terms, self._registry[self._registry.id(card)]):
            yield reasons.shared_words(words, query)
        if (near := self._near(features, card)) is not None:
            best = int(near.argmax())
            if near[best] >= reasons.NEAR:
                field, text = texts_of(self._registry[self._registry.id(card)])[best]
                yield reasons.near_text(field, text, float(near[best]))


def _database(
    registry: Registry,
    embedder: Embeds | str,
    earlier: Sequence[Records] = (),
    progress: Callable[[str], None] = lambda _: None,
    outside: Sequence[str] | None = None,
) -> sqlite3.Connection:
    database = create()
    tasks = len({card.task.casefold() for card in registry.cards()})
    texts = sum(len(texts_of(card)) for card in registry.cards())
    database.execute("CREATE TABLE counts (tasks INTEGER, texts INTEGER)")
    database.execute("INSERT INTO counts VALUES (?, ?)", (tasks, texts))
    lexical.build(database, "cards", map(stems_by_field, registry.cards()), tuple(FIELD_WEIGHTS))
    names.build(database, registry.cards())
    if not isinstance(embedder, str):
        semantic.build(database, registry.cards(), embedder, earlier, progress)
    asks.build(database, registry, embedder, earlier, progress, outside)
    return database


def _earlier(folder: Path, pattern: str) -> list[Records]:
    """Read the vectors of the most recently used indexes in the cache."""
    records = []
    for path in recent(folder, pattern)[:EARLIER]:
        with (
            suppress(OSError, Damaged, sqlite3.DatabaseError),
            closing(open_stored(path)) as database,
        ):
            records.append(semantic.read_all(database))
    return records


def _facts_index(card: Card) -> tuple[tuple[str, ...], Lexical]:
    """Return the ids of a card's facts, and a search in their words."""
    facts = facts_of(card)
    database = create()
    lexical.build(database, "facts", ([bag] for bag in facts.values()))
    return tuple(facts), Lexical(database, "facts")


def _best(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Return the numbers of the best cards with a score, ascending; of ties the first."""
    import numpy as np

    candidates = np.flatnonzero(scores)
    if len(candidates) <= count:
        return candidates
    values = scores[candidates]
    least = np.partition(values, -count)[-count]
    above = candidates[values > least]
    return np.sort(np.concatenate([above, candidates[values == least][: count - len(above)]]))


def _second_look(
    texts: Texts,
    vector: NDArray[np.float32],
    near: NDArray[np.float32],
    scores: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Score again with the best cards' vectors added to the question's.

    Only the order changes: the best card keeps its score, since nothing new is known of its fit.
    """
    import numpy as np

    best = np.argsort(-scores, kind="stable")[:FEEDBACK]
    taught = vector + FEEDBACK_WEIGHT * texts.whole(best).mean(axis=0)
    moved = scores + MEANING * (texts.scores(texts.cosines(taught / np.linalg.norm(taught))) - near)
    first = int(np.argmax(moved))
    moved -= moved[first] - scores[first]
    return moved
