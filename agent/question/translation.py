"""Word-by-word translation of a question into English, for the search and the reader.

The result is no sentence, but English terms of the field and everyday words in the order of the
text. The words come from `lexicon` in `agent.question.languages`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from agent.question.languages import languages
from agent.question.languages.schema import Language
from agent.question.names import models
from agent.question.patterns import folded
from agent.question.subject import is_picture
from agent.question.words import Triggers, Word, fold, is_ideograph, pattern_of, words

_NUMBER_OR_END = r"\d+(?:[.,:]\d+)*\s?[%×]?|(?P<end>[.?!。？！]+)"
_ABBREVIATION = re.compile(r"[A-Z][A-Z0-9]{1,7}s?")
_EASTERN = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
#: Boundary between Latin letters or digits and Chinese, Japanese or Korean without a space.
_SEAM = re.compile(rf"(?<=[A-Za-z0-9+])(?={_EASTERN})|(?<={_EASTERN})(?=[A-Za-z0-9])")


def into_english(text: str, language: str) -> str:
    """Return the words of a question in English, with numbers, abbreviations and model names.

    Returns:
        Empty if fewer than two words, or less than half, are known: the rest could mean anything.
    """
    spoken = _spoken(language)
    return _lexicon(spoken).english(text) if spoken and spoken.lexicon else ""


def language_note(language: str) -> str | None:
    """Return the note above an English answer to a question in another language.

    Returns:
        None if the question is in English or in an unknown language.
    """
    spoken = _spoken(language)
    if spoken is None or language == "en":
        return None
    return spoken.note or (
        f"The question is in {spoken.english}; without a language model the answer comes in "
        f"English, with --model in {spoken.english}."
    )


def _spoken(code: str) -> Language | None:
    return next((language for language in languages().each if language.code == code), None)


class _Lexicon:
    """The words of a language with their translations."""

    def __init__(self, language: Language) -> None:
        self._english = dict.fromkeys(language.fillers, "")
        self._english.update(
            (t, english) for english, foreign in language.lexicon.table for t in foreign
        )
        # Of two that end at the same word, the longer is more specific.
        triggers = sorted(self._english, key=lambda trigger: -len(trigger))
        self._triggers = Triggers((trigger, pattern_of(trigger)) for trigger in triggers)
        self._small = folded(language.detection.words)
        spoken = _spoken("en")
        self._small_in_english = folded(spoken.detection.words if spoken else ())

    def english(self, text: str) -> str:
        text = _SEAM.sub(" ", text)
        if all(map(str.isupper, filter(str.isalpha, text))):
            text = text.lower()  # capitals do not mark abbreviations here
        pieces: list[str] = []
        covered = uncovered = 0.0
        for english, weight in self._pieces(text):
            if english:
                covered += weight
            else:
                uncovered += weight
            if english and (not pieces or pieces[-1] != english):
                pieces.append(english)
        if covered <= uncovered or sum(len(piece.split()) for piece in pieces) < 2:
            return ""
        return re.sub(r" (?=[.?!])", "", " ".join(pieces))

    def _pieces(self, text: str) -> Iterator[tuple[str, float]]:
        """Yield each word or phrase in English (empty if unknown), and its weight in words.

        Small words weigh nothing, and a Chinese character is half a word.
        """
        names = "".join(f"{re.escape(name)}|" for name in models(text))
        at = 0
        for fixed in re.finditer(names + _NUMBER_OR_END, text):
            yield from self._words(text[at : fixed.start()])
            if end := fixed["end"]:
                yield "?" if {"?", "？"}.intersection(end) else ".", 0
            else:
                yield fixed[0].strip(), not fixed[0][0].isdigit()
            at = fixed.end()
        yield from self._words(text[at:])

    def _words(self, text: str) -> Iterator[tuple[str, float]]:
        # As written: an English correction may be a word of this language.
        tokens = [Word(fold(text[w.start : w.end]), w.start, w.end) for w in words(text)]
        best: dict[int, tuple[int, bool, str]] = {}
        for trigger, start, end in self._triggers.find(tokens):
            # Accents distinguish `è` from `e`, but many people omit them.
            accented = (
                text[tokens[start].start : tokens[end - 1].end].casefold() == trigger.casefold()
            )
            if (end, accented) > best.get(start, (0, False))[:2]:
                best[start] = end, accented, self._english[trigger]
        at = 0
        while at < len(tokens):
            end, _, english = best.get(at, (at + 1, False, None))
            if english is None:
                yield self._unlisted(tokens[at], text), self._weight(tokens[at])
            elif english:
                small = self._small_in_english.issuperset(english.casefold().split())
                yield english, 0 if small else sum(map(self._weight, tokens[at:end]))
            at = end

    def _weight(self, word: Word) -> float:
        if word.text in self._small:
            return 0
        return 0.5 if is_ideograph(word.text) else 1

    def _unlisted(self, word: Word, text: str) -> str:
        spelling = text[word.start : word.end]
        if _ABBREVIATION.fullmatch(spelling):
            return spelling
        return "picture" if is_picture(word.text) else ""  # the last part of a compound


_lexicon = cache(_Lexicon)
