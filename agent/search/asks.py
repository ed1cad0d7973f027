"""Curated answers found by what people ask: a question is compared with questions, not with facts.

Two questions for the same thing resemble each other far more than a question resembles a fact. So
the questions that curated answers are given to say most surely which answer is wanted and which
system is meant, and questions of our own that no registry answers say whether any is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

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

OUTSIDE = DATA / "outside_questions.txt"
"""Questions of our own, one a line, that no registry on image models answers."""
NEIGHBOURS = 3
"""Questions whose mean nearness says how near all of a holder are."""
SHARPNESS = 12.0
"""How far the near questions of an answer outweigh the others in their mean."""
SAME_KIND = 0.08
"""By how much a question of the same kind is nearer."""
_INTENTS: dict[str | None, int] = {kind: i for i, kind in enumerate(get_args(Intent))}
WORDS = 0.15
"""What words in common with an answer and its facts count beside nearness in meaning."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a question is to those that are known; all about [-1, 1]."""

    answers: tuple[CuratedMatch, ...] = ()
    """The nearest curated answers, best first."""
    holders: Mapping[str, float] = field(default_factory=dict)
    """Of each holder of curated answers, by its id or `SPANNING`."""
    outside: float = 0.0
    """Of the questions that no registry answers."""


def holders(registry: Registry) -> Iterator[tuple[str, Sequence[CuratedAnswer]]]:
    """Everyone who holds curated answers: cards, this program, the registry as a whole."""
    yield from ((card.id, card.questions) for card in registry.cards() if card.questions)
    yield PROGRAM, program().questions
    if registry.questions:
        yield SPANNING, registry.questions


