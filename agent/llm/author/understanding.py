"""A question as a language model reads it: within the field's tags and the question's own words.

Numbers, links, ids and titles stay as the parser found them, and so does the language: it decides
how strictly the wording of an answer can be checked.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from agent.llm.author.faults import Fault
from agent.llm.prompts import Prompt, Prompts
from agent.question.lexicon import EFFECTS, TOPICS
from agent.question.names import models
from agent.types import Intent, ParsedQuestion, Question

_LONGEST_SUBJECT = 60


class Understanding(BaseModel):
    """What a model fills in of a `ParsedQuestion`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    intent: Intent
    operation: str | None
    subject: str | None
    effects: list[str]
    complaints: list[str]
    topics: list[str]
    models: list[str]


def prompt(prompts: Prompts, question: Question) -> Prompt:
    tags = {"effects": sorted(EFFECTS), "topics": sorted(TOPICS)}
    earlier = [turn.question for turn in question.turns]
    return prompts.render("parse", question=question.text, earlier=earlier, tags=tags)


def faults(reply: Understanding, question: Question) -> list[Fault]:
    """What in the reply is none of the tags, or no words of the question."""
    text = question.text.casefold()
    strange = [f"effects: {tag[:40]!r} is no effect" for tag in reply.effects if tag not in EFFECTS]
    strange += [f"topics: {tag[:40]!r} is no topic" for tag in reply.topics if tag not in TOPICS]
    if not set(reply.complaints) <= set(reply.effects):
        strange.append("complaints: expected some of the effects")
    wrong = [Fault("unknown key or placeholder", detail) for detail in strange]
    words = [*reply.models, *([reply.subject] if reply.subject else [])]
    stray = [f"{w[:40]!r} does not stand in the question" for w in words if not _in(w, text)]
    stray += [f"models: {w[:40]!r} is no name" for w in reply.models if not models(w)]
    if reply.subject and len(reply.subject) > _LONGEST_SUBJECT:
        stray.append(f"subject: expected at most {_LONGEST_SUBJECT} characters")
    return wrong + [Fault("word without a source", detail) for detail in stray]


def _in(words: str, text: str) -> bool:
    return bool(words.strip()) and words.casefold() in text


def applied(reply: Understanding, parsed: ParsedQuestion) -> ParsedQuestion:
    """The parsed question with what the model read in the place of what the parser did."""
    return parsed.model_copy(
        update={
            "intent": reply.intent,
            "operation": reply.operation,
            "subject": " ".join(reply.subject.split()) if reply.subject else None,
            "effects": tuple(dict.fromkeys(reply.effects)),
            "complaints": tuple(dict.fromkeys(reply.complaints)),
            "topics": tuple(dict.fromkeys(reply.topics)),
            "models": tuple(dict.fromkeys((*parsed.models, *reply.models))),
        }
    )
