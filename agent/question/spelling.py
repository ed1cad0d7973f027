"""English words that are misspelt, put right: `wich modle upscals` is `which model upscales`.

Known are the words of the field, those of prose and their regular forms. Any other word is
compared with all of them; a name, a number, and a word with an inner capital stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property, lru_cache

from agent.files.words import ordinary_words, vocabulary
from agent.question.languages import Languages, languages
from agent.question.languages.schema import Enlarging
from agent.question.languages.values import Section, Table
from agent.systems.catalogue import OPERATIONS

_WORD = re.compile(r"(?<![\w@#/.\\'’-])[A-Za-z]{3,24}(?![\w@/\\-])(?!\.\w)")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_DOUBLED = re.compile(r"([a-z])\1")
_LETTERS = re.compile(r"[A-Za-z]+")
_HELD = re.compile(r"(?<![\w*\\])[a-z]{3,}(?![\w*(?\[\\])")
_STEM = re.compile(r"(?<![\w\\])([a-z]{4,})\*")
_ENDINGS = ("s", "es", "ed", "ing", "er", "ers", "ly", "ish", "ier", "iest", "less", "ness")
_VOWELS = ("es", "ed", "ing", "er", "ers", "ish", "ier", "iest")
_SINGLE = re.compile(r"[^aeiou]*[aeiou][^aeiouwxy]")
"""Stems whose last letter is doubled before a vowel: `run`, `blur`."""
_BEGINNINGS = ("re", "un", "over", "non", "pre", "out", "mis", "de", "under", "super")
_LONG = 7
"""Letters from which on a word may be wrong in two places."""
_SHORT = 5
"""Letters below which no letter stands for another: too many words are near."""
_MOST = 24
"""Most words of one text that are put right."""
_COMMON = ((230_000, 230_000, 150_000, 70_000, 52_000), (0,) * 5)
"""Places in the vocabulary up to which a word counts, by how many letters differ and which slip.

