"""The cards that a sentence is about, and their closest facts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.answer.verify import references_of
from agent.llm.author.foreign import Vocabulary
from agent.llm.author.sources import Source
from agent.question.markup import words_only
from agent.question.names import names_of
from agent.question.sentences import prose_sentences
from agent.question.translation import into_english
from agent.references import references_in, without_references
from agent.registry import Registry
from agent.search import Index
from agent.types import PROGRAM, Card

NEAR, NEAR_IN_WORDS = 0.35, 0.16
"""Similarity in [0, 1] above which a fact may support a sentence, by meaning and by words only. See
docs/check.md for what they let pass."""
_BESIDE = 0.12
"""Facts that are less similar than the closest one by this much are not listed."""
_MOST = 3
"""Largest number of facts listed."""
_SOURCES, _SOURCES_UNTRANSLATED = 8, 40
"""Number of closest facts in which numbers are looked up; more if the sentence is untranslated."""
_MOST_SEARCHED = 3
"""Number of cards searched if neither the sentence nor an earlier one names one."""
_FEW = 8
"""Size of a registry up to which all cards are searched instead."""
#: Hosts that a sentence may name for a system's code or weights, by parts of its links.
_HOSTS = {"github.com/": "GitHub", "huggingface.co/": "Hugging Face"}
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True)
class Nearness:
    """What the registry knows about a sentence."""

    named_cards: tuple[Card, ...]
    """The cards that the sentence names."""
    cards: tuple[Card, ...]
    """The named cards and those that the sentence may implicitly continue to discuss."""
    sources: tuple[Source, ...]
    """The closest facts, closest first, then measurements: sources for its numbers."""
    facts: tuple[str, ...]
    """Ids of the facts close enough to support the sentence, closest first."""
    quoted: str | None
    """The fact that the sentence quotes word for word."""
    matchable: bool
    """Whether facts can be matched in the language of the sentence."""


class Finder:
    """Looks up sentences in order; one that names no system continues with the last named one.

    Args:
        measurements: measurements, which may support any sentence.
    """

    def __init__(
        self, registry: Registry, index: Index, measurements: Sequence[Source] = ()
    ) -> None:
        self._registry, self._index = registry, index
        self._measurements = tuple(measurements)
        self._last: tuple[str, ...] = ()

    def named_cards(self, words: str) -> tuple[Card, ...]:
        """Return the cards that a text names other than by a link."""
        return self.linked(without_references(words))

    def linked(self, text: str) -> tuple[Card, ...]:
        """Return the cards that a text names, or refers to by links or ids of papers."""
        names = (name.card for name in self._index.named(text))
        return tuple(self._registry[id] for id in names if id != PROGRAM)

    def __call__(self, words: str, language: str) -> Nearness:
        """Look up a sentence without markup; publication facts are always among its sources.

        Args:
            language: code of the language.
        """
        named_cards = self.named_cards(words)
        before, self._last = self._last, tuple(card.id for card in named_cards) or self._last
        cards = self._cards(words, dict.fromkeys((*(card.id for card in named_cards), *before)))
        english = words if language == "en" else into_english(words, language)
        near = sorted(self._scores(english or words, cards), key=lambda score: -score[0])
        top = near[: _SOURCES if english else _SOURCES_UNTRANSLATED]
        top += [one for one in near if one[1].endswith("/publication") and one not in top]
        facts_of = {card.id: card.facts() for card in cards}
        sources = tuple(
            Source(f"F{i}", facts_of[card.id][fact], (fact,), names=names_of(card))
            for i, (_, fact, card) in enumerate(top, 1)
        )
        least = NEAR_IN_WORDS if self._index.mode.startswith("lexical") else NEAR
        best = near[0][0] if near else 0.0
        facts = [fact for score, fact, _ in near[:_MOST] if score >= max(least, best - _BESIDE)]
        bare = _bare(words)
        quoted = next((at[bare] for at in map(_quotable, cards) if bare in at), None)
        return Nearness(
            named_cards, cards, (*sources, *self._measurements), tuple(facts), quoted, bool(english)
        )

    def _cards(self, words: str, ids: Collection[str]) -> tuple[Card, ...]:
        if ids:
            return tuple(map(self._registry.__getitem__, ids))
        if len(self._registry) <= _FEW:
            return tuple(self._registry.cards())
        return tuple(self._registry[hit.card] for hit in self._index.search(words, _MOST_SEARCHED))

    def _scores(self, words: str, cards: Sequence[Card]) -> Iterator[tuple[float, str, Card]]:
        for card in cards if any(map(str.isalnum, words)) else ():
            neutral_words = self._index.neutral(words, card.id)
            for fact, score in self._index.rank_facts(neutral_words, card).items():
                yield score, fact, card


def publications(text: str, cards: Iterable[Card]) -> tuple[str, ...]:
    """Return the ids of the publication facts of cards whose papers or links a text cites."""
    cited = references_in(text)
    ids = (f"{c.id}/publication" for c in cards if not cited.isdisjoint(references_of(c)))
    return tuple(dict.fromkeys(ids))


@lru_cache(maxsize=64)
def vocabulary_of(cards: tuple[Card, ...], others: tuple[str, ...]) -> Vocabulary:
    """Return the names that a sentence about some cards may use.

    Args:
        others: further texts with allowed names, such as the question.
    """
    return Vocabulary((*(text for card in cards for text in _texts_of(card)), *others))


def _texts_of(card: Card) -> Iterator[str]:
    yield from names_of(card)
    yield from card.facts().values()
    yield from (host for part, host in _HOSTS.items() if part in " ".join(card.links.values()))
    yield from (claim.source for claim in (*card.claims, *card.limits))


@lru_cache(maxsize=64)
def _quotable(card: Card) -> Mapping[str, str]:
    """Map every sentence of a card's facts, stripped, to the id of the fact."""
    return {
        _bare(words_only(sentence)): fact
        for fact, text in card.facts().items()
        for sentence in (text, *prose_sentences(text))
    }


def _bare(sentence: str) -> str:
    """Strip everything around the words of a sentence."""
    return _EDGES.sub("", sentence)
