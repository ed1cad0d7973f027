"""What tests of the search share: the registry that ships, and an index that is scripted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent import registry as registries
from agent.files import DEFAULT_REGISTRY
from agent.question.parse import parse
from agent.search import Hit, Index, Mention
from agent.search.asks import Nearness
from agent.search.match import match
from agent.types import Abstention, Card, Match, ParsedQuestion, Question


class Shipped:
    """The registry that ships, with its index."""

    def __init__(self, cache: Path) -> None:
        self.registry = registries.load(DEFAULT_REGISTRY, cache)
        self.index = Index.open(self.registry, cache)

    def ask(self, text: str, **more: Any) -> tuple[tuple[Match, ...], Abstention | None]:
        return match(Question(text=text, **more), parse(text), self.registry, self.index)


def card(id: str, task: str, **more: Any) -> Card:
    return Card(id=id, name=id.upper(), task=task, summary="s", links={}, **more)


class ScriptedIndex:
    """An index whose results are given."""

    mode = "hybrid"
    tasks, texts_per_card = 4, 10.0
    knows_questions = False

    def __init__(
        self,
        scores: dict[str, float],
        named: Sequence[Mention] = (),
        nearness: Nearness | None = None,
    ) -> None:
        self._scores, self._named = scores, list(named)
        self._nearness = nearness or Nearness()

    def nearness(self, *_: Any, **__: Any) -> Nearness:
        return self._nearness

    def neutral(self, query: str, card: str) -> str:
        return query

    def search(self, query: str, limit: int = 10, hints: Sequence[str] = ()) -> list[Hit]:
        ordered = sorted(self._scores.items(), key=lambda item: -item[1])
        return [Hit(id, score, score, score, lambda: ("why",)) for id, score in ordered][:limit]

    def named(self, text: str) -> list[Mention]:
        return self._named


PARSED = ParsedQuestion(intent="explain")
