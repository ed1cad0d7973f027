"""Units of measurement in the languages of questions."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from agent.question.languages import languages

TIMES = "times"
"""Base unit of factors."""
PERCENT = "percent"


class Unit(NamedTuple):
    base_unit: str
    """Key of its base unit: `seconds` for milliseconds."""
    size: Fraction
    """Size in base units."""


#: By key of `telling.units` in a language's file.
UNITS = {
    PERCENT: Unit(PERCENT, Fraction(1)),
    "points": Unit("points", Fraction(1)),
    "pixels": Unit("pixels", Fraction(1)),
    "decibels": Unit("decibels", Fraction(1)),
    "seconds": Unit("seconds", Fraction(1)),
    "milliseconds": Unit("seconds", Fraction(1, 1_000)),
    "kilobytes": Unit("bytes", Fraction(1_000)),
    "megabytes": Unit("bytes", Fraction(1_000_000)),
    "gigabytes": Unit("bytes", Fraction(1_000_000_000)),
    TIMES: Unit(TIMES, Fraction(1)),
}
_SYMBOLS = {
    "%": PERCENT, "％": PERCENT, "٪": PERCENT, "pp": "points", "px": "pixels", "dB": "decibels",
    "s": "seconds", "ms": "milliseconds", "kB": "kilobytes", "KB": "kilobytes", "MB": "megabytes",
    "GB": "gigabytes", "×": TIMES, "x": TIMES,
}  # fmt: skip
#: A sign between two numbers belongs to a size, such as `336×336`.
_BETWEEN_NUMBERS = r"(?!\s*\d)"


def unit_after(text: str, place: int, language: str) -> tuple[Unit | None, int]:
    """Return the unit right after `place` and its end; None and `place` without a unit."""
    pattern, keys = _names(language)
    if symbol := _AFTER.match(text, place):
        return UNITS[_SYMBOLS[symbol[1]]], symbol.end()
    if name := pattern.match(text, place):
        return UNITS[keys[name.lastgroup or ""]], name.end()
    return None, place


_AFTER = re.compile(
    r"[ \u00a0\u202f]?("
    + "|".join(
        re.escape(symbol) + (_BETWEEN_NUMBERS if symbol in "×x" else "")
        for symbol in sorted(_SYMBOLS, key=len, reverse=True)
    )
    + r")(?![A-Za-z])"
)


@cache
def _names(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern for unit names in a language and in English, and keys by group."""
    words: dict[str, list[str]] = {}
    for one in languages().each:
        if one.code in (language, "en"):
            for key, names in one.telling.units:
                words.setdefault(key, []).extend(names)
            words.setdefault(TIMES, []).extend(one.telling.folds)
    pairs = [(word, key) for key, names in words.items() for word in names]
    groups = {f"u{i}": key for i, (_, key) in enumerate(pairs)}
    ordered = sorted(enumerate(pairs), key=lambda entry: -len(entry[1][0]))
    either = "|".join(f"(?P<u{i}>{_name(word)})" for i, (word, _) in ordered) or "(?!)"
    return re.compile(rf"[ \u00a0\u202f-]?(?:{either})", re.IGNORECASE), groups


def _name(word: str) -> str:
    stem = re.escape(word.removesuffix("*"))
    if stem[-1] >= "\u3040":  # scripts without spaces, or with particles
        return stem
    return stem + (r"[^\W\d_]*" if word.endswith("*") else r"(?![^\W\d_])")
