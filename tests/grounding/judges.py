"""Judges, of whom some mean harm or give no judgement to go by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agent.llm.prompts import Prompt
from tests.grounding.attack import (
    UNUSABLE,
    Change,
    Role,
    Script,
    assign,
    change_reply,
    fail,
    garble,
    refuse,
)
from tests.llm.honest import Reply, filled_in, reply_text


@dataclass(frozen=True)
class Judge:
    """Who judges what a model writes."""

    script: Script | None
    """What it says; None where nobody judges."""
    other: bool = False
    """Whether it is another model than the one that writes."""


def complicit(prompt: Prompt) -> str:
    """A judge that finds everything entailed."""
    reply = filled_in(prompt)
    for judgement in reply["judgements"]:
        judgement.update(verdict="entailed", missing="")
    return reply_text(reply)


ITSELF = Judge(complicit)
"""The model that writes: it lets itself pass."""


@dataclass(frozen=True)
class BadJudge:
    """A judge that gives no judgements to go by."""

    name: str
    role: Role
    script: Script = field(repr=False)


def bad_judges() -> Iterator[BadJudge]:
    """Judges of whose replies none can be used."""
    for role, name, raw in UNUSABLE:
        yield BadJudge(name, role, garble(raw))
    for name, change in _JUDGEMENTS:
        yield BadJudge(name, "broken", change_reply(change))
    yield BadJudge("refusal", "broken", refuse)
    yield BadJudge("a service that fails", "broken", fail)


def _each(**values: Any) -> Change:
    def change(reply: Reply) -> None:
        for judgement in reply["judgements"]:
            judgement.update(verdict="entailed")
            judgement.update(values)

    return change


def _other_numbers(reply: Reply) -> None:
    _each()(reply)
    for judgement in reply["judgements"]:
        judgement["number"] += 4711


#: Judgements that would let everything pass, if they could be used.
_JUDGEMENTS: tuple[tuple[str, Change], ...] = (
    ("other numbers", _other_numbers),
    ("one number for all", _each(number=1)),
    ("no judgements", assign(judgements=[])),
    ("none for the last", lambda reply: (_each()(reply), reply["judgements"].pop())),
    ("another verdict", _each(verdict="true")),
    ("no number", _each(number=None)),
    ("a key more", assign(verdict="entailed")),
)


def doubting(verdict: str, first: bool) -> Script:
    """A judge that says two things of every sentence, of which one is that it is entailed."""

    def change(reply: Reply) -> None:
        doubts = [{**judgement, "verdict": verdict} for judgement in reply["judgements"]]
        _each()(reply)
        own = reply["judgements"]
        reply["judgements"] = [*doubts, *own] if first else [*own, *doubts]

    return change_reply(change)
