"""The second registry that ships, consulted only if a question needs it.

It must not affect questions about systems of the default registry. Its cards count if the question,
the last answer or the metadata of an attached picture names one of them: on their own, or together
with the default registry if that is named too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from agent import registry as registries
from agent.files import DEFAULT_REGISTRY, UPSCALERS
from agent.registry import Registry
from agent.search import Index
from agent.search.names import Names
from agent.types import Question


class Beside:
    """The registry `upscalers` beside the default one, opened on first use."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def cards_in(self, text: str) -> tuple[str, ...]:
        """Return the ids of the cards of `upscalers` that a text names, without misspelt ones."""
        hits = self._names.find(text)
        return tuple(self._ids[hit.card] for hit in hits if hit.kind != "misspelling")

    def makers(self, question: Question) -> Mapping[str, str]:
        """Return the ids of cards named in the metadata of attached pictures, with the picture."""
        if not question.images:
            return {}
        from agent.imaging.reading import words_in_metadata  # most questions have no picture

        return {
            card: path.name
            for path in reversed(question.images)
            for card in self.cards_in(words_in_metadata(path))
        }

    def holding(
        self, question: Question, registry: Registry, index: Index
    ) -> tuple[Registry, Index]:
        """Return the registry with the systems that a question is about, and its index.

        Args:
            registry: the default registry.
            index: its index.
        """
        ours, theirs = bool(index.named(question.text)), bool(self.cards_in(question.text))
        if not (ours or theirs):  # then it is about the last answer
            last = next((turn.cards for turn in reversed(question.turns) if turn.cards), ())
            ours = any(card in registry for card in last)
            theirs = any(card in self._ids for card in last)
        if not (ours or theirs):
            theirs = bool(self.makers(question))
        if theirs and ours:
            return self._both
        return self._other if theirs else (registry, index)

    @cached_property
    def _other(self) -> tuple[Registry, Index]:
        registry = registries.load(UPSCALERS, self._cache)
        return registry, Index.open(registry, self._cache)

    @cached_property
    def _both(self) -> tuple[Registry, Index]:
        registry = registries.load((DEFAULT_REGISTRY, UPSCALERS), self._cache)
        return registry, Index.open(registry, self._cache)

    @cached_property
    def _ids(self) -> tuple[str, ...]:
        return tuple(registries.load(UPSCALERS, self._cache))

    @cached_property
    def _names(self) -> Names:
        """Its names alone, which are all that a question without need of it has to load."""
        cards = registries.load(UPSCALERS, self._cache).cards()
        return Names.of(cards)
