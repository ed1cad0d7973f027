"""Words of a text and patterns of words, free of case, accents, hyphens and misspellings.

A trigger is a word (`crisp`), a stem (`sharp*`) or a phrase of those (`coarse to fine`); `..` in a
phrase stands for up to six words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Word:
    """A word of a text as matching sees it, and where it stands in the text as written."""

    text: str
    start: int
    end: int


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for tables that are easier to read as running words."""
    return frozenset(text.split())


#: Words worth recognising when one letter is missing, doubled, wrong or swapped.
_SPELLED = word_set(
    """structure structures resolution artefacts artifacts artefact artifact readable legible
    upscale upscaled upscaling upscaler enlarge enlarged enlarging sharpness sharpen
    sharpened details architecture licence license training trained frequency saliency
    semantic semantics representation representations attention deblur deblurring deblurred
    hallucinate hallucination hallucinates commercial pretrained checkpoint benchmark
    ensemble residual encoder decoder dataset datasets texture textures feature features
    parameters convolution accuracy evaluation compare compared comparison difference between
    without picture pictures screenshot explain introducing preserve preserves weights memory
    letters blurry blurred"""
)

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_GAP = ".."
_MAX_GAP = 6


def _deletions(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(1, len(word))} | {word}


_NEAR: dict[str, str] = {form: word for word in sorted(_SPELLED) for form in _deletions(word)}


def fold(text: str) -> str:
    """The text without case and accents: `Schärfe` and `SCHARFE` become `scharfe`."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def words(text: str) -> list[Word]:
    """The words of a text, folded and respelt; a Chinese or Japanese character is a word."""
    return [Word(_respelt(fold(m[0])), m.start(), m.end()) for m in _WORD.finditer(text)]


@lru_cache(maxsize=4096)
def _respelt(word: str) -> str:
    if not 6 <= len(word) <= 20 or word in _SPELLED or not word.isalpha():
        return word
    near = {_NEAR[form] for form in _deletions(word) if form in _NEAR}
    # A longer form of a known word (`sharpens`, `blurrier`) is no misspelling of it.
    return next((w for w in sorted(near) if not word.startswith(w[:-1])), word)


Pattern = tuple[str, ...]


def _patterns(triggers: str) -> list[Pattern]:
    found = []
    for trigger in triggers.split(","):
        parts = re.findall(r"\.\.|[\u3040-\u30ff\u3400-\u9fff]|[a-z0-9]+\*?", trigger)
        found.append(tuple(parts))
    return found


class Triggers:
    """Patterns by their first letters, so that a text is read once whatever their number."""

    def __init__(self, table: dict[str, str]) -> None:
        """Take a table of name to comma-separated triggers."""
        self._by_start: dict[str, list[tuple[str, Pattern, str]]] = defaultdict(list)
        for name, triggers in table.items():
            for pattern in _patterns(triggers):
                first = pattern[0].removesuffix("*")
                self._by_start[first[:2]].append((first, pattern, name))

    def find(self, text: list[Word]) -> list[tuple[str, int, int]]:
        """Each trigger in the text: its name, index of its first word and past its last."""
        found = []
        for i, word in enumerate(text):
            for first, pattern, name in self._by_start.get(word.text[:2], ()):
                if word.text.startswith(first) and (end := _end(pattern, text, i)):
                    found.append((name, i, end))
        return found


def _end(pattern: Pattern, text: list[Word], at: int) -> int | None:
    """Index past the last word of `pattern` where it starts at word `at`; None if it does not."""
    for i, part in enumerate(pattern):
        if part == _GAP:
            rest = pattern[i + 1 :]
            for start in range(at, min(at + _MAX_GAP + 1, len(text))):
                if _is(rest[0], text[start].text) and (end := _end(rest, text, start)):
                    return end
            return None
        if at >= len(text) or not _is(part, text[at].text):
            return None
        at += 1
    return at


def _is(part: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part
