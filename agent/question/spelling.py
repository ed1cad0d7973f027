"""Correction of misspelt English: `wich modle upscals` becomes `which model upscales`.

The vocabulary consists of terms of the field, common words and their regular forms. Any other word
is compared with all of them; names, numbers, and words with inner capitals stay as they are.
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
"""Minimum length of a word with two errors."""
_SHORT = 5
"""Minimum length of a word with a substituted letter: shorter ones have too many neighbours."""
_MOST = 24
"""Maximum number of corrections in a text."""
_COMMON = ((230_000, 230_000, 150_000, 70_000, 52_000), (0,) * 5)
"""Maximum rank in the vocabulary of a candidate, by number of errors and kind of slip.

With two errors, only terms of the field count, which come before the others.
"""


class _Dictionary:
    """Known words, and candidates for misspellings."""

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
        """Words and parts of words, most common first."""
        return f"\n{vocabulary()}\n"

    def _is_word(self, word: str) -> bool:
        return word in self.listed_words or word in self.prose

    def _knows(self, word: str) -> bool:
        """Check whether a word in lower case, or its base form, is known."""
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
        """Return the word that a misspelling stands for, or itself if none is near."""
        if _DRAWN_OUT.search(word):
            shapes = [_DRAWN_OUT.sub(letters, word) for letters in (r"\1", r"\1\1")]
            return min(filter(self.knows, shapes), key=self._place, default=word)
        from rapidfuzz.distance import OSA  # slow to import, and not needed without misspellings

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
        """Return the rank of a word in the vocabulary, or its length if it is missing."""
        place = self.vocabulary.find(f"\n{word}\n")
        return place if place >= 0 else len(self.vocabulary)

    def _alike(self, word: str, most: int) -> Iterator[tuple[int, str]]:
        """Yield words that begin like `word`, or with its first two letters swapped.

        Yields:
            The rank of a word in the vocabulary, below 0 for a term of the field, and the word.
        """
        n = len(word)
        for start, fewest, longest in ((word[0], n - most, n + most), (word[1::-1], n, n)):
            letters = rf"[a-z]{{{fewest - len(start)},{longest - len(start)}}}"
            for match in re.finditer(rf"\n({start}{letters})(?=\n)", self.vocabulary):
                yield match.start(), match[1]
        yield from ((-1, other) for other in self.field if other[0] in word[:2])


def _texts(section: Section) -> Iterator[str]:
    """Yield all words and patterns of a language, except mere beginnings of words."""
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
    """Return how unlikely it is to write `word` for `other`, which is one edit away."""
    if _undoubled_all(word) == _undoubled_all(other):
        return 0
    if sorted(word) == sorted(other):
        return 1
    if len(word) < len(other):
        return 2
    return 3 if len(word) > len(other) else 4


def _ends_alike(word: str, other: str) -> bool:
    """Check whether neither is a form of the other, as `smear` is of `smeary`."""
    return (word[-1] == other[-1] and not word.startswith(other)) or other == f"{word}e"


def _most_slip(word: str) -> int:
    """Return the most unlikely slip to accept: short words have many neighbours."""
    return len(word) - 2 if len(word) < _SHORT else 4


_dictionary = cache(_Dictionary)


def corrected(text: str, names: Iterable[str] = ()) -> str:
    """Correct the misspelt words of a text.

    Args:
        names: words that are correct, whatever they look like.
    """
    dictionary = _dictionary(languages())
    exempt = {part.lower() for name in names for part in _LETTERS.findall(name)}
    candidates: set[str] = set()

    def put_right(match: re.Match[str]) -> str:
        word, before = match[0], text[max(0, match.start() - 8) : match.start()].rstrip()
        lower = word.lower()
        begins = match.start() == 0 or before[-1:] in (".", "?", "!")
        if not (word == lower or (begins and word == lower.capitalize())):
            return word
        if lower in exempt or dictionary.knows(lower):
            return word
        candidates.add(lower)
        if len(candidates) > _MOST:
            return word
        right = dictionary.nearest(lower)
        return right if word == lower else right.capitalize()

    return _WORD.sub(put_right, text)
