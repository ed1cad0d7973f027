"""Values that follow from a source without being in it: factors, and the lengths of lists."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from itertools import combinations

from agent.question.quantities import Quantity
from agent.question.units import TIMES

_FEW = 12
"""Largest number of listed things that a sentence may count without a source."""
_ROUGHLY, _NEARLY = Fraction(1, 10), Fraction(1, 50)
"""Tolerance of a factor with and without a hedge such as `about`."""
_WORDS_OF_AN_ITEM = 4
_CUT = re.compile(r"[;:()。；：]|\.(?!\d)")


def is_ratio(one: Quantity, each: Sequence[Quantity]) -> bool:
    """Check whether a quantity is a factor in words, such as `half`, of two values in sources."""
    if isinstance(one.value, str) or one.kind == "figure":
        return False
    if one.kind != "share" and one.base_unit != TIMES:
        return False
    factor = max(one.value, 1 / one.value) if one.value else Fraction()
    values = [(q.base_unit, q.value) for q in each if q.base_unit != TIMES and q.kind == "figure"]
    for (unit, a), (other, b) in combinations(values, 2):
        if unit == other and isinstance(a, Fraction) and isinstance(b, Fraction) and a and b:
            most = _ROUGHLY if one.hedged else _NEARLY
            if unit is None:  # they may count different things
                most = _NEARLY if one.hedged else Fraction()
            ratio = max(a / b, b / a)
            if ratio > 1 and abs(ratio - factor) <= most * factor:
                return True
    return False


def is_listed(one: Quantity, counts: Iterable[int]) -> bool:
    """Check whether a quantity is a small number in words that equals the length of a list."""
    if one.kind != "word" or one.base_unit is not None or isinstance(one.value, str):
        return False
    return 2 <= one.value <= _FEW and one.value in set(counts)


def lengths_of_lists(text: str, joints: Collection[str]) -> set[int]:
    """Return the lengths of the lists in a text: three in `full, half and quarter size`.

    Args:
        joints: words before the last item, such as `and`.
    """
    lengths = set()
    for clause in _CUT.split(text):
        items = [item.casefold().split() for item in re.split("[,，]", clause)]
        for i, item in enumerate(items):
            places = [k for k, word in enumerate(item) if word in joints]
            if not places:
                continue
            length = 2 if places[0] else 1  # after a comma, as in `full, half, and quarter size`
            while places[0] <= _WORDS_OF_AN_ITEM and i:
                i, length = i - 1, length + 1
                if len(items[i]) > _WORDS_OF_AN_ITEM:
                    break
            lengths.add(length)
        if "、" in clause:
            lengths.add(1 + clause.count("、") + any(joint in clause for joint in joints))
    return lengths
