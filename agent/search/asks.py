"""Curated answers found by what people ask: a question is compared with questions, not with facts.

Two questions for the same thing resemble each other far more than a question resembles a fact, so
what is compared here says most surely which answer is wanted, and which system is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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

MEANING = 0.85
"""What nearness in meaning counts; words in common count the rest."""


def holders(registry: Registry) -> Iterator[tuple[str, Sequence[CuratedAnswer]]]:
    """Everyone who holds curated answers: cards, this program, the registry as a whole."""
    yield from ((card.id, card.questions) for card in registry.cards() if card.questions)
    yield PROGRAM, program().questions
    yield SPANNING, registry.questions


def build(
    registry: Registry,
    embedder: Embeds | str,
    before: Iterable[Mapping[str, Any]],
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Arrays of all that is asked, `ask_…`; an answer is known by its holder and place there.

    Returns:
        `ask_holders` (H,) and `ask_places` (E,) with `ask_of_holder` (E,), `ask_entries` (A,), the
        postings of words, and where sentences can be embedded their vectors; see `semantic`.
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
    blank = [()] * (len(lexical.FIELDS) - 1)
    words = lexical.build([stems(text), *blank] for text in texts)
    arrays: dict[str, Any] = {
        "holders": np.array(ids, "S64"),
        "of_holder": np.array(of_holder, np.int32),
        "places": np.array(places, np.int32),
        "entries": np.array(entries, np.int32),
        **words,
    }
    if not isinstance(embedder, str):
        earlier = (
            {k.removeprefix("ask_"): a[k] for k in a if k.startswith("ask_")} for a in before
        )
        vectors, scales, keys = semantic.embedded(texts, embedder, earlier, progress)
        arrays |= {"vectors": vectors, "scales": scales, "text_keys": keys}
    return {f"ask_{name}": array for name, array in arrays.items()}


class Asks:
    """The arrays of `build`, searched."""

    def __init__(self, arrays: Mapping[str, Any], registry: Registry) -> None:
        own = {n.removeprefix("ask_"): array for n, array in arrays.items() if n.startswith("ask_")}
        self._own, self._registry = own, registry
        self._words = Lexical(own)

    def search(
        self,
        wanted: Mapping[str, float],
        keys: NDArray[np.uint64],
        vector: NDArray[np.float32] | None,
        limit: int,
    ) -> list[CuratedMatch]:
        """The curated answers whose questions are nearest, best first.

        Args:
            wanted: stems of the question, with what each counts.
            keys: their fingerprints.
            vector: its direction, (384,); None where no sentence can be embedded.
        """
        import numpy as np

        entries = self._own["entries"]
        if not len(entries):
            return []
        near = self._words.scores(self._words.look_up(wanted, keys))
        if vector is not None and "vectors" in self._own:
            cosines = np.einsum("ij,j->i", self._own["vectors"].astype(np.float32), vector)
            near = MEANING * cosines * self._own["scales"] + (1 - MEANING) * near
        best = np.full(len(self._own["places"]), -1.0, np.float32)
        np.maximum.at(best, entries, near)
        order = np.argsort(-best, kind="stable")[:limit]
        return [self._hit(int(i), float(best[i])) for i in order]

    def _hit(self, entry: int, score: float) -> CuratedMatch:
        holder = self._own["holders"][self._own["of_holder"][entry]].decode()
        place = int(self._own["places"][entry])
        if holder == SPANNING:
            answer = self._registry.questions[place]
        else:
            answer = self._registry[holder].questions[place].within(holder)
        return CuratedMatch(answer=answer, holder=holder, score=round(score, 4))
