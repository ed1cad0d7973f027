"""Sanitizing of text for terminals, pages and indexes: no controls, no bidirectional marks."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_ALLOWED_CONTROLS = "\n\r\t"
_WITHOUT_LINES = dict.fromkeys(map(ord, _ALLOWED_CONTROLS + "\u202f\xa0"))
_BIDIRECTIONAL = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def is_unsafe(character: str) -> bool:
    """Check whether a character can control a terminal or hide text."""
    if character in _ALLOWED_CONTROLS:
        return False
    return character in _BIDIRECTIONAL or unicodedata.category(character) in (
        "Cc",
        "Cs",
        "Co",
        "Cn",
    )


def first_unsafe(text: str) -> int | None:
    """Return the position of the first unsafe character, or None if there is none."""
    if text.isprintable() or text.translate(_WITHOUT_LINES).isprintable():
        return None
    return next((i for i, character in enumerate(text) if is_unsafe(character)), None)


def visible(text: str) -> str:
    """Escape unsafe characters, such as `\\x1b`, so that the text is safe to print anywhere."""
    if first_unsafe(text) is None:
        return text
    return "".join(
        character.encode("unicode_escape").decode() if is_unsafe(character) else character
        for character in text
    )


def format_list(items: Sequence[str], last: str = "and") -> str:
    """Return `a, b and c`; empty for no items."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
