"""Background requests of clients (titles, tags, follow-ups), answered without running anything."""

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
#: The end of the user's first words; linear in the length of the text, even for empty lines.
_NEXT = re.compile(r"^[ \t\r|>]*(?:ASSISTANT|AI|Response):|^<", re.IGNORECASE | re.MULTILINE)
_LONGEST = 60
_HEAD = 500
_EMPTY = {"follow_ups": [], "queries": [], "prompt": "", "text": ""}


def background_reply(text: str, agent: Agent) -> str | None:
    """Return the reply to a background request of a client; None for a question of a person."""
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
    """Return the user's first words in the conversation that a request quotes; "" if none."""
    user = _USER.search(text)
    if user is None:
        return ""
    following = _NEXT.search(text, user.end())
    words = text[user.end() : following.start() if following else None]
    return plain(words).strip("\"' ")


def _title(question: str) -> str:
    """Cut the question at a word."""
    if len(question) <= _LONGEST:
        return question or "Groundglass"
    return f"{question[:_LONGEST].rsplit(' ', 1)[0]}…"


def _tags(question: str, agent: Agent) -> list[str]:
    """Return the names of the systems that the question is about."""
    if not question:
        return ["General"]
    parsed_question = Question(text=question[:1_000])
    sources = agent.sources(parsed_question)
    matches, _ = sources.match(parsed_question, parse(parsed_question.text))
    names = (sources.registry[match.card].name for match in matches[:3])
    return list(names) or ["General"]
