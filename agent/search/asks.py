"""Find curated answers by the questions they answer: questions are compared with questions.

Two questions for the same thing resemble each other far more than a question resembles a fact. So
the questions of curated answers tell best which answer somebody wants and which system they mean,
and a list of questions that no registry answers tells whether they mean any.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from agent.files import DATA
from agent.question.names import names_of, replaced
from agent.question.parse import parse
from agent.registry import Registry
from agent.registry.program import program
from agent.search import lexical, semantic
from agent.search.embedding import Embeds
from agent.search.lexical import Lexical
from agent.search.semantic import Texts
from agent.search.stems import stems
from agent.types import PROGRAM, SPANNING, Card, CuratedAnswer, CuratedMatch, Intent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agent.search.semantic import Records

OUTSIDE = DATA / "outside_questions.txt"
"""Questions that no registry of image models answers, one per line."""
NEIGHBOURS = 3
"""Number of nearest questions whose mean is the nearness of a holder."""
SHARPNESS = 12.0
"""How far the nearest questions of an answer outweigh the others in their mean."""
SAME_KIND = 0.08
"""Bonus for a question of the same intent."""
WORDS = 0.15
"""Weight of words shared with an answer and its facts, beside similarity in meaning."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """Similarity of a question to the known ones; all values about [-1, 1]."""

    answers: tuple[CuratedMatch, ...] = ()
    """The nearest curated answers, best first."""
    holders: Mapping[str, float] = field(default_factory=dict)
    """Nearness of each holder of curated answers, by card id or `SPANNING`."""
    outside: float = 0.0
    """Nearness of the questions that no registry answers."""


def holders(registry: Registry) -> Iterator[tuple[str, Sequence[CuratedAnswer]]]:
    """Yield all holders of curated answers: cards, this program, the registry as a whole."""
    yield from ((card.id, card.questions) for card in registry.cards() if card.questions)
    yield PROGRAM, program().questions
    if registry.questions:
        yield SPANNING, registry.questions


def build(
    database: sqlite3.Connection,
    registry: Registry,
    embedder: Embeds | str,
    earlier: Sequence[Records],
    progress: Callable[[str], None],
    outside: Sequence[str] | None = None,
) -> None:
    """Store curated answers and their questions, with words and, given an embedder, vectors.

    Args:
        earlier: as for `semantic.build`.
        outside: questions that no registry answers; None takes those that ship.
    """
    database.execute("CREATE TABLE answers (holder TEXT, place INTEGER)")
    database.execute("CREATE TABLE asks (answer INTEGER, intent TEXT)")
    asks: list[str] = []
    answers: list[str] = []
    words: list[str] = []
    for holder, curated in holders(registry):
        plain = neutral(registry[holder]) if holder != SPANNING else str
        for place, one in enumerate(curated):
            questions = [*map(plain, one.ask)]
            rows = ((len(answers), parse(text).intent) for text in questions)
            database.executemany("INSERT INTO asks VALUES (?, ?)", rows)
            database.execute("INSERT INTO answers VALUES (?, ?)", (holder, place))
            asks += questions
            answers.append(plain(one.answer))
            words.append(plain(" ".join(_passages(one, holder, registry))))
    asks += outside_questions() if outside is None else outside
    lexical.build(database, "ask_words", ([stems(text)] for text in asks))
    lexical.build(database, "answer_words", ([stems(text)] for text in words))
    if not isinstance(embedder, str):
        for owner, texts in (("asks", asks), ("answers", answers)):
            semantic.add(database, owner, [semantic.embedded(texts, embedder, earlier, progress)])


def outside_questions() -> list[str]:
    """Return those that ship with the program."""
    return OUTSIDE.read_text("utf-8").splitlines()


def _passages(answer: CuratedAnswer, holder: str, registry: Registry) -> Iterator[str]:
    """Yield an answer and the facts it rests on."""
    yield answer.answer
    for fact in answer.within(holder).facts:
        card = fact.partition("/")[0]
        yield registry[card].facts()[fact] if card in registry else ""


#: How people refer to a system without its name.
_SYSTEM = re.compile(
    r"\b(?:the|this|that|your|these|those) ((?:[\w-]+ ){0,3})(?:networks?|nets?|models?|methods?|"
    r"assistants?|stud(?:y|ies)|papers?|upsamplers?|upscalers?|deblurrers?|tools?|things?|ai|"
    r"systems?|programs?|software|app|algorithm)\b",
    re.IGNORECASE,
)


_ARTICLE = re.compile(r"\b(?:an?|the) it\b", re.IGNORECASE)


def neutral(card: Card) -> Callable[[str], str]:
    """Return a function that replaces every reference to a card by `it`, such as its name or `the
    deblurring network`: once the card is settled, the rest of the question tells answers apart.
    """
    names = frozenset(names_of(card))
    own = {*stems(" ".join((card.task, card.summary, *names)))}

    def shortened(described: re.Match[str]) -> str:
        words = described[1].split()
        return "it" if all(own.intersection(stems(word)) for word in words) else described[0]

    return lambda text: _ARTICLE.sub("it", _SYSTEM.sub(shortened, replaced(text, names, "it")))


class Asks:
    """Search in curated answers and their questions."""

    def __init__(self, database: sqlite3.Connection, registry: Registry) -> None:
        import numpy as np

        self._registry = registry
        self._answers = database.execute("SELECT holder, place FROM answers").fetchall()
        asks = database.execute("SELECT answer, intent FROM asks").fetchall()
        self._answer_of = np.array([answer for answer, _ in asks], np.int64)
        self._intents = np.array([intent for _, intent in asks])
        self._first = self._answer_of.searchsorted(range(len(self._answers)))
        self._ids = list(dict.fromkeys(holder for holder, _ in self._answers))
        numbers = {holder: number for number, holder in enumerate(self._ids)}
        of_answer = np.array([numbers[holder] for holder, _ in self._answers])
        self._holder_of = of_answer[self._answer_of]
        self.are_of_cards = not {*self._ids} <= {PROGRAM, SPANNING}
        """Whether any card of the registry has curated answers."""
        self._has_vectors = semantic.has_vectors(database)
        self._ask_texts = _Passages(database, "asks", "ask_words")
        self._answer_texts = _Passages(database, "answers", "answer_words")

    def near(
        self,
        weights: Mapping[str, float],
        vector: NDArray[np.float32] | None,
        limit: int,
        intent: Intent | None = None,
    ) -> Nearness:
        """Compare a question with all known ones.

        Args:
            weights: stems of the question and their weights.
            vector: of the question, (384,) of unit length; None without a sentence model.
            limit: most answers.
            intent: of the question.
        """
        import numpy as np

        words = answers = self._answer_texts.by_words(weights)
        if vector is not None and self._has_vectors:
            near = self._ask_texts.by_meaning(vector)
            answers = self._answer_texts.by_meaning(vector)
        else:
            near = self._ask_texts.by_words(weights)
        inside = near[: len(self._answer_of)]
        asks = inside + SAME_KIND * (self._intents == intent)
        scores = (self._of_answers(asks) + answers) / 2 + WORDS * words
        order = np.argsort(-scores, kind="stable")[:limit]
        return Nearness(
            answers=tuple(self._match(int(i), float(scores[i])) for i in order),
            holders=self._of_holders(inside),
            outside=float(np.sort(near[len(inside) :])[-NEIGHBOURS:].mean()),
        )

    def _of_answers(self, near: NDArray[np.floating]) -> NDArray[np.floating]:
        """Score each answer: half its nearest question, half a mean that favours near questions."""
        import numpy as np

        sums = np.add.reduceat(np.exp(SHARPNESS * near), self._first)
        counts = np.diff(self._first, append=len(near))
        most = np.maximum.reduceat(near, self._first)
        nearness: NDArray[np.floating] = (most + np.log(sums / counts) / SHARPNESS) / 2
        return nearness

    def _of_holders(self, near: NDArray[np.float32]) -> dict[str, float]:
        """Return the mean of the nearest questions of each holder."""
        import numpy as np

        order = np.lexsort((-near, self._holder_of))
        first = self._holder_of[order].searchsorted(range(len(self._ids) + 1)).tolist()
        return {
            holder: float(near[order[start : min(start + NEIGHBOURS, end)]].mean())
            for holder, start, end in zip(self._ids, first[:-1], first[1:], strict=True)
        }

    def _match(self, number: int, score: float) -> CuratedMatch:
        holder, place = self._answers[number]
        if holder == SPANNING:
            answer = self._registry.questions[place]
        else:
            answer = self._registry[holder].questions[place].within(holder)
        return CuratedMatch(answer=answer, holder=holder, score=round(score, 4))


class _Passages:
    """Questions or answers, compared with a question by words or by meaning."""

    def __init__(self, database: sqlite3.Connection, owner: str, table: str) -> None:
        self._database, self._owner = database, owner
        self._words = Lexical(database, table)

    def by_words(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """Score each text by words, see `Lexical.scores`."""
        return self._words.scores(self._words.look_up(weights))

    def by_meaning(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of each text with the question, in [-1, 1]."""
        return self._texts.cosines(vector)

    @cached_property
    def _texts(self) -> Texts:
        import numpy as np

        records, _ = semantic.read(self._database, self._owner, [0])
        return Texts(records, np.arange(len(records)))
