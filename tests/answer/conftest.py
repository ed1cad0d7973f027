"""Questions about small registries, to compose answers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import pytest

from agent.answer.inquiry import Inquiry, Part
from agent.question.parse import parse
from agent.registry import Registry
from agent.types import Card, CuratedAnswer, CuratedMatch, Match, ParsedQuestion


class Inquire(Protocol):
    """Ask one question, or several, of a registry of these cards."""

    def __call__(
        self,
        cards: Iterable[Card],
        *parts: Part,
        parsed: ParsedQuestion | None = None,
        relevance: Mapping[str, float] | float = 0.0,
        runs: Any = (),
    ) -> Inquiry: ...


class Ask(Protocol):
    """One question, with the cards that match it, by id, and the curated answers near it."""

    def __call__(
        self,
        text: str | ParsedQuestion,
        *matches: str,
        curated: Iterable[CuratedMatch] = (),
        **more: Any,
    ) -> Part: ...


class Curated(Protocol):
    """A curated answer that is near to a question."""

    def __call__(
        self, answer: str, *facts: str, holder: str = "net", score: float = 0.6, **more: Any
    ) -> CuratedMatch: ...


@pytest.fixture
def inquire() -> Inquire:
    """`relevance` is that of each fact by its id, or one figure for all of them."""

    def made(
        cards: Iterable[Card],
        *parts: Part,
        parsed: ParsedQuestion | None = None,
        relevance: Mapping[str, float] | float = 0.0,
        runs: Any = (),
    ) -> Inquiry:
        def bears(_: str, card: Card) -> Mapping[str, float]:
            if isinstance(relevance, float):
                return dict.fromkeys(card.facts(), relevance)
            return relevance

        text = " ".join(part.text for part in parts)
        whole = parsed or (parts[0].parsed if len(parts) == 1 else parse(text))
        return Inquiry(text, whole, parts, Registry.from_cards(cards), bears, runs)

    return made


@pytest.fixture
def ask() -> Ask:
    """A text is parsed; what is parsed already is asked as “a question”."""

    def made(
        text: str | ParsedQuestion,
        *matches: str,
        curated: Iterable[CuratedMatch] = (),
        **more: Any,
    ) -> Part:
        parsed = parse(text) if isinstance(text, str) else text
        asked = text if isinstance(text, str) else "a question"
        found = [Match(card=card, score=0.9, margin=0.1, reasons=()) for card in matches]
        return Part(asked, parsed, matches=found, curated=tuple(curated), **more)

    return made


@pytest.fixture
def curated() -> Curated:
    """Facts are written `card/name`."""

    def made(
        answer: str, *facts: str, holder: str = "net", score: float = 0.6, **more: Any
    ) -> CuratedMatch:
        one = CuratedAnswer(ask=("What?",), answer=answer, facts=facts, **more)
        return CuratedMatch(answer=one, holder=holder, score=score)

    return made
