"""Curated answers found by what people ask: a question is compared with questions, not with facts.

Two questions for the same thing resemble each other far more than a question resembles a fact. So
the questions that curated answers are given to say most surely which answer is wanted and which
system is meant, and questions of our own that no registry answers say whether any is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agent.files import DATA
from agent.registry import Registry
from agent.registry.program import program
from agent.search import lexical, semantic
from agent.search.embedding import Embeds
from agent.search.lexical import Lexical
from agent.search.stems import stems
from agent.types import PROGRAM, SPANNING, CuratedAnswer, CuratedMatch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OUTSIDE = DATA / "outside_questions.txt"
"""Questions of our own, one a line, that no registry on image models answers."""
MEANING = 0.85
"""What nearness in meaning counts; words in common count the rest."""
NEIGHBOURS = 3
"""Questions whose mean nearness says how near all of a holder are."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a question is to those that are known; all in [-1, 1], about."""

    answers: tuple[CuratedMatch, ...] = ()
    """The nearest curated answers, best first."""
    holders: Mapping[str, float] | None = None
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
) -> dict[str, Any]:
    """Arrays of all that is asked, by names that begin with `ask_`.

    An answer is known by its holder and its place there.

    Returns:
        `holders` (H,) ids; `of_holder` (E,) and `places` (E,) of each answer; `entries` (A,), the
        answer of each question, and after them -1 for each that is outside; the postings of words,
        and where sentences can be embedded their vectors, see `semantic`.
    """
    import numpy as np

    ids: list[bytes] = []
    of_holder: list[int] = []
    places: list[int] = []
    entries: list[int] = []
    texts: list[str] = []
    for number, (holder, answers) in enumerate(holders(registry)):
        ids.append(holder.encode())
        for place, answer in enumerate(answers):
            entries += [len(places)] * len(answer.ask)
            texts += answer.ask
            of_holder.append(number)
            places.append(place)
    outside = OUTSIDE.read_text("utf-8").splitlines()
    blank = [()] * (len(lexical.FIELDS) - 1)
    arrays: dict[str, Any] = {
        "holders": np.array(ids, "S64"),
        "of_holder": np.array(of_holder, np.int32),
        "places": np.array(places, np.int32),
        "entries": np.array(entries + [-1] * len(outside), np.int32),
        **lexical.build([stems(text), *blank] for text in (*texts, *outside)),
    }
    if not isinstance(embedder, str):
        earlier = [
            {name.removeprefix("ask_"): array for name, array in arrays.items()}
            for arrays in before
            if "ask_text_keys" in arrays
        ]
        every = (*texts, *outside)
        vectors, scales, keys = semantic.embedded(every, embedder, earlier, progress)
        arrays |= {"vectors": vectors, "scales": scales, "text_keys": keys}
    return {f"ask_{name}": array for name, array in arrays.items()}


class Asks:
    """The arrays of `build`, searched."""

    def __init__(self, arrays: Mapping[str, Any], registry: Registry) -> None:
        own = {n.removeprefix("ask_"): array for n, array in arrays.items() if n.startswith("ask_")}
        self._own, self._registry = own, registry
        self._words = Lexical(own)
        self._ids = [id.decode() for id in own["holders"].tolist()]

    def near(
        self,
        wanted: Mapping[str, float],
        keys: NDArray[np.uint64],
        vector: NDArray[np.float32] | None,
        limit: int,
    ) -> Nearness:
        """How near a question is to all that are known.

        Args:
            wanted: stems of the question, with what each counts.
            keys: their fingerprints.
            vector: its direction, (384,); None where no sentence can be embedded.
            limit: most answers.
        """
        import numpy as np

        near = self._words.scores(self._words.look_up(wanted, keys))
        if vector is not None and "vectors" in self._own:
            cosines = np.einsum("ij,j->i", self._vectors, vector) * self._own["scales"]
            whole = MEANING * cosines + (1 - MEANING) * near
        else:
            cosines = whole = near
        entries, inside = self._own["entries"], self._own["entries"] >= 0
        best = np.full(len(self._own["places"]), -1.0, np.float32)
        np.maximum.at(best, entries[inside], whole[inside])
        order = np.argsort(-best, kind="stable")[:limit]
        means = self._means(cosines[inside], self._own["of_holder"][entries[inside]])
        return Nearness(
            answers=tuple(self._match(int(i), float(best[i])) for i in order),
            holders=dict(zip(self._ids, means, strict=True)),
            outside=float(np.sort(cosines[~inside])[-NEIGHBOURS:].mean()),
        )

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        import numpy as np

        vectors: NDArray[np.float32] = self._own["vectors"].astype(np.float32)
        return vectors

    def _means(self, near: NDArray[np.float32], of: NDArray[np.int32]) -> list[float]:
        """Mean of the nearest questions of each holder."""
        import numpy as np

        order = np.lexsort((-near, of))
        first = np.searchsorted(of[order], np.arange(len(self._ids) + 1))
        return [
            float(near[order[start : min(start + NEIGHBOURS, end)]].mean()) if end > start else -1.0
            for start, end in zip(first[:-1].tolist(), first[1:].tolist(), strict=True)
        ]

    def _match(self, entry: int, score: float) -> CuratedMatch:
        holder = self._ids[self._own["of_holder"][entry]]
        place = int(self._own["places"][entry])
        if holder == SPANNING:
            answer = self._registry.questions[place]
        else:
            answer = self._registry[holder].questions[place].within(holder)
        return CuratedMatch(answer=answer, holder=holder, score=round(score, 4))
