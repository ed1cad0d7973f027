"""Helpers for single lines of plain text."""

from __future__ import annotations

from functools import lru_cache

from agent.text import visible


@lru_cache(maxsize=1_024)  # facts recur in many answers
def plain(text: str) -> str:
    """Return the text as one line, with control characters escaped and white space collapsed."""
    return " ".join(visible(text).split())


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 card`, `2,000 cards`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def capital(text: str) -> str:
    """Capitalise the first letter."""
    return text[:1].upper() + text[1:]


def full_stop(text: str) -> str:
    """Add a full stop, unless the text ends like a sentence."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
