"""The quantities of a text, in digits and in words, with their units."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
from itertools import islice, pairwise, takewhile
from typing import Literal

from agent.question.languages import languages
from agent.question.languages.schema import Telling
from agent.question.numbers import NUMBER, joined_groups, value_of
from agent.question.units import PERCENT, TIMES, UNITS, Unit, unit_after
from agent.question.words import word_set

_IDEOGRAPHIC = frozenset({"zh", "ja"})
_UNSPACED = _IDEOGRAPHIC | {"ko"}
_LEAST_SCALE, _LEAST_IDEOGRAPHIC_SCALE = 1_000, 10_000
_SHARE_IN_DIGITS = re.compile(r"(?<![\d/.])1/([2-9]|10)(?![\d/.])")
_PERCENT_BEFORE = re.compile(r"百分之\s?$")
_VULGAR = re.compile("[\u00bc-\u00be\u2150-\u215e]")
_WORDS_OF_A_HEDGE = 3
_SMALL_WORDS = word_set(
    """a an and are as at be by for from had has have if in is it its of on or per so than that the
    their then they this to was were which while with"""
)


@dataclass(frozen=True)
class Quantity:
    """A number in a text with its unit."""

    value: Fraction | str
    """In base units; as written if it is no number, such as `0.12.1`."""
    base_unit: str | None
    """Key of the base unit in `agent.question.units`; None without a unit."""
    kind: Literal["figure", "word", "share", "multiple"]
    """Whether it is in digits, a number word, a fraction such as `half`, or a multiple."""
    start: int
    end: int
    """Index past its unit."""
    hedged: bool = False
    """Whether it is given as approximate."""
    negative: bool = False
    written_value: Fraction | str = ""
    """Value in the unit as written."""


@lru_cache(maxsize=2_048)  # the same facts recur in many answers
def quantities(text: str, language: str = "en") -> tuple[Quantity, ...]:
    """Return the quantities of a text in order, without ordinals and `one`.

    Args:
        text: text without names that contain digits, such as `V2`.
        language: code of its language.
    """
    text = joined_groups(text, language)
    figures = list(_figures(text, language))
    words = _reader(language).read(_without_idioms(text, language), figures)
    rest = (f for f in figures if not any(w.start <= f.start < w.end for w in words))
    spans = [(figure.start, figure.end) for figure in figures]
    words = [word for word in words if not any(s < word.start < e for s, e in spans)]
    ordered = sorted((*rest, *words), key=lambda quantity: quantity.start)
    return tuple(_with_hedge(quantity, text, language) for quantity in ordered)


def _without_idioms(text: str, language: str) -> str:
    idioms = _telling(language).idioms
    if not idioms:
        return text
    either = "|".join(map(re.escape, idioms))
    return re.sub(either, lambda match: " " * len(match[0]), text, flags=re.IGNORECASE)


def _figures(text: str, language: str) -> Iterator[Quantity]:
    for match in NUMBER.finditer(text):
        share = _SHARE_IN_DIGITS.match(text, match.start())
        if share:
            yield Quantity(Fraction(1, int(share[1])), None, "share", share.start(), share.end())
            continue
        if match.start() and _SHARE_IN_DIGITS.match(text, match.start() - 2):
            continue
        form = value_of(match[0], language)
        value = Fraction(form) if re.fullmatch(r"\d+(?:\.\d+)?", form) else form
        unit, end = unit_after(text, match.end(), language)
        if _PERCENT_BEFORE.search(text[: match.start()]):
            unit = UNITS[PERCENT]
        before = text[: match.start()]
        negative = before.endswith("\u2212") or bool(re.search(r"(?:^|[\s(])-$", before))
        yield _quantity(value, unit, "figure", match.start(), end, negative)
    for match in _VULGAR.finditer(text):
        value = Fraction(unicodedata.numeric(match[0])).limit_denominator(10)
        yield Quantity(value, None, "share", match.start(), match.end())


def _quantity(
    value: Fraction | str,
    unit: Unit | None,
    kind: Literal["figure", "word"],
    start: int,
    end: int,
    negative: bool = False,
) -> Quantity:
    base = value * unit.size if unit and isinstance(value, Fraction) else value
    base_unit = unit.base_unit if unit else None
    return Quantity(base, base_unit, kind, start, end, negative=negative, written_value=value)


def _with_hedge(quantity: Quantity, text: str, language: str) -> Quantity:
    hedges = {hedge for code in (language, "en") for hedge in _telling(code).hedges}
    before = text[max(0, quantity.start - 40) : quantity.start].casefold()
    words = before.split()[-_WORDS_OF_A_HEDGE:]
    behind = re.match(r"(?:[ \u00a0][^\W\d_]+)*", text[quantity.end :].casefold())
    words += behind[0].split()[:_WORDS_OF_A_HEDGE] if behind else []
    hedged = not hedges.isdisjoint(words) or before.rstrip().endswith(("~", "≈", "±"))
    if language in _UNSPACED and not hedged:
        near = before[-4:] + text[quantity.end : quantity.end + 4]
        hedged = any(hedge in near for hedge in hedges if len(hedge) > 1 or hedge in "約约")
    return replace(quantity, hedged=hedged) if hedged else quantity


@cache
def _telling(language: str) -> Telling:
    return next((one.telling for one in languages().each if one.code == language), Telling())


@dataclass(frozen=True)
class _Atom:
    """A word of a number, or several written as one."""

    values: tuple[Fraction, ...]
    start: int
    end: int
    own: bool
    """Whether it counts as a figure on its own, unlike `one`."""


class _Reader:
    """Reader for the number words of one language."""

    def __init__(self, language: str) -> None:
        self.language, self.telling = language, _telling(language)
        self.unspaced = language in _UNSPACED
        self.ideographic = language in _IDEOGRAPHIC
        self.least_scale = _LEAST_IDEOGRAPHIC_SCALE if self.unspaced else _LEAST_SCALE
        numbers = dict(self.telling.numbers)
        parts = dict(self.telling.parts)
        self.numbers = {w.casefold(): Fraction(str(n)) for w, n in numbers.items()}
        self.parts = {w.casefold(): Fraction(str(n)) for w, n in parts.items()}
        self.joints = {word for word, value in self.parts.items() if not value}
        each = sorted({*self.numbers, *self.parts}, key=lambda word: (-len(word), word))
        self.each = re.compile("|".join(map(re.escape, each)) or "(?!)", re.IGNORECASE)
        folds = sorted((f.removesuffix("*") for f in self.telling.folds), key=len, reverse=True)
        fold = "|".join(map(re.escape, folds)) or "(?!)"
        edge = "" if self.ideographic else r"(?<![^\W_])"
        after = "" if self.ideographic else rf"(?=(?:{fold})|(?![^\W_]))"
        self.atoms = re.compile(rf"{edge}(?:{self.each.pattern})+{after}", re.IGNORECASE)
        self.scales = re.compile(
            rf"[ \u00a0\u202f-]?((?:{self.each.pattern})+){after}", re.IGNORECASE
        )
        counters = "|".join(map(re.escape, self.telling.counters)) or "(?!)"
        self.counted = re.compile(rf"\s?(?:{counters}|{fold})")
        self.shares = self._words(self.telling.shares)
        self.multiples = self._words(self.telling.multiples)

    def _words(self, table: Iterable[tuple[str, float]]) -> list[tuple[re.Pattern[str], Fraction]]:
        edge, end = ("", "") if self.ideographic else (r"(?<![^\W_])", r"(?![^\W_])")
        return [
            (
                re.compile(
                    edge
                    + re.escape(word.removesuffix("*"))
                    + (r"[^\W_]*" if word.endswith("*") else end),
                    re.IGNORECASE,
                ),
                Fraction(number).limit_denominator(12),
            )
            for word, number in table
        ]

    def read(self, text: str, figures: list[Quantity]) -> list[Quantity]:
        """Return the quantities with words, including those that begin with a figure."""
        quantities = [*self._scaled(text, figures)]
        numbers = [
            number
            for number in self._numbers(text)
            if not any(q.start <= number.start < q.end for q in quantities)
        ]
        shares = [*self._ratios(text), *self._shares(text, numbers)]
        quantities += shares
        for pattern, value in self.multiples:
            quantities += [
                Quantity(value, TIMES, "multiple", m.start(), m.end())
                for m in pattern.finditer(text)
            ]
        inside = [(q.start, q.end) for q in quantities]
        return quantities + [
            number for number in numbers if not any(s <= number.start < e for s, e in inside)
        ]

    def _scaled(self, text: str, figures: list[Quantity]) -> Iterator[Quantity]:
        """Yield figures followed by a word for a power of ten: `13 billion`, `4.7万`."""
        least = 10 if self.unspaced else self.least_scale
        for figure in figures:
            number = NUMBER.match(text, figure.start)
            if figure.kind != "figure" or number is None or isinstance(figure.written_value, str):
                continue
            word = self.scales.match(text, number.end())
            values = self._values(word[1]) if word else ()
            if word and values and all(value >= least for value in values):
                scale = Fraction(1)
                for value in values:
                    scale *= value
                unit, end = unit_after(text, word.end(), self.language)
                yield _quantity(figure.written_value * scale, unit, "figure", figure.start, end)

    def _values(self, word: str) -> tuple[Fraction, ...]:
        each = (part.casefold() for part in self.each.findall(word))
        return tuple(self.numbers.get(part, self.parts.get(part, Fraction())) for part in each)

    def _atoms(self, text: str) -> Iterator[_Atom]:
        for match in self.atoms.finditer(text):
            parts = [part.casefold() for part in self.each.findall(match[0])]
            own = any(part in self.numbers for part in parts)
            if own or any(self.parts.get(part) for part in parts):
                yield _Atom(self._values(match[0]), match.start(), match.end(), own)

    def _numbers(self, text: str) -> list[Quantity]:
        groups: list[list[_Atom]] = []
        for atom in self._atoms(text):
            if groups and self._goes_on(groups[-1][-1], atom, text):
                groups[-1].append(atom)
            else:
                groups.append([atom])
        numbers = []
        for group in groups:
            values = [value for atom in group for value in atom.values]
            if not any(atom.own for atom in group) or not self._counts(group, values, text):
                continue
            end = group[-1].end
            unit, past = unit_after(text, end, self.language)
            kind: Literal["word"] = "word"
            numbers.append(_quantity(self._sum(values), unit, kind, group[0].start, past))
        return numbers

    def _goes_on(self, one: _Atom, other: _Atom, text: str) -> bool:
        between = text[one.end : other.start].casefold()
        last, first = one.values[-1], other.values[0]
        if self.ideographic or between.strip(" -\u2011") not in {"", *self.joints}:
            return False
        if between.strip(" -\u2011") and last < 20:
            return False
        return first >= 100 or (last > first and last >= 20 and last % 10 == 0)

    def _counts(self, group: list[_Atom], values: list[Fraction], text: str) -> bool:
        """Check whether the words are a number, in languages where characters form other words."""
        if not self.unspaced:
            return True
        if self.ideographic and len(values) > 1 and min(values) < 10 <= max(values):
            return True
        return values != [10_000] and self.counted.match(text, group[-1].end) is not None

    def _sum(self, values: list[Fraction]) -> Fraction:
        total = section = pending = Fraction()
        factors = (10, 100, 1_000) if self.ideographic else (100,)
        for value in values:
            if value >= self.least_scale:
                total += (section + pending or 1) * value
                section = pending = Fraction()
            elif value in factors:
                section += (pending or 1) * value
                pending = Fraction()
            else:
                pending += value
        return total + section + pending

    def _ratios(self, text: str) -> Iterator[Quantity]:
        """Yield fractions in East Asian order, denominator first: `四分之一`."""
        if not self.unspaced:
            return
        number = rf"((?:{self.each.pattern})+|\d+(?:\.\d+)?)"
        for match in re.finditer(rf"{number}\s?[分분](?:之|の|의)\s?{number}", text):
            whole, part = (
                Fraction(side) if side[0].isdigit() else self._sum(list(self._values(side)))
                for side in match.groups()
            )
            if whole == 100:
                yield Quantity(
                    part, PERCENT, "figure", match.start(), match.end(), written_value=part
                )
            elif whole:
                yield Quantity(part / whole, None, "share", match.start(), match.end())

    def _shares(self, text: str, numbers: list[Quantity]) -> Iterator[Quantity]:
        for pattern, share in self.shares:
            for match in pattern.finditer(text):
                start, value = match.start(), share
                for number in numbers:
                    times = number.value
                    near = text[number.end : start] in (" ", "-")
                    if not near or isinstance(times, str) or times * share >= 1:
                        continue
                    if times == 3 or share == Fraction(1, 3):  # else `two quarter-size copies`
                        start, value = number.start, times * share
                yield Quantity(value, None, "share", start, match.end())


_reader = cache(_Reader)


def equal(one: Quantity, other: Quantity) -> bool:
    """Check whether two quantities are equal, however they are written."""
    if one.negative and not other.negative:
        return False
    if one.base_unit is None or other.base_unit is None:
        amounts = (quantity.written_value or quantity.value for quantity in (one, other))
        return len(set(amounts)) == 1 or _is_same_share(one, other)
    return one.base_unit == other.base_unit and one.value == other.value


def _is_same_share(one: Quantity, other: Quantity) -> bool:
    """Check whether one is a percentage and the other the same share: 50 %, half and 0.5."""
    for percentage, share in ((one, other), (other, one)):
        if percentage.base_unit != PERCENT or isinstance(percentage.value, str):
            continue
        if share.base_unit is None and not isinstance(share.value, str) and share.value <= 1:
            return percentage.value == 100 * share.value
    return False


def is_rounded(one: Quantity, other: Quantity) -> bool:
    """Check whether the first is approximate and equals the other to at least two digits."""
    value, exact = one.value, other.value
    if not one.hedged or isinstance(value, str) or isinstance(exact, str) or not exact:
        return False
    if None not in (one.base_unit, other.base_unit) and one.base_unit != other.base_unit:
        return False
    magnitude = math.floor(math.log10(exact))
    return any(
        value == round(exact / Fraction(10) ** place) * Fraction(10) ** place
        for place in range(magnitude - 1, magnitude - 6, -1)
    )


def counted_things(text: str, quantity: Quantity, at_most: int) -> tuple[str, ...]:
    """Return the words after a quantity of an English text, up to punctuation or a small word."""
    after = re.match(r"(?:[ -][^\W\d_]+)*", text[quantity.end :])
    words = re.findall(r"[^\W\d_]+", after[0].casefold()) if after else []
    things = takewhile(lambda word: word not in _SMALL_WORDS, words)
    return tuple(islice(things, at_most))


def ordered_pairs(
    quantities: Iterable[Quantity], text: str, language: str
) -> list[tuple[int, int]]:
    """Return index pairs of quantities that are given as a change, `from 2 to 1 px`."""
    each = list(quantities)
    telling = [_telling(code) for code in dict.fromkeys((language, "en"))]
    starts = {word for one in telling for word in one.starts}
    ends = {word for one in telling for word in one.ends}
    pairs = []
    for i, (one, other) in enumerate(pairwise(each)):
        before = text[: one.start].casefold().rstrip(" ~≈")
        between = text[one.end : other.start].casefold()
        if language in _UNSPACED:
            begins = before.endswith(tuple(starts)) or between.lstrip().startswith(tuple(starts))
            goes = any(end in between for end in ends) and len(between) < 12
            goes = goes or text[other.end :].lstrip().startswith(tuple(ends))
        else:
            begins = not starts.isdisjoint(before.split()[-2:])
            goes = not ends.isdisjoint(between.split()[-2:]) and len(between.split()) <= 4
        if begins and goes:
            pairs.append((i, i + 1))
    return pairs
