"""What an answer may cite: the cards that fit each part of a question, from one registry or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.answer.direct import curated_answer
from agent.answer.inquiry import Part
from agent.question.parse import parse
from agent.question.wish import on_terms_of
from agent.registry import Registry
from agent.search import Index
from agent.search.conversation import match_in_conversation
from agent.search.match import curated_answers, names_in, speaks_of_all
from agent.search.ranking import rank
from agent.search.recommending import recommend
from agent.systems.condition.traits import Trait
from agent.types import (
    PROGRAM,
    Abstention,
    Card,
    InputFile,
    Match,
    ParsedQuestion,
    Question,
    Turn,
)

if TYPE_CHECKING:
    from agent.llm.author import Understanding

_OFFERED = 8
"""Number of cards that a language model may choose from."""


@dataclass(frozen=True)
class Sources:
    """What an answer may cite, and the index to search it."""

    registry: Registry
    """The only source that an answer may cite."""
    index: Index
    """Index of that registry."""
    preset: Sequence[Match] = ()
    """Matches to use instead of searching, best first: the recommendations of a brief."""
    brief: InputFile | None = None
    """The brief that the question and everything citable come from, if any."""
    makers: Mapping[str, str] = field(default_factory=dict)
    """Ids of cards named in the metadata of attached pictures, with the picture."""
    traits: Sequence[Trait] = ()
    """Traits measured on attached pictures before a model is chosen."""

    @property
    def several(self) -> bool:
        """Whether the cards come from several registries."""
        return isinstance(self.registry.path, tuple)

    def match(
        self, question: Question, parsed: ParsedQuestion, choice: Sequence[str] | None = None
    ) -> tuple[tuple[Match, ...], Abstention | None]:
        """Return the matching cards, best first, or why there are none.

        Args:
            choice: cards chosen by a language model, if one was asked.
        """
        if self.preset:
            return tuple(self.preset), None
        matches, abstention = match_in_conversation(
            question, parsed, self.registry, self.index, choice
        )
        about_it = parsed.needs_image or parsed.done or bool(matches)
        if self.makers and about_it and not names_in(question.text, self.index):
            return tuple(_in_metadata(*item) for item in self.makers.items()), None
        return matches, abstention

    def offered(self, question: Question, parsed: ParsedQuestion) -> list[Card]:
        """Return the cards that a language model may choose from: those of the last answer, then
        the nearest."""
        if self.preset:
            return [self.registry[match.card] for match in self.preset]
        last = (card for turn in question.turns[-1:] for card in turn.cards)
        near = (r.card.id for r in rank(question, parsed, self.registry, self.index, _OFFERED))
        few = len(self.registry) <= _OFFERED
        every = (card.id for card in self.registry.cards()) if few else ()
        ids = dict.fromkeys(id for id in (*last, *near, *every) if id in self.registry)
        return [self.registry[id] for id in ids if id != PROGRAM][:_OFFERED]

    def understood(self, question: Question, reading: Understanding) -> list[Part]:
        """Return the parts of a question as a language model reads them, with their matches."""
        alone = question.model_copy(update={"text": reading.question, "turns": ()})
        parsed = parse(alone.text)
        if parsed.parts:
            return self.parts(alone, parsed)
        return [self._part(alone, reading.understood(parsed), reading.cards)]

    def parts(self, question: Question, parsed: ParsedQuestion) -> list[Part]:
        """Return the parts of a question with their matches."""
        if parsed.intent == "chat":
            return []
        if not parsed.parts:
            return [self._part(question, parsed)]
        parts: list[Part] = []
        turns = list(question.turns)
        for text in parsed.parts:  # a part may be about the system of the one before
            single = question.model_copy(update={"text": text, "turns": tuple(turns)})
            parts.append(self._part(single, on_terms_of(parsed, parse(text))))
            cards = tuple(match.card for match in parts[-1].matches[:1])
            turns.append(Turn(question=text, cards=cards))
        return parts

    def _part(
        self, question: Question, parsed: ParsedQuestion, choice: Sequence[str] | None = None
    ) -> Part:
        models = () if self.preset else self._recommended(question, parsed)
        if models:
            return Part.recommending(question.text, parsed, models)
        matches, abstention = self.match(question, parsed, choice)
        cards = names_in(question.text, self.index)
        curated = curated_answers(question, parsed, matches, self.index)
        if self.several:
            curated = tuple(match for match in curated if speaks_of_all(match, cards))
        part = Part(
            text=question.text,
            parsed=parsed,
            matches=matches,
            curated=curated,
            cards_named=sorted(cards),
            unknown=[name for name in parsed.models if not self.index.named(name)],
            abstention=abstention,
        )
        return replace(part, abstention=None) if curated_answer(part) else part

    def _recommended(self, question: Question, parsed: ParsedQuestion) -> tuple[Match, ...]:
        return recommend(question, parsed, self.registry, self.index, self.traits)

    def relevance(self, text: str, card: Card) -> Mapping[str, float]:
        """Return the relevance of each fact of a card to a question, in [0, 1], by fact id."""
        return self.index.rank_facts(self.index.neutral(text, card.id), card)


def _in_metadata(card: str, picture: str) -> Match:
    """Return the match for a card named in the metadata of a picture."""
    return Match(card=card, score=1.0, margin=0.0, reasons=(f"the metadata of {picture} name it",))
