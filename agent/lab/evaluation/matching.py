"""Evaluation of matching on data with known right cards.

Many cards of a task are equally right, so recall of the exact card at 1, 5 and 10 is reported
together with whether the first card is of the right task. Abstention is measured on near-domain
negatives: every question is also put to the registry without the cards of its task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import InputError
from agent.lab.evaluation.figures import Figure, auroc, mean
from agent.lab.evaluation.jsonl import read
from agent.question.parse import parse
from agent.registry import Registry
from agent.search import Index
from agent.search.embedding import Embedder, EmbeddingUnavailableError, Embeds, model_file
from agent.search.ranking import rank, threshold_of
from agent.types import Card, Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_REPOSITORY = re.compile(r"repo_or_dir=['\"]([\w.-]+/[\w.-]+)")
_URL = re.compile(r"https://[^'\"\s)]+")
_PRETRAINED = re.compile(r"from_pretrained\(['\"]([\w.-]+/[\w.-]+)")


@dataclass(frozen=True, slots=True)
class Query:
    """A question whose right card is known."""

    text: str
    gold: str
    task: str


@dataclass(frozen=True, slots=True)
class Matching:
    """The results; shares are in [0, 1]."""

    cards: int
    questions: int
    retrieval: str
    """Mode of the index."""
    recall_at_1: Figure
    recall_at_5: Figure
    recall_at_10: Figure
    task_at_1: Figure
    reciprocal_rank: Figure
    """Mean reciprocal rank of the right card, 0 beyond the tenth."""
    abstention_auroc: Figure
    """AUROC of the confidence: questions with their task against those without it."""
    answered: Figure
    """Share of questions with their task that reach the threshold."""
    refused: Figure
    """Share of questions without their task that do not."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def to_table(self) -> str:
        """Return lines for a terminal: name, value and 95 % interval."""
        lines = [f"{self.cards} cards, {self.questions} questions, retrieval: {self.retrieval}"]
        for name, value in asdict(self).items():
            if isinstance(value, dict):
                label = name.replace("_", " ")
                lines.append(
                    f"{label:18} {value['value']:.3f}  {value['low']:.3f}–{value['high']:.3f}"
                )
        return "\n".join(lines)


class Remembering:
    """A caching embedder, since registries without one task share nearly all texts."""

    def __init__(self, embedder: Embeds) -> None:
        self._embedder = embedder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        import numpy as np

        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors |= dict(zip(new, self._embedder.embed(new), strict=True))
        return np.stack([self._vectors[text] for text in texts])


def read_models(path: Path) -> list[Card]:
    """Read cards from lines with id, name, task, functionality, description and call.

    Raises:
        InputError: for a line that does not fit.
    """
    return [_card(line) for _, line in read(path, ("id", "name", "task", "description"))]


def read_questions(path: Path, cards: Sequence[Card]) -> list[Query]:
    """Read questions from lines with question, gold and task.

    Raises:
        InputError: for an invalid line, or a right card that does not exist.
    """
    ids = {card.id for card in cards}
    questions = []
    for number, line in read(path, ("question", "gold", "task")):
        if line["gold"] not in ids:
            raise InputError(
                f"{path}:{number}: the right card {line['gold']!r} is not among the models"
            )
        questions.append(Query(line["question"], line["gold"], line["task"]))
    if not questions:
        raise InputError(f"{path}: has no questions; expected one per line")
    return questions


def evaluate(models: Path, questions: Path) -> Matching:
    """Evaluate the matching that ships on questions with known right cards.

    Raises:
        InputError: for files that cannot be used.
    """
    cards = read_models(models)
    queries = read_questions(questions, cards)
    embedder = _embedder()
    index, registry = _index(cards, embedder)
    ranked = [_ranked(question, registry, index) for question in queries]
    places = [
        ids.index(q.gold) + 1 if q.gold in ids else 0
        for q, (ids, _) in zip(queries, ranked, strict=True)
    ]
    confident = [confidence for _, confidence in ranked]
    doubtful = list(_without_their_task(queries, cards, embedder))
    threshold = threshold_of(index)
    return Matching(
        cards=len(cards),
        questions=len(queries),
        retrieval=index.mode,
        recall_at_1=mean([place == 1 for place in places]),
        recall_at_5=mean([1 <= place <= 5 for place in places]),
        recall_at_10=mean([1 <= place <= 10 for place in places]),
        task_at_1=mean(
            [bool(ids) and registry[ids[0]].task == q.task
             for q, (ids, _) in zip(queries, ranked, strict=True)]
        ),
        reciprocal_rank=mean([1 / place if place else 0.0 for place in places]),
        abstention_auroc=auroc(confident, doubtful),
        answered=mean([confidence >= threshold for confidence in confident]),
        refused=mean([confidence < threshold for confidence in doubtful]),
    )  # fmt: skip


def _card(line: dict[str, Any]) -> Card:
    call = str(line.get("call", ""))
    links = {}
    if match := _URL.search(call):
        links["model"] = match[0]
    if match := _REPOSITORY.search(call):
        links["code"] = f"https://github.com/{match[1]}"
    if match := _PRETRAINED.search(call):
        links["model"] = f"https://huggingface.co/{match[1]}"
    parts = (line.get("functionality"), line["description"])
    summary = ". ".join(str(part).rstrip(".") for part in parts if part)
    return Card(id=line["id"], name=line["name"], task=line["task"], summary=summary, links=links)


def _embedder() -> Embeds | str:
    try:
        return Remembering(Embedder(model_file()))
    except EmbeddingUnavailableError as error:
        return str(error)


def _index(cards: Sequence[Card], embedder: Embeds | str) -> tuple[Index, Registry]:
    registry = Registry.from_cards(cards)
    return Index.build(registry, embedder), registry


def _ranked(query: Query, registry: Registry, index: Index) -> tuple[list[str], float]:
    """Return the first ten cards, and the confidence in the first."""
    ranking = rank(Question(text=query.text), parse(query.text), registry, index, 10)
    return [r.card.id for r in ranking], ranking[0].score if ranking else 0.0


def _without_their_task(
    queries: Sequence[Query], cards: Sequence[Card], embedder: Embeds | str
) -> Iterator[float]:
    for task in dict.fromkeys(question.task for question in queries):
        index, registry = _index([card for card in cards if card.task != task], embedder)
        for question in queries:
            if question.task == task:
                yield _ranked(question, registry, index)[1]