def build(
    registry: Registry,
    embedder: Embeds | str,
    before: Iterable[Mapping[str, Any]],
    progress: Callable[[str], None],
    outside: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Arrays of all that is asked and answered, by names that begin with `ask_` and `answer_`.

    Args:
        outside: questions that no registry answers; None takes those that ship.

    Returns:
        `ask_holders` (H,) ids; `ask_of_holder` (E,) and `ask_places` (E,), who holds each answer
        and where; `ask_entries` (A,), the answer of each question in ascending order, then -1 for
        each that is outside; `ask_intents` (A,), the kind of each
        question; the postings of words, and where sentences can be embedded the
        vectors, see `semantic`, of questions and of answers.
    """
    import numpy as np

    ids: list[bytes] = []
    of_holder: list[int] = []
    places: list[int] = []
    entries: list[int] = []
    asks: list[str] = []
    answers: list[str] = []
    words: list[str] = []
    for number, (holder, curated) in enumerate(holders(registry)):
        ids.append(holder.encode())
        plain = neutral(registry[holder]) if holder != SPANNING else str
        for place, one in enumerate(curated):
            entries += [len(places)] * len(one.ask)
            asks += map(plain, one.ask)
            answers.append(plain(one.answer))
            words.append(plain(" ".join(_passages(one, holder, registry))))
            of_holder.append(number)
            places.append(place)
    outside = outside_questions() if outside is None else outside
    arrays: dict[str, Any] = {
        "ask_holders": np.array(ids, "S64"),
        "ask_of_holder": np.array(of_holder, np.int32),
        "ask_places": np.array(places, np.int32),
        "ask_entries": np.array(entries + [-1] * len(outside), np.int32),
        "ask_intents": np.array([_INTENTS[parse(text).intent] for text in asks], np.int8),
    }
    before = list(before)
    for kind, texts, bags in (("ask", [*asks, *outside], None), ("answer", answers, words)):
        blank = [()] * (len(lexical.FIELDS) - 1)
        columns = dict(lexical.build([stems(bag), *blank] for bag in bags or texts))
        if not isinstance(embedder, str):
            earlier = [
                _subset(kind, previous) for previous in before if f"{kind}_text_keys" in previous
            ]
            vectors, scales, keys = semantic.embedded(texts, embedder, earlier, progress)
            columns |= {"vectors": vectors, "scales": scales, "text_keys": keys}
        arrays |= {f"{kind}_{name}": array for name, array in columns.items()}
    return arrays


def outside_questions() -> list[str]:
    """Those that ship."""
    return OUTSIDE.read_text("utf-8").splitlines()


def _passages(answer: CuratedAnswer, holder: str, registry: Registry) -> Iterator[str]:
    """An answer with the facts that it rests on."""
    yield answer.answer
    for fact in answer.within(holder).facts:
        card = fact.partition("/")[0]
        yield registry[card].facts()[fact] if card in registry else ""


def _subset(kind: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays whose names begin with `kind`, without that."""
    start = f"{kind}_"
    return {n.removeprefix(start): array for n, array in arrays.items() if n.startswith(start)}


#: What people call a system whose name they do not know.
_SYSTEM = re.compile(
    r"\b(?:the|this|that|your|these|those) ((?:[\w-]+ ){0,3})(?:networks?|nets?|models?|methods?|"
    r"assistants?|stud(?:y|ies)|papers?|upsamplers?|upscalers?|deblurrers?|tools?|things?|ai|"
    r"systems?|programs?|software|app|algorithm)\b",
    re.IGNORECASE,
)


_ARTICLE = re.compile(r"\b(?:an?|the) it\b", re.IGNORECASE)


def neutral(card: Card) -> Callable[[str], str]:
    """Puts `it` in the place of whatever a text calls a card: its name, `the deblurring network`.

    Which card is meant is settled then, and what is asked about it tells its answers apart.
    """
    names = frozenset(names_of(card))
    own = {*stems(" ".join((card.task, card.summary, *names)))}

    def shortened(described: re.Match[str]) -> str:
        words = described[1].split()
        return "it" if all(own.intersection(stems(word)) for word in words) else described[0]

    return lambda text: _ARTICLE.sub("it", _SYSTEM.sub(shortened, replaced(text, names, "it")))


class _Searched:
    """Texts of one kind, compared with a question by words and, where they can be, by meaning."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays, self._words = arrays, Lexical(arrays)
        self.has_vectors = "vectors" in arrays

    def by_words(
        self, weights: Mapping[str, float], keys: NDArray[np.uint64]
    ) -> NDArray[np.float32]:
        """Share of the question's words that each text holds, as `Lexical.scores` has it."""
        return self._words.scores(self._words.look_up(weights, keys))

    def by_meaning(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of each text with the question, in [-1, 1]."""
        return self._texts.cosines(vector)

    @cached_property
    def _texts(self) -> Texts:
        import numpy as np

        # Converted once: every question of a batch is compared with all of them.
        vectors = self._arrays["vectors"].astype(np.float32)
        return Texts(vectors, self._arrays["scales"], np.arange(len(vectors)))


class Asks:
    """The arrays of `build`, searched."""

    def __init__(self, arrays: Mapping[str, Any], registry: Registry) -> None:
        self._asks = _subset("ask", arrays)
        self._questions, self._answers = _Searched(self._asks), _Searched(_subset("answer", arrays))
        self._registry = registry
        self._ids = [id.decode() for id in self._asks["holders"].tolist()]
        self.are_of_cards = not {*self._ids} <= {PROGRAM, SPANNING}
        """Whether any card of the registry has curated answers."""
        entries = self._asks["entries"]
        self._inside = int((entries >= 0).sum())
        self._first = entries[: self._inside].searchsorted(range(len(self._asks["places"])))

    def near(
        self,
        weights: Mapping[str, float],
        keys: NDArray[np.uint64],
        vector: NDArray[np.float32] | None,
        limit: int,
        intent: Intent | None = None,
    ) -> Nearness:
        """How near a question is to all that are known.

        Args:
            weights: stems of the question, with what each counts.
            keys: their fingerprints.
            vector: its direction, (384,); None where no sentence can be embedded.
            limit: most answers.
            intent: of the question.
        """
        import numpy as np

        words = self._answers.by_words(weights, keys)
        if vector is not None and self._questions.has_vectors:
            near = self._questions.by_meaning(vector)
            answers = self._answers.by_meaning(vector)
        else:
            near = self._questions.by_words(weights, keys)
            answers = words
        asks = near[: self._inside] + SAME_KIND * (
            self._asks["intents"] == _INTENTS.get(intent, -1)
        )
        scores = (self._of_answers(asks) + answers) / 2 + WORDS * words
        order = np.argsort(-scores, kind="stable")[:limit]
        return Nearness(
            answers=tuple(self._match(int(i), float(scores[i])) for i in order),
            holders=dict(zip(self._ids, self._means(near[: self._inside]), strict=True)),
            outside=float(np.sort(near[self._inside :])[-NEIGHBOURS:].mean()),
        )

    def _of_answers(self, near: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of each answer: half its nearest question, half a mean in which the near count most."""
        import numpy as np

        sums = np.add.reduceat(np.exp(SHARPNESS * near), self._first)
        counts = np.diff(self._first, append=len(near))
        most = np.maximum.reduceat(near, self._first)
        nearness: NDArray[np.float32] = (most + np.log(sums / counts) / SHARPNESS) / 2
        return nearness

    def _means(self, near: NDArray[np.float32]) -> list[float]:
        """Of each holder: the mean of its nearest questions."""
        import numpy as np

        of = self._asks["of_holder"][self._asks["entries"][: self._inside]]
        order = np.lexsort((-near, of))
        first = of[order].searchsorted(range(len(self._ids) + 1))
        return [
            float(near[order[start : min(start + NEIGHBOURS, end)]].mean()) if end > start else -1.0
            for start, end in zip(first[:-1].tolist(), first[1:].tolist(), strict=True)
        ]

    def _match(self, entry: int, score: float) -> CuratedMatch:
        holder = self._ids[self._asks["of_holder"][entry]]
        place = int(self._asks["places"][entry])
        if holder == SPANNING:
            answer = self._registry.questions[place]
        else:
            answer = self._registry[holder].questions[place].within(holder)
        return CuratedMatch(answer=answer, holder=holder, score=round(score, 4))