Two letters from a misspelling, only the words of the field count, which stand before the others.
"""


class _Dictionary:
    """Words that are known, and those that a misspelling may stand for."""

    def __init__(self, spoken: Languages) -> None:
        english = [language for language in spoken.each if language.code == "en"]
        texts = [text for language in english for text in _texts(language)]
        texts += [operation.asked_with for operation in OPERATIONS.values()]
        self.field = frozenset(word for text in texts for word in _HELD.findall(text))
        self.stems = frozenset(stem for text in texts for stem in _STEM.findall(text))
        foreign = (word for one in spoken.each for word in one.detection.words)
        self.listed_words = self.field.union(self.stems, foreign)
        self.prose = ordinary_words()
        self.knows = lru_cache(maxsize=4_096)(self._knows)
        self.nearest = lru_cache(maxsize=1_024)(self._nearest)

    @cached_property
    def vocabulary(self) -> str:
        """Words and parts of words, the commonest first."""
        return f"\n{vocabulary()}\n"

    def _is_word(self, word: str) -> bool:
        return word in self.listed_words or word in self.prose

    def _knows(self, word: str) -> bool:
        """Whether a word, in lower case, or what it is a regular form of is known."""
        if self._is_word(word):
            return True
        if _DRAWN_OUT.search(word):
            return False
        for ending in _ENDINGS:
            stem = word.removesuffix(ending)
            if stem == word or len(stem) < 3:
                continue
            doubles = ending in _VOWELS and _SINGLE.fullmatch(stem)
            shapes = [] if doubles else [stem]
            if ending in _VOWELS:
                shapes += [f"{stem}e"] if doubles else [f"{stem}e", _undoubled(stem)]
            if any(map(self._is_word, shapes)):
                return True
        return any(
            word.startswith(beginning) and self.knows(word.removeprefix(beginning))
            for beginning in _BEGINNINGS
            if len(word) >= len(beginning) + 3
        )

    def _nearest(self, word: str) -> str:
        """The word that a misspelling stands for; the misspelling itself where none is near."""
        if _DRAWN_OUT.search(word):
            shapes = [_DRAWN_OUT.sub(letters, word) for letters in (r"\1", r"\1\1")]
            return min(filter(self.knows, shapes), key=self._place, default=word)
        from rapidfuzz.distance import OSA  # costs time that well-spelt questions need not pay

        most = 2 if len(word) >= _LONG else 1
        formed = any(word[:n] in self.stems for n in range(4, len(word)))
        ranked = [
            (distance, slip, place, other)
            for place, other in self._alike(word, most)
            if (distance := OSA.distance(word, other, score_cutoff=most)) <= most
            and (slip := _slip(word, other)) <= _most_slip(word)
            and (slip < 2 or _ends_alike(word, other))
            and place < (0 if formed else _COMMON[distance - 1][slip])
        ]
        return min(ranked)[-1] if ranked else word

    def _place(self, word: str) -> int:
        """Where in the vocabulary a word stands; past its end where it does not."""
        place = self.vocabulary.find(f"\n{word}\n")
        return place if place >= 0 else len(self.vocabulary)

    def _alike(self, word: str, most: int) -> Iterator[tuple[int, str]]:
        """Words that begin as `word` does, or with its first two letters swapped.

        Yields:
            Where in the vocabulary a word stands, below 0 for one of the field, and the word.
        """
        n = len(word)
        for start, fewest, longest in ((word[0], n - most, n + most), (word[1::-1], n, n)):
            letters = rf"[a-z]{{{fewest - len(start)},{longest - len(start)}}}"
            for match in re.finditer(rf"\n({start}{letters})(?=\n)", self.vocabulary):
                yield match.start(), match[1]
        yield from ((-1, other) for other in self.field if other[0] in word[:2])


def _texts(section: Section) -> Iterator[str]:
    """All words and patterns of a language, but those that are beginnings of words."""
    for value in vars(section).values():
        if isinstance(value, Enlarging):
            continue
        if isinstance(value, Section):
            yield from _texts(value)
        elif isinstance(value, Table):
            yield from (trigger for _, triggers in value for trigger in triggers)
        elif isinstance(value, tuple):
            yield from map(str, value)


def _undoubled(stem: str) -> str:
    return stem[:-1] if stem[-1:] == stem[-2:-1] else stem


def _undoubled_all(word: str) -> str:
    return _DOUBLED.sub(r"\1", word)


def _slip(word: str, other: str) -> int:
    """How unlikely it is that a person who meant `other` writes `word`, one step from it."""
    if _undoubled_all(word) == _undoubled_all(other):
        return 0
    if sorted(word) == sorted(other):
        return 1
    if len(word) < len(other):
        return 2
    return 3 if len(word) > len(other) else 4


def _ends_alike(word: str, other: str) -> bool:
    """Whether neither is another form of the other, as `smear` is of `smeary`."""
    return (word[-1] == other[-1] and not word.startswith(other)) or other == f"{word}e"


def _most_slip(word: str) -> int:
    """The most unlikely slip that counts: many short words are near one another."""
    return len(word) - 2 if len(word) < _SHORT else 4


_dictionary = cache(_Dictionary)


def corrected(text: str, names: Iterable[str] = ()) -> str:
    """The text with misspelt words put right.

    Args:
        names: what stands in the text as it should, whatever it looks like.
    """
    dictionary = _dictionary(languages())
    exempt = {part.lower() for name in names for part in _LETTERS.findall(name)}
    tried: set[str] = set()

    def put_right(match: re.Match[str]) -> str:
        word, before = match[0], text[max(0, match.start() - 8) : match.start()].rstrip()
        lower = word.lower()
        begins = match.start() == 0 or before[-1:] in (".", "?", "!")
        if not (word == lower or (begins and word == lower.capitalize())):
            return word
        if lower in exempt or dictionary.knows(lower):
            return word
        tried.add(lower)
        if len(tried) > _MOST:
            return word
        right = dictionary.nearest(lower)
        return right if word == lower else right.capitalize()

    return _WORD.sub(put_right, text)
