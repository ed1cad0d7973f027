"""Words of a text and patterns of words, without case, accents and hyphens.

A trigger is a word (`crisp`), a stem (`sharp*`) or a phrase of those (`coarse to fine`); `..` in a
phrase stands for up to six words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from agent.errors import ConfigError


@dataclass(frozen=True)
class Word:
    """A folded word, and its range in the text as written."""

    text: str
    start: int
    end: int


def word_set(text: str) -> frozenset[str]:
    """Split a text into a set of words, for tables that are easier to read as prose."""
    return frozenset(text.split())


_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+")
_PART = re.compile(rf"\.\.|[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+\*?")
_BETWEEN_PARTS = re.compile(r"[\s'’-]")
_GAP = ".."
_MAX_GAP = 6


def fold(text: str) -> str:
    """Remove case and accents: `Schärfe` and `SCHARFE` become `scharfe`."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def is_ideograph(character: str) -> bool:
    """Check whether a character is a word of its own: a Chinese character or kana."""
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff"


def words(text: str) -> list[Word]:
    """Return the folded words of a text; each Chinese or Japanese character is a word."""
    return [Word(fold(m[0]), m.start(), m.end()) for m in _WORD.finditer(text)]


Pattern = tuple[str, ...]


def pattern_of(trigger: str) -> Pattern:
    """Parse a trigger into words, stems and gaps.

    Raises:
        ConfigError: for one that no text could contain.
    """
    parts = tuple(_PART.findall(folded := fold(trigger)))
    whole = "".join(parts) == _BETWEEN_PARTS.sub("", folded)
    if not parts or not whole or _GAP in (parts[0], parts[-1]):
        raise ConfigError(
            f"{trigger!r} triggers nothing; expected words, stems such as sharp*, and .. between"
        )
    return parts


class Triggers:
    """Patterns indexed by their first letters, so that a text is scanned once for all."""

    def __init__(self, triggers: Iterable[tuple[str, Pattern]]) -> None:
        """Index names with their patterns; at the same word, earlier ones are found first."""
        self._by_start: dict[str, list[tuple[str, Pattern, str]]] = defaultdict(list)
        for name, pattern in triggers:
            first = pattern[0].removesuffix("*")
            self._by_start[first[:2]].append((first, pattern, name))

    def find(self, text: list[Word]) -> list[tuple[str, int, int]]:
        """Return all triggers in the text: name, index of the first word, past the last."""
        hits = []
        for i, word in enumerate(text):
            for first, pattern, name in self._by_start.get(word.text[:2], ()):
                if word.text.startswith(first) and (end := _end(pattern, text, i)):
                    hits.append((name, i, end))
        return hits


def _end(pattern: Pattern, text: list[Word], at: int) -> int | None:
    """Return the index past the last word of `pattern` at word `at`; None if it does not match."""
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
