"""A language model's reading of a question: its standalone form, its kind, and its subject.

The model chooses among given kinds, tags, systems and tools. If the match is certain by itself, or
the question names a system, its choice of systems changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.llm.author.faults import Fault
from agent.llm.prompts import Prompt, Prompts
from agent.question.lexicon import EFFECTS, TAGS, TOPICS
from agent.question.names import models
from agent.question.parse import parse
from agent.references import references_in
from agent.registry import Registry
from agent.systems.catalogue import TOOLS, tools_at
from agent.text import first_unsafe
from agent.types import Card, ParsedQuestion, Question

_LONGEST = 1_000
"""Longest standalone question in characters."""
_EARLIER = 3
"""Number of earlier questions shown."""


class Understanding(BaseModel):
    """A question as a language model understands it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    """The question in English, understandable on its own."""
    kind: Literal["define", "fact", "verify", "compare", "how_to", "explain", "look", "complain"]
    tags: list[str]
    cards: list[str]
    """Ids of the systems that it is about, best first; empty if none answers it."""
    tools: list[str]
    """The optional tools to run on its pictures."""

    def understood(self, parsed: ParsedQuestion) -> ParsedQuestion:
        """Merge the model's reading into the parsed question.

        What the person did, and the words that restate it, stay those of the question itself.
        """
        alone = parse(self.question)
        tags = set(self.tags)
        return parsed.model_copy(
            update={
                "intent": self.kind,
                "topics": tuple(t for t in TOPICS if t in tags) or alone.topics,
                "effects": parsed.effects
                or tuple(e for e in EFFECTS if e in tags)
                or alone.effects,
                "operation": parsed.operation or alone.operation,
                "models": alone.models,
                "search_text": alone.search_text or self.question,
            }
        )

    def left_out(self, tools: Sequence[str]) -> Mapping[str, str]:
        """Return the tools that need not run, each with the reason."""
        why = (
            "the language model did not choose it for this question; --evidence full without a "
            "model runs it"
        )
        return {tool: why for tool in optional(tools) if tool not in self.tools}


def optional(tools: Sequence[str]) -> tuple[str, ...]:
    """Return the tools that are not required for every answer."""
    return tuple(tool for tool in tools if tool not in tools_at("core"))


def understanding_prompt(
    prompts: Prompts,
    question: Question,
    cards: Sequence[Card],
    tools: Sequence[str],
    registry: Registry,
) -> Prompt:
    """Return the prompt that asks for an `Understanding`.

    Args:
        cards: the cards to choose from.
        tools: keys of the optional tools.
    """
    earlier = []
    for turn in question.turns[-_EARLIER:]:
        names = (registry[card].name for card in turn.cards if card in registry)
        earlier.append(f"{turn.question[:_LONGEST]} ({', '.join(names) or 'no system'})")
    return prompts.render(
        "understand",
        question=question.text,
        earlier=earlier,
        pictures=[path.name for path in question.images],
        cards=[f"{card.id}: {card.name}, {card.task}" for card in cards],
        tags=[", ".join(TAGS)],
        tools=[f"{tool}: {TOOLS[tool].purpose}" for tool in tools],
    )


def faults_of(
    reply: Understanding, question: Question, cards: Sequence[Card], tools: Sequence[str]
) -> Iterator[Fault]:
    """Yield a fault for everything a model chose or wrote that it was not given."""
    choices = {"cards": [card.id for card in cards], "tags": [*TAGS], "tools": [*tools]}
    for name, values in choices.items():
        if not set(getattr(reply, name)) <= set(values):
            yield Fault("unknown source", f"{name}: expected some of {', '.join(values) or '-'}")
    questions = "\n".join((question.text, *(turn.question for turn in question.turns)))
    vocabulary = "\n".join((questions, *(card.name for card in cards))).casefold()
    text = reply.question
    if not text.strip() or len(text) > _LONGEST or first_unsafe(text) is not None:
        yield Fault("nothing said", "question: expected the question, in at most 1,000 characters")
    elif references_in(text) - references_in(questions):
        yield Fault("link or markup", "question: contains a link that the original does not")
    elif strange := [name for name in models(text) if name.casefold() not in vocabulary]:
        detail = f"question: contains names that the original does not: {', '.join(strange)[:200]}"
        yield Fault("foreign name", detail)
