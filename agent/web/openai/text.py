"""A reply as the text, annotations and counts that clients get."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from agent.conversation import Reply
from agent.report.markdown import escaped, to_markdown
from agent.report.outline import REFERENCES, outline
from agent.types import Report
from agent.web.openai.request import Message

_COUNTED = re.compile(r"\w+|[^\w\s]")


def text_of(reply: Reply) -> str:
    """Markdown, as the chat prints it where nobody watches."""
    parts = []
    if reply.report:
        parts.append(to_markdown(reply.report.model_copy(update={"pictures": {}})))
    if reply.lines:
        parts.append("  \n".join(escaped(line.strip()) for line in reply.lines))
    return "\n\n".join(parts)


def citations(report: Report | None, text: str) -> list[dict[str, Any]]:
    """One citation a reference that has a link: where it stands in the list of references."""
    if report is None:
        return []
    start = text.rfind(f"\n## {REFERENCES}\n")
    cited = []
    for entry in outline(report).entries:
        start = text.find(f"\n{entry.number}. ", start) + 1
        end = text.find("\n", start)
        if entry.links:
            where = {"start_index": start, "end_index": end if end >= 0 else len(text)}
            cited.append({"url": entry.links[0][1], "title": entry.title, **where})
        start -= 1
    return cited


def words_of(messages: Iterable[Message]) -> int:
    """Words and punctuation marks of messages, one by one: a list of them all could be large."""
    return sum(_words(message.text) for message in messages)


def tokens(reply: Reply, prompt_words: int, text: str) -> tuple[int, int]:
    """What was read and written: by the language model where one was asked, else in words and
    punctuation marks."""
    if reply.report and reply.turn and (model := reply.report.model):
        return model.input_tokens, model.output_tokens
    return prompt_words, _words(text)


def _words(text: str) -> int:
    return sum(1 for _ in _COUNTED.finditer(text))


def deltas(text: str) -> list[str]:
    """The text in pieces, a paragraph each; joined, they are the text."""
    return [piece for piece in re.split(r"(?<=\n\n)", text) if piece]
