"""The factor of enlargement that a text names: `by 3×`, `three times`, `from 640 to 1920 px`.

Other multiples are told apart: `1920x1080` is a size, `3x3` a kernel, `8x faster` a speed and
`I tried three times` a count.
"""

from __future__ import annotations

import re

from agent.question.words import fold

_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10, "sixteen": 16,
    "zwei": 2, "drei": 3, "vier": 4, "acht": 8, "deux": 2, "trois": 3, "quatre": 4, "dos": 2,
    "tres": 3, "cuatro": 4, "两": 2, "二": 2, "三": 3, "四": 4,
}  # fmt: skip
_N = r"(?P<n>\d{1,3}(?:[.,]\d{1,3})?|" + "|".join(_WORDS) + ")"
_MULTIPLES = {
    "doubl": 2, "twice": 2, "tripl": 3, "thrice": 3, "quadrupl": 4, "verdoppel": 2,
    "verdreifach": 3,
    "vervierfach": 4, "zweifach": 2, "dreifach": 3, "vierfach": 4, "duplic": 2, "triplic": 3,
}  # fmt: skip
#: What may not follow a multiple of the picture: then something else is multiplied, or counted.
_OTHER = (
    r"(?!\s*(?:as\s+)?(?:fast|slow|quick|speed|cheap|more|less|few|better|worse|smaller|small|"
    r"engineer|"
    r"developer|productiv|memory|vram|param|comput|objective|lens|optical|cost|price|longer|"
    r"(?:larger|bigger)\s+(?:model|network|batch|data)|(?:a|per)\s+(?:day|week|month|second)))"
)
_COUNTS = r"(?!\s*(?:to\b|in\s+a\b|already|now\b|over\b))"
_NOUN = (
    r"(?:in\s|its|the|my|their|an?)?\s*(?:original\s+|image\s+|picture\s+|pixel\s+|linear\s+)?"
    r"(?:sizes?|resolution|dimensions?|widths?|heights?|pixels?|images?|photos?|pictures?|"
    r"screenshots?|scans?|large|big|high|wide|grosse|auflosung|taille|tamano|resolucion|bild|"
    r"imagen|it\b)"
)
_UP = re.compile(
    r"upscal|up.scal|upsampl|upsiz|upres|enlarg|super.?res|magnif|bl(?:ow|ew|own).{0,20}\bup\b|"
    r"zoom|"
    r"resiz|scal(?:e|ed|ing)\b|bigger|larger|increas|vergrosser|hochskal|hochger|hochzu|agrandi|"
    r"ampli|escal|放大|超分"
)
_PICTURE = re.compile(
    r"imag|photo|pic\b|pics\b|picture|screenshot|scan|resolution|pixel|video|bild|foto|图|照片|"
    r"\bai\b|model"
)
_SIZE = re.compile(
    r"(?<![\w.])(\d{2,5})(?:\s(?:[x×*]|by)\s|[x×*])(\d{2,5})(?:[x×*]\d{1,4})?(?![\d×])"
)
_GRID = re.compile(r"(?<![\w.])\d{1,2}(?:\s(?:[x×*]|by)\s|[x×*])\d{1,2}(?![\w])")
_NAMED_HEIGHTS = {"4k": 2160, "8k": 4320, "full hd": 1080, "fhd": 1080, "uhd": 2160}
_SPAN = re.compile(
    r"(?<![\w.])(?P<a>\d{2,5}(?:\s?[x×*]\s?\d{2,5})?p?|4k|8k|full hd|fhd|uhd)\s?(?P<au>px|"
    r"pixels?)?\s?"
    r"(?:to|->|→|-->|=>|up to|auf|a|à|至|到)\s?"
    r"(?P<b>\d{2,5}(?:\s?[x×*]\s?\d{2,5})?p?|4k|8k|full hd|fhd|uhd)\s?(?P<bu>px|pixels?)?(?![\w])"
)
_TIMES_SIGN = re.compile(rf"(?<![\w.,×]){_N}\s?[x×✕](?![\w×]){_OTHER}")
_SIGN_FIRST = re.compile(
    r"(?<![\w×])[x×✕]\s?(?!64|86)(?P<n>\d{1,2}(?:\.\d{1,2})?)(?![\w×%])" + _OTHER
)
_FOLD = re.compile(rf"(?<![\w.,]){_N}(?:\s|-)?(?:fold|fach\w*)\b{_OTHER}")
_FACTOR = re.compile(
    r"\b(?:factor|scale|scaling|scale factor|faktor|facteur|zoom|ratio)\s(?:of\s|von\s|de\s|by\s|"
    r"is\s|=\s?)?"
    rf"{_N}(?![\w%]|[.,]\d){_OTHER}"
)
_BY = re.compile(
    rf"\b(?:by|par|por)\s(?:a factor of\s)?{_N}(?=[\s.,;:!?)]*(?:$|\s))(?![\w%]|\s?[%x×]|\s(?:px|"
    rf"pixel|percent|hour|min|sec|people|person|user|step|inch|cm)){_OTHER}"
)
_PERCENT = re.compile(
    r"(?P<how>\b(?:by|to|um|auf|de|a)\s)?(?<![\d.,])(?P<n>\d{2,4})\s?(?:%|percent|prozent|per cent)"
    r"(?!\s*(?:of|accura|better|sure|confiden|improve|faster|slower|less|more|certain))"
    r"(?P<more>\s(?:larger|bigger))?"
)  # fmt: skip
_TIMES = re.compile(
    rf"(?<![a-z0-9_.,]){_N}\s?(?:(?:times|mal|fois|veces)(?!\w)|"
    rf"倍){_OTHER}{_COUNTS}(?P<size>\s(?:{_NOUN}|larger|bigger|as\s))?"
)
_COUNTED = re.compile(r"(?:tried|try|ran|asked|read|did it|repeated|attempted|least|at most)\s*$")
_MULTIPLE = re.compile(
    r"\b(?P<n>"
    + "|".join(_MULTIPLES)
    + r")(?:e[dn]?|ing|t|te|en|ado|ada|ar|es?)?\b(?!\s?(?:check|click|blind|exposure|time))"
    + _OTHER
    + rf"(?P<size>\s(?:as\s)?{_NOUN})?"
)
_LARGEST = 100


