"""The factor of enlargement that a text names: `by 3×`, `three times`, `from 640 to 1920 px`.

Other multiples are told apart: `1920x1080` is a size, `3x3` a kernel, `8x faster` a speed and
`I tried three times` a count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from agent.question.languages import Languages, languages
from agent.question.languages.schema import Enlarging
from agent.question.patterns import compiled, either, plain
from agent.question.words import fold, is_ideograph

_SIZE = r"(?<![\w.])(\d{{2,5}})(?:\s(?:[x×*]|{by})\s|[x×*])(\d{{2,5}})(?:[x×*]\d{{1,4}})?(?![\d×])"
_GRID = r"(?<![\w.])\d{{1,2}}(?:\s(?:[x×*]|{by})\s|[x×*])\d{{1,2}}(?![\w])"
_NAMED_HEIGHTS = {"4k": 2160, "8k": 4320, "full hd": 1080, "fhd": 1080, "uhd": 2160}
_EXTENT = r"\d{2,5}(?:\s?[x×*]\s?\d{2,5})?p?|4k|8k|full hd|fhd|uhd"
_LARGEST = 100


class _Multiples:
    """How people name a factor, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        said = spoken.vocabulary.enlarging
        self.numbers = {fold(word): number for word, number in said.numbers}
        self.multiples = {fold(word): factor for word, factor in said.multiples}
        self.up, self.picture = compiled(plain(said.enlarging)), compiled(plain(said.pictures))
        self.size = compiled(_SIZE.format(by=plain(said.sides)))
        self.grid = compiled(_GRID.format(by=plain(said.sides)))
        self.span = compiled(
            rf"(?<![\w.])(?P<a>{_EXTENT})\s?(?P<au>px|pixels?)?\s?"
            rf"(?:->|→|-->|=>|{plain(said.to)})\s?"
            rf"(?P<b>{_EXTENT})\s?(?P<bu>px|pixels?)?(?![\w])"
        )
        self.gain = compiled(rf"{plain(said.gains)} ?$")
        self.tried = compiled(rf"{plain(said.tries)}\s*$")
        self._set_factors(said)

    def _set_factors(self, said: Enlarging) -> None:
        n = rf"(?P<n>\d{{1,3}}(?:[.,]\d{{1,3}})?|{'|'.join(map(re.escape, self.numbers))})"
        equally = rf"(?:{plain(said.equally)}\s)"
        # Where these follow, something else is multiplied.
        other = rf"(?!\s*{equally}?{plain(said.other)})"
        sizes = plain(said.sizes)
        self.times_sign = compiled(rf"(?<![\w.,×]){n}\s?[x×✕](?![\w×]){other}")
        self.sign_first = compiled(
            rf"(?<![\w×])[x×✕]\s?(?!64|86)(?P<n>\d{{1,2}}(?:\.\d{{1,2}})?)(?![\w×%]){other}"
        )
        self.fold = compiled(rf"(?<![\w.,]){n}(?:\s|-)?{plain(said.fold)}\b{other}")
        self.factor = compiled(
            rf"\b{plain(said.factor)}\s(?:{plain(said.factor_of)}\s|=\s?)?{n}(?![\w%]|[.,]\d){other}"
        )
        self.by = compiled(
            rf"\b{plain(said.by)}\s{n}(?=[\s.,;:!?)]*(?:$|\s))"
            rf"(?![\w%]|\s?[%x×]|\s{plain(said.by_units)}){other}"
        )
        self.percent = compiled(
            rf"(?P<how>\b{plain(said.percent_by)}\s)?(?<![\d.,])(?P<n>\d{{2,4}})\s?"
            rf"(?:%|{plain(said.percent)})(?!\s*{plain(said.percent_of)})"
            rf"(?P<more>\s{plain(said.larger)})?"
        )
        self.times = compiled(
            rf"(?<![a-z0-9_.,]){n}\s?{_whole(said.times)}{other}(?!\s*{plain(said.tries_to)})"
            rf"(?P<size>\s(?:{sizes}|{plain(said.larger)}|{equally}))?"
        )
        self.multiple = compiled(
            rf"\b(?P<n>{'|'.join(map(re.escape, self.multiples))}){plain(said.endings)}?\b"
            rf"(?!\s?{plain(said.compounds)}){other}(?P<size>\s{equally}?{sizes})?"
        )


