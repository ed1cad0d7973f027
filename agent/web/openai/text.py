"""The text, annotations and token counts of a reply, as clients receive them."""

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
    """Return the reply as Markdown, as the chat prints it when not on a terminal."""
    parts = []
    if reply.report:
        parts.append(to_markdown(reply.report.model_copy(update={"pictures": {}})))
    if reply.lines:
        parts.append("  \n".join(escaped(line.strip()) for line in reply.lines))
    return "\n\n".join(parts)


def citations(report: Report | None, text: str) -> list[dict[str, Any]]:
    """Return a citation for each reference with a link, at its place in the list of references."""
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
    """Count words and punctuation marks, one message at a time, since all may be large."""
    return sum(_words(message.text) for message in messages)


def tokens(reply: Reply, prompt_words: int, text: str) -> tuple[int, int]:
    """Return the tokens read and written: the language model's if it was asked, else words and
    punctuation marks.
    """
    if reply.report and reply.turn and (model := reply.report.model):
        return model.input_tokens, model.output_tokens
    return prompt_words, _words(text)


def _words(text: str) -> int:
    return sum(1 for _ in _COUNTED.finditer(text))


def deltas(text: str) -> list[str]:
    """Split a text into paragraphs, which concatenate to the text."""
    return [piece for piece in re.split(r"(?<=\n\n)", text) if piece]
