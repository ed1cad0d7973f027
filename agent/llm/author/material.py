"""The material from which a language model writes an answer: the relevant facts, all measurements,
and the shape of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest

from agent.answer.inquiry import Inquiry
from agent.answer.shape import FOR_LAYMEN, SHAPES, Shape, longest
from agent.llm.author.sources import Context, Source
from agent.llm.prompts import Prompt, Prompts
from agent.question.languages import languages
from agent.question.languages.schema import Language
from agent.question.names import names_of
from agent.registry import Registry
from agent.types import Answer, Card, Intent, Question

_MOST_FACTS = 21
_MOST_CURATED = 2
"""Number of curated answers per question whose facts are included."""
_MOST_MATCHES = 3
"""Number of cards whose facts are included if a question is about no particular system."""
_EARLIER = 3
"""Number of earlier questions shown."""
_LONGEST = 500
"""Longest earlier question in characters."""
#: Kinds of question, in the words of the prompt.
_KINDS: Mapping[Intent, str] = {
    "define": "what something is",
    "fact": "one property",
    "verify": "yes or no",
    "compare": "which of several",
    "how_to": "how to do it with this program",
    "explain": "why or how it works",
    "look": "what the picture shows",
    "complain": "what went wrong and what to try",
}
QUESTION = "Q"
"""Key of the question itself, the source of the sentence that restates it."""


@dataclass(frozen=True)
class Material:
    """Everything that an answer may use."""

    question: Question
    inquiry: Inquiry
    offline: Answer
    """The composer's answer: it has the parts that a model does not write, and is the fallback."""
    sources: tuple[Source, ...]
    context: Context

    @cached_property
    def by_key(self) -> Mapping[str, Source]:
        """The sources by key, including the question."""
        question = Source(QUESTION, f"The person asks: {self.context.question}")
        return {source.key: source for source in (question, *self.sources)}

    @cached_property
    def kind(self) -> Intent:
        """Kind of the question; of several parts, the kind with the longest answer."""
        return longest({part.parsed.intent for part in self.inquiry.parts})

    @property
    def shape(self) -> Shape:
        return FOR_LAYMEN if self.inquiry.parsed.layman else SHAPES[self.kind]

    @cached_property
    def mains(self) -> tuple[str, ...]:
        """Ids of the cards that the question is about."""
        parts = self.inquiry.parts
        return tuple(dict.fromkeys(card.id for part in parts for card in self.inquiry.mains(part)))


def material_for(question: Question, inquiry: Inquiry, offline: Answer) -> Material:
    """Collect the sources of an answer: facts first, each once, then measurements."""
    ids = list(dict.fromkeys(_facts(inquiry, offline)))[:_MOST_FACTS]
    registry = inquiry.registry
    sources = [_fact(f"F{i}", id, registry[_card(id)]) for i, id in enumerate(ids, 1)]
    measurements = (s for s in offline.statements if s.evidence)
    sources += [
        Source(f"M{i}", statement.text, statement.claims, statement.evidence)
        for i, statement in enumerate(measurements, 1)
    ]
    names = {name for source in sources for name in source.names}
    context = Context("\n".join(_questions(question)), _language(inquiry), tuple(sorted(names)))
    return Material(question, inquiry, offline, tuple(sources), context)


def _facts(inquiry: Inquiry, offline: Answer) -> Iterator[str]:
    """Yield ids of facts by priority: those that the composer used, then the most relevant."""
    statements = (s for s in offline.statements if not s.evidence)
    yield from chain.from_iterable(s.claims for s in statements)
    if len(offline.workflow) > 1:
        yield from chain.from_iterable(step.claims for step in offline.workflow)
    yield from chain.from_iterable(
        match.answer.facts for part in inquiry.parts for match in part.curated[:_MOST_CURATED]
    )
    for part in inquiry.parts:
        cards = inquiry.mains(part) or [
            inquiry.registry[match.card] for match in part.matches[:_MOST_MATCHES]
        ]
        yield from (f"{card.id}/task" for card in cards)
        rankings = [_by_relevance(inquiry.relevance(part.text, card), card) for card in cards]
        yield from filter(None, chain.from_iterable(zip_longest(*rankings)))  # a share per card


def _by_relevance(relevance: Mapping[str, float], card: Card) -> Iterable[str]:
    ids = (id for id in card.facts() if id in relevance)
    return sorted(ids, key=lambda id: -relevance[id])


def _fact(key: str, id: str, card: Card) -> Source:
    return Source(key, card.facts()[id], (id,), names=names_of(card))


def _card(id: str) -> str:
    return id.partition("/")[0]


def _questions(question: Question) -> Iterator[str]:
    for turn in question.turns[-_EARLIER:]:
        yield turn.question[:_LONGEST]
    yield question.text


def _language(inquiry: Inquiry) -> str:
    """Return the question's language if it has a lexicon, which the checks need, else English."""
    language = inquiry.parsed.language
    return language if any(one.code == language and one.lexicon for one in _spoken()) else "en"


def _spoken() -> tuple[Language, ...]:
    return languages().each


# --- prompts --------------------------------------------------------------------------------------


def writing_prompt(prompts: Prompts, material: Material, images: tuple[bytes, ...]) -> Prompt:
    """Return the prompt that asks for a `Draft`."""
    kind = _KINDS.get(material.kind, material.kind)
    layman = ", told to a child: no figures and no terms" * material.inquiry.parsed.layman
    return prompts.render(
        "write",
        images,
        question=material.question.text,
        earlier=[turn.question[:_LONGEST] for turn in material.question.turns[-_EARLIER:]],
        language=language_of(material),
        kind=f"{kind}{layman}",
        steps="yes" if material.shape.workflow == "full" else "no",
        words=material.shape.words,
        short=_short_answer(material.offline),
        sources=lines_of(material.sources, material.inquiry.registry),
        not_run=[
            f"{r.card or r.image}: {r.reason}" for r in material.inquiry.runs if r.status != "ran"
        ],
    )


def _short_answer(offline: Answer) -> str:
    """Return the composer's direct answer, without its table."""
    direct = (s.text for s in offline.statements if s.section == "answer" and s.row is None)
    return " ".join(direct)[:_LONGEST]


def language_of(material: Material) -> str:
    """Return the English name of the answer's language."""
    return next(one.english for one in _spoken() if one.code == material.context.language)


def lines_of(sources: Sequence[Source], registry: Registry) -> list[str]:
    """Format the sources for prompts, one line each with the system that it is about."""
    lines = []
    for source in sources:
        name = registry[source.card].name if source.card in registry else ""
        about = f" ({name})" if name and name.casefold() not in source.text.casefold() else ""
        lines.append(f"{source.key}{about}: {source.text}")
    return lines
