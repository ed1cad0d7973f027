"""The numbers of a sentence, which its source must contain to support it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from agent.question.languages import languages
from agent.question.names import without_names

_GROUPING = "’'\u00a0\u2009\u202f"
#: Digits of any script with separators, but without a sign, since a minus is also a hyphen.
NUMBER = re.compile(rf"\d+(?:[.,٫٬．，{_GROUPING}]\d+)*")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d.])")
_ARABIC = str.maketrans("٫٬", ".,")


@lru_cache(maxsize=1_024)  # the same facts recur in many answers
def numbers_in(text: str, names: frozenset[str], language: str = "en") -> tuple[str, ...]:
    """Return the numbers of a text as written, without the digits of `names`, such as `V2`."""
    return tuple(NUMBER.findall(joined_groups(without_names(text, names), language)))


@lru_cache(maxsize=1_024)
def values_in(text: str, names: frozenset[str], language: str = "en") -> frozenset[str]:
    """Return the numbers of a text in normal form; see `value_of`."""
    return frozenset(value_of(number, language) for number in numbers_in(text, names, language))


@lru_cache(maxsize=4_096)
def value_of(number: str, language: str = "en") -> str:
    """Return the normal form of a number: plain digits with a decimal point.

    `2103` is the form of `2,103` in English and of `2.103` in German, where `19,6` becomes `19.6`.
    Anything that is no number in the language, such as the version `0.12.1`, stays as it is.
    """
    plain = unicodedata.normalize("NFKC", number.translate(_ARABIC))
    plain = "".join(str(unicodedata.decimal(c, c)) for c in plain)
    point, comma = (",", ".") if decimal_comma(language) else (".", ",")
    group = rf"[{re.escape(comma)}’' \u2009]"  # no-break spaces are plain spaces by now
    if re.fullmatch(rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+(?:{re.escape(point)}\d+)?", plain):
        return _form(re.sub(group, "", plain).replace(point, "."))
    if re.fullmatch(rf"\d+(?:{re.escape(point)}\d+)?", plain):
        return _form(plain.replace(point, "."))
    if point == "," and re.fullmatch(r"\d+\.\d+", plain):  # unambiguous
        return _form(plain)
    return plain


def joined_groups(text: str, language: str) -> str:
    """Replace spaces in groups of thousands by no-break ones, keeping the length of the text.

    In languages with a decimal comma, a plain space may separate groups, as in `47 000`.
    """
    if not decimal_comma(language):
        return text
    return _SPACED.sub(lambda match: match[0].replace(" ", "\u202f"), text)


@cache
def decimal_comma(language: str) -> bool:
    """Check whether the language uses a decimal comma."""
    return any(one.code == language and one.telling.decimal == "," for one in languages().each)


def _form(number: str) -> str:
    whole, _, decimals = number.partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