def enlargement_factor(text: str) -> float | None:
    """The factor by which a text says that a picture is or was enlarged; None where it names none.

    Returns:
        A linear factor above 1 and at most 100, such as 3.0 for `by 3×` or `640 to 1920 px`.
    """
    said = re.sub(r"\s+", " ", fold(text))
    up = _UP.search(said) is not None
    if (ratio := _ratio(said, up)) is not None:
        return ratio
    said = _GRID.sub(" ", _SIZE.sub(" ", said))
    pictured = up or _PICTURE.search(said) is not None
    for pattern, allowed in (
        (_TIMES_SIGN, pictured),
        (_SIGN_FIRST, pictured),
        (_FOLD, pictured),
        (_FACTOR, up),
        (_BY, up),
    ):  # fmt: skip
        for found in pattern.finditer(said) if allowed else ():
            if (factor := _legal(_number(found["n"]))) and not _speeds(said, found.start()):
                return factor
    return _percent(said, up) or _multiple(said, up) or _times(said, up)


def _number(text: str) -> float:
    return float(_WORDS.get(text) or text.replace(",", "."))


def _legal(factor: float) -> float | None:
    return round(factor, 4) if 1 < factor <= _LARGEST else None


def _speeds(said: str, at: int) -> bool:
    """Whether what stands before is a gain in something other than size."""
    before = said[max(0, at - 24) : at]
    return (
        re.search(r"(?:speed.?up|faster|slower|accelerat\w*|cheaper)(?: of| by)? ?$", before)
        is not None
    )


def _ratio(said: str, up: bool) -> float | None:
    for found in _SPAN.finditer(said):
        start, end = _extent(found["a"]), _extent(found["b"])
        measured = found["au"] or found["bu"] or "p" in found["a"] + found["b"] or "k" in found["b"]
        sized = _SIZE.search(found["a"]) and _SIZE.search(found["b"])
        if (up or measured or sized) and start and (factor := _legal(end / start)):
            return factor
    return None


def _extent(size: str) -> int:
    """Height of a named format or of `width x height`; else the number itself."""
    return _NAMED_HEIGHTS.get(size) or int(re.findall(r"\d+", size)[-1])


def _percent(said: str, up: bool) -> float | None:
    for found in _PERCENT.finditer(said) if up else ():
        share = int(found["n"]) / 100
        # People who write `by 200 %` mean twice the size; `by 20 %` can only mean a fifth more.
        grows = found["more"] or ((found["how"] or "").strip() in ("by", "um") and share < 1)
        if factor := _legal(1 + share if grows else share):
            return factor
    return None


def _multiple(said: str, up: bool) -> float | None:
    for found in _MULTIPLE.finditer(said):
        if found["size"] or up:
            return float(_MULTIPLES[found["n"]])
    return None


def _times(said: str, up: bool) -> float | None:
    for found in _TIMES.finditer(said):
        counted = _COUNTED.search(said[max(0, found.start() - 20) : found.start()])
        if (found["size"] or up) and not counted and (factor := _legal(_number(found["n"]))):
            return factor
    return None
