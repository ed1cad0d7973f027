"""What kind of answer a question wants: explain, how_to, compare, fact or verify.

Patterns read a sentence as `Sentence.said` has it: lower case, no accents, no punctuation, one
space between words (and between Chinese characters).
"""

from __future__ import annotations

import re
from functools import cache

from agent.question.languages import Languages, languages
from agent.question.lexicon import operations
from agent.question.patterns import compiled, phrases
from agent.question.sentences import Sentence
from agent.question.words import words
from agent.types import Intent


class _Asking:
    """How people ask, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        said = spoken.vocabulary.asking
        compare = phrases(said.compare, better=phrases(said.better))
        self.compare = compiled(rf"\b{compare}\b")
        self.verify = compiled(rf"\b{phrases(said.verify)}\b|(?:^| ){phrases(said.confirm)}$")
        self.how_to = compiled(rf"\b{phrases(said.how_to)}\b")
        self.explain = compiled(rf"\b{phrases(said.explain)}\b")
        self.fact = compiled(rf"\b{phrases(said.fact)}\b")
        self.yes_no = compiled(phrases(said.yes_no))
        self.request = compiled(phrases(said.request))


_asking = cache(_Asking)


def intent_of(sentences: list[Sentence]) -> Intent:
    """The intent of the first sentence that asks something; of a statement at last."""
    for asking in (True, False):
        for sentence in sentences:
            if sentence.asks is asking and (found := _intent_of(sentence)):
                return found
    commands = any(at == 0 for _, at, _ in sentences[0].operations)
    return "how_to" if commands else "explain"


def _intent_of(sentence: Sentence) -> Intent | None:
    said, asking = sentence.said, _asking(languages())
    if asking.verify.search(said):
        return "verify"
    if asking.compare.search(said):
        return "compare"
    starts: list[tuple[int, int, Intent]] = []
    named: tuple[tuple[re.Pattern[str], Intent], ...] = (
        (asking.how_to, "how_to"),
        (asking.explain, "explain"),
        (asking.fact, "fact"),
    )
    for rank, (pattern, intent) in enumerate(named):
        if found := pattern.search(said):
            starts.append((found.start(), rank, intent))
    if (request := asking.request.match(said)) and not any(s[2] == "explain" for s in starts):
        named_first = operations(words(said[request.end() :][:80]))
        return "how_to" if named_first or not starts else min(starts)[2]
    if asking.yes_no.match(said) and not (starts and min(starts)[2] == "how_to"):
        return "verify"
    return min(starts)[2] if starts else None


def wants_help(sentence: Sentence) -> bool:
    """Whether a sentence asks how to do something, or for it to be done."""
    return sentence.asks or _asking(languages()).how_to.search(sentence.said) is not None