_multiples = cache(_Multiples)


def _whole(words: Iterable[str]) -> str:
    """Any of the words, with no letter after it; a Chinese one needs no such gap."""
    return either(fold(w) if is_ideograph(w[-1]) else rf"{fold(w)}(?!\w)" for w in words)


def enlargement_factor(text: str, about_picture: bool = False) -> float | None:
    """The factor by which a text says that a picture is or was enlarged; None where it names none.

    Args:
        about_picture: whether it is known to be about a picture, so that `sharper at 4×` names one.

    Returns:
        A linear factor above 1 and at most 100, such as 3.0 for `by 3×` or `640 to 1920 px`.
    """
    said = re.sub(r"\s+", " ", fold(text))
    named = _multiples(languages())
    up = named.up.search(said) is not None
    if (ratio := _ratio(said, up)) is not None:
        return ratio
    said = named.grid.sub(" ", named.size.sub(" ", said))
    pictured = about_picture or up or named.picture.search(said) is not None
    for pattern, allowed in (
        (named.times_sign, pictured),
        (named.sign_first, pictured),
        (named.fold, pictured),
        (named.factor, up),
        (named.by, up),
    ):  # fmt: skip
        for found in pattern.finditer(said) if allowed else ():
            if (factor := _legal(_number(found["n"]))) and not _speeds(said, found.start()):
                return factor
    return _percent(said, up) or _multiple(said, up) or _times(said, up)


def _number(text: str) -> float:
    return _multiples(languages()).numbers.get(text) or float(text.replace(",", "."))


def _legal(factor: float) -> float | None:
    return round(factor, 4) if 1 < factor <= _LARGEST else None


def _speeds(said: str, at: int) -> bool:
    """Whether what stands before is a gain in something other than size."""
    return _multiples(languages()).gain.search(said[max(0, at - 24) : at]) is not None


def _ratio(said: str, up: bool) -> float | None:
    named = _multiples(languages())
    for found in named.span.finditer(said):
        start, end = _extent(found["a"]), _extent(found["b"])
        measured = found["au"] or found["bu"] or "p" in found["a"] + found["b"] or "k" in found["b"]
        sized = named.size.search(found["a"]) and named.size.search(found["b"])
        if (up or measured or sized) and start and (factor := _legal(end / start)):
            return factor
    return None


def _extent(size: str) -> int:
    """Height of a named format or of `width x height`; else the number itself."""
    return _NAMED_HEIGHTS.get(size) or int(re.findall(r"\d+", size)[-1])


def _percent(said: str, up: bool) -> float | None:
    named = _multiples(languages())
    for found in named.percent.finditer(said) if up else ():
        share = int(found["n"]) / 100
        # People who write `by 200 %` mean twice the size; `by 20 %` can only mean a fifth more.
        grows = found["more"] or (found["how"] and share < 1)
        if factor := _legal(1 + share if grows else share):
            return factor
    return None


def _multiple(said: str, up: bool) -> float | None:
    named = _multiples(languages())
    for found in named.multiple.finditer(said):
        if found["size"] or up:
            return float(named.multiples[found["n"]])
    return None


def _times(said: str, up: bool) -> float | None:
    named = _multiples(languages())
    for found in named.times.finditer(said):
        counted = named.tried.search(said[max(0, found.start() - 20) : found.start()])
        if (found["size"] or up) and not counted and (factor := _legal(_number(found["n"]))):
            return factor
    return None
