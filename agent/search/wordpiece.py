"""Tokeniser for BERT's published uncased vocabulary (Devlin et al., 2019).

Its ids equal those of the reference tokeniser: clean, separate CJK characters, fold case and
accents, split at punctuation, then take the longest known piece from the left.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from agent.files import words

UNKNOWN, START, END = 100, 101, 102
MAX_WORD_CHARACTERS = 100

_CJK = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


@cache
def vocabulary() -> dict[str, int]:
    """Return the 30 522 ids by piece; pieces that continue a word start with `##`."""
    return {piece: i for i, piece in enumerate(words.vocabulary().split("\n"))}


def encode(text: str, limit: int = 256) -> list[int]:
    """Return the ids of a text between the start and end marks.

    Args:
        text: any string; control characters are dropped.
        limit: maximum number of ids including the marks, at least 2; the rest is truncated.

    Returns:
        list of 2 to `limit` ids in [0, 30 522).
    """
    ids = [START]
    for word in _words(text):
        ids += _pieces(word)
        if len(ids) >= limit - 1:
            break
    return [*ids[: limit - 1], END]


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = _fold(text)
    return "".join(c if c.isalnum() else _separated(c) for c in text.lower()).split()


def _fold(text: str) -> str:
    """Remove accents, lower each letter, and separate CJK characters."""
    spaced = "".join(f" {c} " if _is_cjk(ord(c)) else c for c in text)
    bare = (c for c in unicodedata.normalize("NFD", spaced) if unicodedata.category(c) != "Mn")
    return "".join(c.lower() for c in bare)


def _separated(character: str) -> str:
    """Separate punctuation, normalise spaces to blanks, and drop control characters."""
    if character in " \t\n\r":
        return " "
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if (category[0] == "C" and category != "Cn") or character == "\ufffd":
        return ""
    ascii_symbol = character.isascii() and character.isprintable()
    return f" {character} " if ascii_symbol or category[0] == "P" else character


def _is_cjk(code: int) -> bool:
    return code >= 0x3400 and any(low <= code <= high for low, high in _CJK)


@lru_cache(maxsize=4_096)
def _pieces(word: str) -> tuple[int, ...]:
    numbers = vocabulary()
    if len(word) > MAX_WORD_CHARACTERS:
        return (UNKNOWN,)
    ids: list[int] = []
    start = 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = word[start:end] if start == 0 else f"##{word[start:end]}"
            if piece in numbers:
                break
        else:
            return (UNKNOWN,)
        ids.append(numbers[piece])
        start = end
    return tuple(ids)
