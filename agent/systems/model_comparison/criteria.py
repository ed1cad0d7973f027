"""Criteria by which models can be compared.

There is no overall score: only the user of a picture can say how many changed letters a sharper
edge is worth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from agent.errors import InputError
from agent.measures.legibility import LEAST_TEXT
from agent.systems.model_comparison.contenders import BICUBIC
from agent.text import visible


@dataclass(frozen=True)
class ComparisonCriterion:
    """One respect in which a model can be best."""

    key: str
    """Name for `--criterion`."""
    title: str
    """Distinction of the best model, such as `narrowest edges`."""
    keys: tuple[str, ...]
    """Keys of the measurements that decide; the worst of several counts."""
    more_is_better: bool
    least: float = 0.0
    """Smallest difference that counts, in the unit of the measurement."""
    least_share: float = 0.0
    """Smallest difference that counts, as a share of the smaller value."""
    once: bool = False
    """Whether it is measured once, so that it has no interval and only `least_share` applies."""
    left_out: frozenset[str] = frozenset()
    """Models that it does not apply to, since the others are measured against them."""
    unmeasured: str = ""
    """Why it could not be measured on any model."""
    synonyms: tuple[str, ...] = ()
    """Other names for `--criterion`."""

    def matters(self, one: float, other: float) -> bool:
        """Check whether two values differ by enough to matter."""
        return abs(one - other) > max(self.least, self.least_share * min(abs(one), abs(other)))


_TOO_FEW_EDGES = "the picture has too few straight edges"
_AGAINST_BICUBIC = frozenset({BICUBIC})

CRITERIA = {
    one.key: one
    for one in (
        ComparisonCriterion(
            "text", "text read most as in the picture", ("text-agreement",), True, least=0.5,
            unmeasured=f"fewer than {LEAST_TEXT} characters can be read in the picture at its own "
            "size",
            synonyms=("letters", "words", "legibility", "readability", "ocr"),
        ),
        ComparisonCriterion(
            "edges", "narrowest edges", ("edge-width-across", "edge-width-down"), False,
            least_share=0.03, unmeasured=_TOO_FEW_EDGES,
            synonyms=("sharpness", "blur", "edge-width"),
        ),
        ComparisonCriterion(
            "halos", "least overshoot at edges", ("overshoot",), False, least=1.0,
            unmeasured=_TOO_FEW_EDGES, synonyms=("halo", "haloes", "overshoot", "ringing"),
        ),
        ComparisonCriterion(
            "fidelity", "closest to the picture after reduction", ("consistency",), True,
            least=0.5,
            synonyms=("consistency", "faithfulness", "faithful", "likeness", "closest"),
        ),
        ComparisonCriterion(
            "texture", "least change away from edges", ("flat-change",), False, least=0.5,
            left_out=_AGAINST_BICUBIC, synonyms=("invention", "hallucination", "noise"),
        ),
        ComparisonCriterion(
            "colour", "least change of colour", ("colour-change",), False, least=0.5,
            left_out=_AGAINST_BICUBIC, synonyms=("color", "colours", "colors", "tint"),
        ),
        ComparisonCriterion(
            "speed", "fastest", ("seconds",), False, least_share=0.25, once=True,
            synonyms=("time", "seconds"),
        ),
        ComparisonCriterion(
            "memory", "least memory", ("memory",), False, least_share=0.25, once=True,
            unmeasured="this system does not report the memory of a process", synonyms=("ram",),
        ),
    )
}  # fmt: skip
"""Criteria by key, in the order in which they are reported."""


_BY_WORD = {word: one for one in CRITERIA.values() for word in (one.key, *one.synonyms)}


def criteria_named(words: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of the criteria that the words, in lower case, name, without repeats."""
    return tuple(dict.fromkeys(_BY_WORD[word].key for word in words if word in _BY_WORD))


def criterion_of(word: str) -> ComparisonCriterion:
    """Return the criterion that a word names.

    Raises:
        InputError: if it names none.
    """
    key = word.strip().casefold()
    if key not in _BY_WORD:
        near = get_close_matches(key, _BY_WORD, 2, 0.6)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise InputError(
            f"models cannot be compared by {visible(word)!r}{hint}; expected one of "
            + ", ".join(CRITERIA)
        )
    return _BY_WORD[key]
