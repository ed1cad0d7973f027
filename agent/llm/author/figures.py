"""Whether the values in a sentence stand in its sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations

from agent.question.quantities import Quantity
from agent.question.units import PERCENT, TIMES

_FEW = 12
"""Up to which number things may be counted that a source lists without a number."""
_ROUGHLY, _NEARLY = Fraction(1, 10), Fraction(1, 50)
#: Two or more things in a row: `full, half and quarter size`.
_LIST = re.compile(
    r"((?:[^,;:.()]{1,60}, )*)[^,;:.()]{1,60}?,? "
    r"(?:and|or|plus|und|oder|sowie|et|ou|y|o|e|en|of|и|или) "
)
_UNSPACED_LIST = re.compile(r"((?:[^，、。；：]{1,20}、)*)[^，、。；：]{1,20}[和与及とや와과]")


def equal(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities are the same, however they are written."""
    if one.negative and not other.negative:
        return False
    if one.measured is None or other.measured is None:
        if one.kind == "share" and other.measured is None:
            return one.value == other.value
        values = {_percent(one), _percent(other)}
        return _written(one) == _written(other) or (None not in values and len(values) == 1)
    return one.measured == other.measured and one.value == other.value


def _written(quantity: Quantity) -> Fraction | str:
    return quantity.written or quantity.value


def _percent(quantity: Quantity) -> Fraction | None:
    """A share, or a value in percent, as a share."""
    if isinstance(quantity.value, str):
        return None
    if quantity.measured == PERCENT:
        return quantity.value / 100
    return quantity.value if quantity.kind == "share" else None


def is_ratio(one: Quantity, each: Sequence[Quantity]) -> bool:
    """Whether it is a factor, such as `half`, by which two values of the sources differ."""
    if isinstance(one.value, str) or not (one.kind == "share" or one.measured == TIMES):
        return False
    factor = max(one.value, 1 / one.value) if one.value else Fraction()
    most = _ROUGHLY if one.hedged else _NEARLY
    values = [(q.measured, q.value) for q in each if q.measured not in (None, TIMES)]
    for (measured, a), (other, b) in combinations(values, 2):
        if measured == other and isinstance(a, Fraction) and isinstance(b, Fraction) and a and b:
            ratio = max(a / b, b / a)
            if ratio > 1 and abs(ratio - factor) <= most * factor:
                return True
    return False


def is_listed(one: Quantity, texts: Iterable[str], most: int) -> bool:
    """Whether it counts things that a text lists, or that are at most so many sources."""
    if one.kind != "word" or one.measured is not None or isinstance(one.value, str):
        return False
    if not 2 <= one.value <= _FEW:
        return False
    counts = {2, *range(2, most + 1)} if most > 1 else set()
    for text in texts:
        for pattern, comma in ((_LIST, ", "), (_UNSPACED_LIST, "、")):
            counts |= {2 + found[1].count(comma) for found in pattern.finditer(text)}
            counts |= {2 for _ in pattern.finditer(text)}
    return one.value in counts
