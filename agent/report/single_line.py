"""One line of plain text, whoever wrote it."""

from __future__ import annotations

from functools import lru_cache

from agent.text import visible


@lru_cache(maxsize=1_024)  # facts of cards come again in answer after answer
def plain(text: str) -> str:
    """One line without control characters; those, and line breaks, cannot steer what shows it."""
    return " ".join(visible(text).split())


def counted(number: int, noun: str) -> str:
    """`1 card`, `2,000 cards`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def capital(text: str) -> str:
    """With a capital at the beginning."""
    return text[:1].upper() + text[1:]


def full_stop(text: str) -> str:
    """With a mark at the end that closes a sentence."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
