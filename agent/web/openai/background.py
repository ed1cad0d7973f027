"""What clients ask in the background: titles, tags and follow-ups, answered without a run."""

from __future__ import annotations

import json
import re

from agent.pipeline import Agent
from agent.question.parse import parse
from agent.report.single_line import plain
from agent.types import Question

_TASK = re.compile(r"\s*### Task:")
_KEY = re.compile(r'\{\s*"(title|tags|follow_ups|queries|prompt|text)"\s*:')
_TITLE = re.compile(r"\b(?:concise|short|brief)\b.{0,60}\btitle\b", re.IGNORECASE | re.DOTALL)
_USER = re.compile(r"\bUSER:", re.IGNORECASE)
#: What ends the first words of the user; each line is looked at once, however much of it is empty.
_NEXT = re.compile(r"^[ \t\r|>]*(?:ASSISTANT|AI|Response):|^<", re.IGNORECASE | re.MULTILINE)
_LONGEST = 60
_HEAD = 500
_EMPTY = {"follow_ups": [], "queries": [], "prompt": "", "text": ""}


def background_reply(text: str, agent: Agent) -> str | None:
    """What a background request of a client gets; None for a question of a person."""
    question = _first_question(text)
    if _TASK.match(text) and (key := _KEY.search(text)):
        if key[1] == "title":
            return json.dumps({"title": _title(question)}, ensure_ascii=False)
        if key[1] == "tags":
            return json.dumps({"tags": _tags(question, agent)}, ensure_ascii=False)
        return json.dumps({key[1]: _EMPTY[key[1]]})
    if question and _TITLE.search(text[:_HEAD]):
        return _title(question)
    return None


def _first_question(text: str) -> str:
    """What the user said first in the conversation that a request quotes; empty for none."""
    user = _USER.search(text)
    if user is None:
        return ""
    following = _NEXT.search(text, user.end())
    words = text[user.end() : following.start() if following else None]
    return plain(words).strip("\"' ")


def _title(question: str) -> str:
    """The question, shortened at a word."""
    if len(question) <= _LONGEST:
        return question or "Groundglass"
    return f"{question[:_LONGEST].rsplit(' ', 1)[0]}…"


def _tags(question: str, agent: Agent) -> list[str]:
    """The names of the systems that the question is about."""
    if not question:
        return ["General"]
    asked = Question(text=question[:1_000])
    sources = agent.sources(asked)
    matches, _ = sources.match(asked, parse(asked.text))
    names = (sources.registry[match.card].name for match in matches[:3])
    return list(names) or ["General"]
