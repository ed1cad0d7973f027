"""The text of a question that is searched: what it asks, and the sentences needed for it."""

from __future__ import annotations

import re
from functools import cache

from agent.question.intent import asks, is_chat
from agent.question.languages import Languages, languages
from agent.question.patterns import compiled, either
from agent.question.sentences import Sentence

_LONG = 120
"""Number of words above which only questions and the sentences before them are searched."""
_MOST = 8
"""Maximum number of sentences of a long text that are searched."""


@cache
def _fillers(spoken: Languages) -> re.Pattern[str]:
    return compiled(
        rf"(?<!\w){either(spoken.vocabulary.politeness.fillers)}(?!\w),?", re.IGNORECASE
    )


def search_text(sentences: list[Sentence]) -> str:
    """Return the sentences to search, without small talk; of a long text only those that ask."""
    relevant = [sentence for sentence in sentences if not is_chat(sentence)] or sentences
    if sum(len(sentence.words) for sentence in relevant) > _LONG:
        relevant = _asking(relevant)
    text = " ".join(sentence.text.strip(" ,;:") for sentence in relevant)
    without = " ".join(_fillers(languages()).sub(" ", text).split())
    return re.sub(r" (?=[?!.,;](?:\s|$))", "", without) or text


def _asking(sentences: list[Sentence]) -> list[Sentence]:
    """Return the sentences that ask with the ones before them; if none asks, the first ones."""
    asking = [i for i, sentence in enumerate(sentences) if asks(sentence)]
    indices = sorted({j for i in asking for j in (i - 1, i) if j >= 0})
    return [sentences[i] for i in indices[:_MOST]] or sentences[:_MOST]
