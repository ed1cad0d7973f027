"""Replies to a line of a conversation: a new answer, another view of the last one, or small talk.

The chat prompt and the server share this room, so that a follow-up means the same everywhere. It
prints nothing and stores nothing: the caller holds the past and passes it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from agent.answer.small_talk import reply_to
from agent.conversation import closer_look
from agent.pipeline import Agent
from agent.question.parse import parse
from agent.search.follow_up import FollowUp, follow_up
from agent.types import Question, Report, Turn, question_from


@dataclass(frozen=True)
class Past:
    """What came before a line of a conversation."""

    turns: tuple[Turn, ...] = ()
    """Oldest first."""
    last: Report | None = None
    """The last answer."""
    images: tuple[Path, ...] = ()
    """The attached pictures."""


@dataclass(frozen=True)
class Reply:
    """The reply to a line: lines of text, a report, or both."""

    lines: tuple[str, ...] = ()
    """Plain text without control characters."""
    report: Report | None = None
    """A new answer, or the last one again if `turn` is None."""
    turn: Turn | None = None
    """What to remember of a new answer; None if there is none."""


def reply_to_line(agent: Agent, line: str, past: Past, ask: Callable[[Question], Report]) -> Reply:
    """Reply to a line of a conversation.

    Args:
        ask: answers a question; called at most once.

    Raises:
        InputError: if the line is not a question, or a picture cannot be read.
    """
    question = question_from(line, images=past.images, turns=past.turns)
    sources = agent.sources(question)
    follow = follow_up(line, past.turns, sources.registry, sources.index)
    if follow.look and past.last:
        return _look(agent, follow, past.last)
    question = question.model_copy(update={"text": follow.text})
    if (parsed := parse(question.text)).intent == "chat":
        return Reply((reply_to(question.text, parsed, past.turns),))
    report = ask(question)
    return Reply(report=report, turn=report.turn)


def _look(agent: Agent, follow: FollowUp, last: Report) -> Reply:
    """Show the last answer as a follow-up asks."""
    if follow.look == "repeat":
        return Reply(report=last)
    sources = agent.sources(last.question)
    registry, index = sources.registry, sources.index
    lines: Iterable[str]
    if follow.look == "shorter":
        lines = closer_look.shorter(last)
    elif follow.look == "longer":
        lines = closer_look.longer(last, registry, index)
    elif follow.look == "table":
        lines = closer_look.table(last)
    elif follow.look == "reference":
        lines = closer_look.references(last, follow.number)
    else:
        sure = "It is as reliable as its sources; check there what matters to you."
        lines = (sure, *closer_look.support(last, registry))
    return Reply(tuple(lines))
