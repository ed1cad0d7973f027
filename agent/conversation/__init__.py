"""What a line of a conversation calls for: a new answer, a look at the last one, or small talk.

The chat prompt and the page talk through this room, so that a follow-up means the same in both. It
prints nothing and keeps nothing: who talks holds the past, and hands it in.
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
    """What a conversation knows of what came before a line."""

    turns: tuple[Turn, ...] = ()
    """Oldest first."""
    last: Report | None = None
    """The last answer."""
    images: tuple[Path, ...] = ()
    """The pictures at hand."""


@dataclass(frozen=True)
class Reply:
    """What a line gets: lines of text, a report, or both."""

    lines: tuple[str, ...] = ()
    """Plain text without control characters."""
    report: Report | None = None
    """A new answer; where `turn` is None, the last one again."""
    turn: Turn | None = None
    """What to remember of a new answer; None where there is none."""


def reply_to_line(agent: Agent, line: str, past: Past, ask: Callable[[Question], Report]) -> Reply:
    """Reply to a line of a conversation.

    Args:
        ask: answers a question; called at most once.

    Raises:
        InputError: for a line that is no question, or a picture that cannot be read.
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
    """What a follow-up wants of the last answer."""
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
        sure = "As sure as its sources are; check what matters to you in them."
        lines = (sure, *closer_look.support(last, registry))
    return Reply(tuple(lines))
