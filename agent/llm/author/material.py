"""What a language model is given to write an answer from: the facts that matter, all that was
measured, and how the answer is to look."""

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
_CURATED = 2
"""Curated answers of each question whose facts are given."""
_MATCHED = 3
"""Cards whose facts are given where a question is about no system in particular."""
_EARLIER = 3
"""Earlier questions that are shown, the latest."""
_LONGEST = 500
"""Characters of an earlier question."""
#: Kinds of question as the prompt calls them.
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
"""Key of the question itself, which the sentence that tells it back rests on."""


@dataclass(frozen=True)
class Material:
    """Everything that an answer may be made of."""

    question: Question
    inquiry: Inquiry
    offline: Answer
    """What the composer wrote: it has what a model does not write, and stands where that fails."""
    sources: tuple[Source, ...]
    context: Context

    @cached_property
    def by_key(self) -> Mapping[str, Source]:
        """The sources by their keys, the question among them."""
        question = Source(QUESTION, f"The person asks: {self.context.question}")
        return {source.key: source for source in (question, *self.sources)}

    @cached_property
    def kind(self) -> Intent:
        """Kind of the question; of several in one, the one that asks for the longest answer."""
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
    """The sources of an answer: facts first, each once, then what was measured."""
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
    """Ids of facts, the most needed first: those of the composer, then the most relevant."""
    statements = (s for s in offline.statements if not s.evidence)
    yield from chain.from_iterable(s.claims for s in statements)
    if len(offline.workflow) > 1:
        yield from chain.from_iterable(step.claims for step in offline.workflow)
    yield from chain.from_iterable(
        match.answer.facts for part in inquiry.parts for match in part.curated[:_CURATED]
    )
    for part in inquiry.parts:
        cards = inquiry.mains(part) or [
            inquiry.registry[match.card] for match in part.matches[:_MATCHED]
        ]
        yield from (f"{card.id}/task" for card in cards)
        ranked = [_by_relevance(inquiry.relevance(part.text, card), card) for card in cards]
        yield from filter(None, chain.from_iterable(zip_longest(*ranked)))  # each gets its share


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
    """The question's language where a lexicon knows it, so that its sentences can be checked, else
    English."""
    language = inquiry.parsed.language
    return language if any(one.code == language and one.lexicon for one in _spoken()) else "en"


def _spoken() -> tuple[Language, ...]:
    return languages().each


# --- prompts --------------------------------------------------------------------------------------


def writing_prompt(prompts: Prompts, material: Material, images: tuple[bytes, ...]) -> Prompt:
    """The prompt that asks for a `Draft`."""
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
    """What the composer answers first, without its table."""
    direct = (s.text for s in offline.statements if s.section == "answer" and s.row is None)
    return " ".join(direct)[:_LONGEST]


def language_of(material: Material) -> str:
    """The language of the answer, as it is called in English."""
    return next(one.english for one in _spoken() if one.code == material.context.language)


def lines_of(sources: Sequence[Source], registry: Registry) -> list[str]:
    """The sources as prompts show them, each on a line with the system that it is about."""
    lines = []
    for source in sources:
        name = registry[source.card].name if source.card in registry else ""
        about = f" ({name})" if name and name.casefold() not in source.text.casefold() else ""
        lines.append(f"{source.key}{about}: {source.text}")
    return lines
