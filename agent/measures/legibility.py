"""Agreement and differences of two readings of the same lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

#: Minimum number of characters to judge legibility: a texture may be read as a few.
LEAST_TEXT = 20


class Word(NamedTuple):
    """A word as read."""

    text: str
    confidence: float
    """The recogniser's probability, in [0, 1], of the letter of the word that it is least sure of.
    """


class Change(NamedTuple):
    """A place in a line with different readings."""

    before: tuple[Word, ...]
    after: tuple[Word, ...]
    start: int = 0
    """Number of words of the earlier reading before it."""

    @property
    def confidence(self) -> float:
        """Confidence of the least sure word of the later reading, in [0, 1]; 0 without words."""
        return min((word.confidence for word in self.after), default=0.0)

    def is_doubtful(self, threshold: float) -> bool:
        """Check whether the later reading is less sure than `threshold` or the earlier one."""
        before = min((word.confidence for word in self.before), default=0.0)
        return self.confidence < max(threshold, before)


def character_error_rate(reference: Sequence[str], read: Sequence[str]) -> float:
    """Return the summed Levenshtein distances of lines over the length of the reference; ≥ 0.

    Raises:
        ValueError: if the numbers of lines differ or the reference has no characters.
    """
    characters = sum(map(len, reference))
    if characters == 0:
        raise ValueError("the reference holds no text to compare with")
    distances = (Levenshtein.distance(a, b) for a, b in zip(reference, read, strict=True))
    return sum(distances) / characters


def agreement(first: Sequence[str], second: Sequence[str]) -> float:
    """Return the agreement of two readings of the same lines, in [0, 1]; symmetric, 1 if equal.

    1 − Σ Levenshtein(a, b) / Σ max(|a|, |b|) over the lines; 1 if both are empty.

    Raises:
        ValueError: if the numbers of lines differ.
    """
    pairs = list(zip(first, second, strict=True))
    most = sum(max(len(a), len(b)) for a, b in pairs)
    return 1 - sum(Levenshtein.distance(a, b) for a, b in pairs) / most if most else 1.0


def changes(before: Sequence[Word], after: Sequence[Word]) -> Iterator[Change]:
    """Yield the differences between the words of two readings of a line, in order."""
    texts = [word.text for word in before], [word.text for word in after]
    matcher = SequenceMatcher(None, *texts, autojunk=False)
    for tag, i, j, k, l in matcher.get_opcodes():  # noqa: E741
        if tag != "equal":
            yield Change(tuple(before[i:j]), tuple(after[k:l]), i)
