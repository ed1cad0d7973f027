"""Splitting of a question into sentences, without greetings and thanks."""

from __future__ import annotations

import re
from functools import cache, cached_property
from itertools import pairwise

from agent.question.languages import Languages, languages
from agent.question.lexicon import mentions, operations
from agent.question.patterns import compiled, either
from agent.question.words import Word, words

_DECORATION = " \t\r\n,;.!~…🙏😊🙂👍❤️"
#: Characters that may separate a question from what follows it.
_JOINTS = _DECORATION + ":–—-"
_QUOTES = {'"': '"', "“": "”", "'": "'", "«": "»", "„": "“"}
_SENTENCE = re.compile(r"[^.?!。？！\n]+(?:[.?!](?!\s)[^.?!。？！\n]+)*(?P<end>[.?!。？！]*)")
_PROSE_END = re.compile(
    r"([.!?][\"”’)\]*_]*)\s+(?=[\"“'(\[*_`]*(?:[A-Z0-9]|[^\W_a-z]))|(?<=[。！？])(?!$)"
)
_NO_END = re.compile(
    r"\b(?:(?i:e\.g|i\.e|etc|vs|cf|al|figs?|eq|sec|no|approx|ca|dr|prof|z)|[A-Z])\.$"
)
#: A dash between two sentences that could stand alone.
_DASH = re.compile(r"(?<=\w\s)[–—-]+(?=\s\w)")


class _Manners:
    """Words to remove and places to split, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        vocabulary = spoken.vocabulary
        thanks, greetings = (
            either(vocabulary.politeness.thanks),
            either(vocabulary.politeness.greetings),
        )
        self.end = compiled(rf"(?:[\s,;.!:–—-]|^){thanks}$", re.IGNORECASE)
        self.start = compiled(rf"{greetings}(?![\w'’-])[\s,;.!:–—-]*", re.IGNORECASE)
        short = either(map(re.escape, vocabulary.abbreviations))
        self.abbreviation = compiled(rf"\b({short})\.", re.IGNORECASE)


_manners = cache(_Manners)


def plain(text: str) -> str:
    """Return the text without greetings, thanks, and quotation marks around the whole."""
    text = " ".join(text.split())
    if len(text) > 2 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        text = text[1:-1]
    whole = text.strip(_DECORATION)
    text = whole.rstrip(_JOINTS)
    manners = _manners(languages())
    while polite := manners.start.match(text):
        text = text[polite.end() :]
    while polite := manners.end.search(text, max(0, len(text) - 80)):
        text = text[: polite.start()].rstrip(_JOINTS)
    return text or whole


class Sentence:
    """A sentence with its words and its folded text, in which one space separates words."""

    def __init__(self, text: str, end: str) -> None:
        self.text = text
        self.words: list[Word] = words(text)
        self.folded_text = " ".join(word.text for word in self.words)
        self.asks = "?" in end or "？" in end

    def is_parted(self, at: int) -> bool:
        """Check whether more than a space, hyphen or apostrophe precedes word `at`, above 0."""
        between = self.text[self.words[at - 1].end : self.words[at].start]
        return bool(between.strip(" \t'’-"))

    @cached_property
    def clauses(self) -> list[str]:
        """Parts of `folded_text` between commas and the like."""
        starts = [0, *(i for i in range(1, len(self.words)) if self.is_parted(i)), len(self.words)]
        return [" ".join(w.text for w in self.words[a:b]) for a, b in pairwise(starts)]

    @cached_property
    def mentions(self) -> list[tuple[str, int, int]]:
        """Tags: id, index of the first word, past the last."""
        return mentions(self.words)

    @cached_property
    def operations(self) -> list[tuple[str, int, int]]:
        """Operations: key, index of the first word, past the last."""
        return operations(self.words)


def sentences(text: str) -> list[Sentence]:
    text = _DASH.sub(".", _manners(languages()).abbreviation.sub(r"\1", text))
    return [Sentence(m[0], m["end"]) for m in _SENTENCE.finditer(text)] or [Sentence(text, "")]


def prose_sentences(text: str) -> list[str]:
    """Return the sentences of a line of prose as written, possibly with Markdown emphasis."""
    result: list[str] = []
    for part in _PROSE_END.sub(r"\1\n", text.strip()).split("\n"):
        if result and _NO_END.search(result[-1][-12:]):
            result[-1] += f" {part}"
        elif part:
            result.append(part)
    return result
