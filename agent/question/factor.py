"""The enlargement factor in a text: `by 3×`, `three times`, `from 640 to 1920 px`.

Other multiples are excluded: `1920x1080` is a size, `3x3` a kernel, `8x faster` a speed and
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
    """Ways to name a factor, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        terms = spoken.vocabulary.enlarging
        self.numbers = {fold(word): number for word, number in terms.numbers}
        self.multiples = {fold(word): factor for word, factor in terms.multiples}
        self.up, self.picture = compiled(plain(terms.enlarging)), compiled(plain(terms.pictures))
        self.size = compiled(_SIZE.format(by=plain(terms.sides)))
        self.grid = compiled(_GRID.format(by=plain(terms.sides)))
        self.span = compiled(
            rf"(?<![\w.])(?P<a>{_EXTENT})\s?(?P<au>px|pixels?)?\s?"
            rf"(?:->|→|-->|=>|{plain(terms.to)})\s?"
            rf"(?P<b>{_EXTENT})\s?(?P<bu>px|pixels?)?(?![\w])"
        )
        self.gain = compiled(rf"{plain(terms.gains)} ?$")
        self.tried = compiled(rf"{plain(terms.tries)}\s*$")
        self._set_factors(terms)

    def _set_factors(self, terms: Enlarging) -> None:
        n = rf"(?P<n>\d{{1,3}}(?:[.,]\d{{1,3}})?|{'|'.join(map(re.escape, self.numbers))})"
        equally = rf"(?:{plain(terms.equally)}\s)"
        # If these follow, something else is multiplied.
        other = rf"(?!\s*{equally}?{plain(terms.other)})"
        sizes = plain(terms.sizes)
        self.times_sign = compiled(rf"(?<![\w.,×]){n}\s?[x×✕](?![\w×]){other}")
        self.sign_first = compiled(
            rf"(?<![\w×])[x×✕]\s?(?!64|86)(?P<n>\d{{1,2}}(?:\.\d{{1,2}})?)(?![\w×%]){other}"
        )
        self.fold = compiled(rf"(?<![\w.,]){n}(?:\s|-)?{plain(terms.fold)}\b{other}")
        self.factor = compiled(
            rf"\b{plain(terms.factor)}\s(?:{plain(terms.factor_of)}\s|=\s?)?{n}(?![\w%]|[.,]\d){other}"
        )
        self.by = compiled(
            rf"\b{plain(terms.by)}\s{n}(?=[\s.,;:!?)]*(?:$|\s))"
            rf"(?![\w%]|\s?[%x×]|\s{plain(terms.by_units)}){other}"
        )
        self.percent = compiled(
            rf"(?P<how>\b{plain(terms.percent_by)}\s)?(?<![\d.,])(?P<n>\d{{2,4}})\s?"
            rf"(?:%|{plain(terms.percent)})(?!\s*{plain(terms.percent_of)})"
            rf"(?P<more>\s{plain(terms.larger)})?"
        )
        self.times = compiled(
            rf"(?<![a-z0-9_.,]){n}\s?{_whole(terms.times)}{other}(?!\s*{plain(terms.tries_to)})"
            rf"(?P<size>\s(?:{sizes}|{plain(terms.larger)}|{equally}))?"
        )
        self.multiple = compiled(
            rf"\b(?P<n>{'|'.join(map(re.escape, self.multiples))}){plain(terms.endings)}?\b"
            rf"(?!\s?{plain(terms.compounds)}){other}(?P<size>\s{equally}?{sizes})?"
        )


_multiples = cache(_Multiples)


def _whole(words: Iterable[str]) -> str:
    """Return a pattern for any of the words as a whole word; Chinese ones need no boundary."""
    return either(fold(w) if is_ideograph(w[-1]) else rf"{fold(w)}(?!\w)" for w in words)


def enlargement_factor(text: str, about_picture: bool = False) -> float | None:
    """Return the factor by which a text says a picture is or was enlarged; None if it names none.

    Args:
        about_picture: whether the text is about a picture, so that `sharper at 4×` names a factor.

    Returns:
        A linear factor above 1 and at most 100, such as 3.0 for `by 3×` or `640 to 1920 px`.
    """
    text = re.sub(r"\s+", " ", fold(text))
    patterns = _multiples(languages())
    up = patterns.up.search(text) is not None
    if (ratio := _ratio(text, up)) is not None:
        return ratio
    text = patterns.grid.sub(" ", patterns.size.sub(" ", text))
    pictured = about_picture or up or patterns.picture.search(text) is not None
    for pattern, allowed in (
        (patterns.times_sign, pictured),
        (patterns.sign_first, pictured),
        (patterns.fold, pictured),
        (patterns.factor, up),
        (patterns.by, up),
    ):  # fmt: skip
        for match in pattern.finditer(text) if allowed else ():
            if (factor := _legal(_number(match["n"]))) and not _speeds(text, match.start()):
                return factor
    return _percent(text, up) or _multiple(text, up) or _times(text, up)


def _number(text: str) -> float:
    return _multiples(languages()).numbers.get(text) or float(text.replace(",", "."))


def _legal(factor: float) -> float | None:
    return round(factor, 4) if 1 < factor <= _LARGEST else None


def _speeds(text: str, at: int) -> bool:
    """Check whether the preceding words name a gain in something other than size."""
    return _multiples(languages()).gain.search(text[max(0, at - 24) : at]) is not None


def _ratio(text: str, up: bool) -> float | None:
    patterns = _multiples(languages())
    for match in patterns.span.finditer(text):
        start, end = _extent(match["a"]), _extent(match["b"])
        has_unit = match["au"] or match["bu"] or "p" in match["a"] + match["b"] or "k" in match["b"]
        sized = patterns.size.search(match["a"]) and patterns.size.search(match["b"])
        if (up or has_unit or sized) and start and (factor := _legal(end / start)):
            return factor
    return None


def _extent(size: str) -> int:
    """Return the height of a named format or of `width x height`; else the number itself."""
    return _NAMED_HEIGHTS.get(size) or int(re.findall(r"\d+", size)[-1])


def _percent(text: str, up: bool) -> float | None:
    patterns = _multiples(languages())
    for match in patterns.percent.finditer(text) if up else ():
        share = int(match["n"]) / 100
        # People who write `by 200 %` mean twice the size; `by 20 %` can only mean a fifth more.
        grows = match["more"] or (match["how"] and share < 1)
        if factor := _legal(1 + share if grows else share):
            return factor
    return None


def _multiple(text: str, up: bool) -> float | None:
    patterns = _multiples(languages())
    for match in patterns.multiple.finditer(text):
        if match["size"] or up:
            return float(patterns.multiples[match["n"]])
    return None


def _times(text: str, up: bool) -> float | None:
    patterns = _multiples(languages())
    for match in patterns.times.finditer(text):
        tries = patterns.tried.search(text[max(0, match.start() - 20) : match.start()])
        if (match["size"] or up) and not tries and (factor := _legal(_number(match["n"]))):
            return factor
    return None
