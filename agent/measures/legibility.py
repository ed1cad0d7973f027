"""How alike two readings of the same lines of text are, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

#: Characters below which readings say nothing about legibility: a texture reads as a few.
LEAST_TEXT = 20


class Word(NamedTuple):
    """A word as it was read."""

    text: str
    confidence: float
    """The recogniser's probability, in [0, 1], of the letter of the word that it is least sure of.
    """


class Change(NamedTuple):
    """A place of a line that was read differently."""

    before: tuple[Word, ...]
    after: tuple[Word, ...]
    start: int = 0
    """How many words of the earlier reading come before it."""

    @property
    def confidence(self) -> float:
        """Of the least sure word of the later reading, in [0, 1]; 0 where nothing is read there."""
        return min((word.confidence for word in self.after), default=0.0)

    def is_doubtful(self, threshold: float) -> bool:
        """Whether the later reading is less sure than `threshold`, or than the one it replaces."""
        before = min((word.confidence for word in self.before), default=0.0)
        return self.confidence < max(threshold, before)


def character_error_rate(reference: Sequence[str], read: Sequence[str]) -> float:
    """Levenshtein distances of lines, summed, over the characters of the reference; 0 or more.

    Raises:
        ValueError: when the numbers of lines differ or the reference holds no character.
    """
    characters = sum(map(len, reference))
    if characters == 0:
        raise ValueError("the reference holds no text to compare with")
    distances = (Levenshtein.distance(a, b) for a, b in zip(reference, read, strict=True))
    return sum(distances) / characters


def agreement(first: Sequence[str], second: Sequence[str]) -> float:
    """How far two readings of the same lines agree, in [0, 1]; symmetric, 1 for equal ones.

    1 − Σ Levenshtein(a, b) / Σ max(|a|, |b|) over the lines; 1 where both are empty.

    Raises:
        ValueError: when the numbers of lines differ.
    """
    pairs = list(zip(first, second, strict=True))
    most = sum(max(len(a), len(b)) for a, b in pairs)
    return 1 - sum(Levenshtein.distance(a, b) for a, b in pairs) / most if most else 1.0


def changes(before: Sequence[Word], after: Sequence[Word]) -> Iterator[Change]:
    """Where the words of a line differ between two readings, in their order."""
    texts = [word.text for word in before], [word.text for word in after]
    matcher = SequenceMatcher(None, *texts, autojunk=False)
    for tag, i, j, k, l in matcher.get_opcodes():  # noqa: E741
        if tag != "equal":
            yield Change(tuple(before[i:j]), tuple(after[k:l]), i)
