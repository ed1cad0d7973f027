"""The numbers of a sentence: what has to stand in a source for the sentence to be supported."""

from __future__ import annotations

import re
from functools import lru_cache

from agent.question.names import without_names

#: Digits with their separators; a sign is no part of it, since a minus is also a hyphen.
_NUMBER = re.compile(r"\d+(?:[,.\u202f]\d+)*")


@lru_cache(maxsize=1_024)  # facts of cards come again in answer after answer
def numbers_in(text: str, names: frozenset[str]) -> tuple[str, ...]:
    """The numbers of a text as written, without the digits of `names`, such as `V2`."""
    return tuple(_NUMBER.findall(without_names(text, names)))


@lru_cache(maxsize=1_024)
def values_in(text: str, names: frozenset[str]) -> frozenset[str]:
    """The numbers of a text, each in the one form that equal numbers share."""
    return frozenset(map(value_of, numbers_in(text, names)))


def value_of(number: str) -> str:
    """The form that `2,103`, `2\u202f103` and `2103` share."""
    return number.replace(",", "").replace("\u202f", "").lstrip("0") or "0"
