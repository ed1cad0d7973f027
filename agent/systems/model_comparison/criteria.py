"""What models can be compared by, in the words of the field.

There is no overall score: how much a sharper edge is worth in changed letters is for whoever uses
the picture to say.
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
    """One thing that a model can be best at."""

    key: str
    """What `--criterion` takes."""
    title: str
    """What the best has, such as `narrowest edges`."""
    keys: tuple[str, ...]
    """Keys of measurements that decide; of several, the worst."""
    more_is_better: bool
    least: float = 0.0
    """A smaller difference is none, in the unit of the measurement."""
    least_share: float = 0.0
    """Likewise, as a share of the smaller value."""
    once: bool = False
    """Whether it is measured once, so that it has no interval and is told apart by `least_share`
    alone."""
    left_out: frozenset[str] = frozenset()
    """Models that it says nothing of: what the others are measured against."""
    unmeasured: str = ""
    """Why it is measured on no model, where it is not."""
    synonyms: tuple[str, ...] = ()
    """Other words that `--criterion` takes for it."""

    def matters(self, one: float, other: float) -> bool:
        """Whether two values differ by enough to speak of."""
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
            unmeasured="this system does not tell how much a process held", synonyms=("ram",),
        ),
    )
}  # fmt: skip
"""By key, in the order in which they are told."""


_BY_WORD = {word: one for one in CRITERIA.values() for word in (one.key, *one.synonyms)}


def criteria_named(words: Iterable[str]) -> tuple[str, ...]:
    """Keys of the criteria that any of the words, in lower case, names; each once."""
    return tuple(dict.fromkeys(_BY_WORD[word].key for word in words if word in _BY_WORD))


def criterion_of(word: str) -> ComparisonCriterion:
    """The criterion that a word names.

    Raises:
        InputError: where it names none.
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
