"""The numbers of a sentence: what has to stand in a source for the sentence to be supported."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from agent.question.languages import languages
from agent.question.names import without_names

_GROUPING = "’'\u00a0\u2009\u202f"
#: Digits of any script with their separators; a sign is no part, since a minus is also a hyphen.
NUMBER = re.compile(rf"\d+(?:[.,٫٬．，{_GROUPING}]\d+)*")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d.])")
_ARABIC = str.maketrans("٫٬", ".,")


@lru_cache(maxsize=1_024)  # facts of cards come again in answer after answer
def numbers_in(text: str, names: frozenset[str], language: str = "en") -> tuple[str, ...]:
    """The numbers of a text as written, without the digits of `names`, such as `V2`."""
    return tuple(NUMBER.findall(joined_groups(without_names(text, names), language)))


@lru_cache(maxsize=1_024)
def values_in(text: str, names: frozenset[str], language: str = "en") -> frozenset[str]:
    """The numbers of a text, each in the one form that equal numbers share."""
    return frozenset(value_of(number, language) for number in numbers_in(text, names, language))


@lru_cache(maxsize=4_096)
def value_of(number: str, language: str = "en") -> str:
    """The form that the spellings of one number share: plain digits, with a point for decimals.

    In English `2,103` is `2103`, and in German `2.103`; there `19,6` is `19.6`. What is no number
    in a language, such as the version `0.12.1`, is its own form.
    """
    plain = unicodedata.normalize("NFKC", number.translate(_ARABIC))
    plain = "".join(str(unicodedata.decimal(c, c)) for c in plain)
    point, comma = (",", ".") if decimal_comma(language) else (".", ",")
    group = rf"[{re.escape(comma)}’' \u2009]"  # a space that does not break is one by now
    if re.fullmatch(rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+(?:{re.escape(point)}\d+)?", plain):
        return _form(re.sub(group, "", plain).replace(point, "."))
    if re.fullmatch(rf"\d+(?:{re.escape(point)}\d+)?", plain):
        return _form(plain.replace(point, "."))
    if point == "," and re.fullmatch(r"\d+\.\d+", plain):  # cannot be meant otherwise
        return _form(plain)
    return plain


def joined_groups(text: str, language: str) -> str:
    """The text with its groups of thousands held together; as long as it was.

    In languages with a decimal comma a plain space may stand between groups, as in `47 000`.
    """
    if not decimal_comma(language):
        return text
    return _SPACED.sub(lambda match: match[0].replace(" ", "\u202f"), text)


@cache
def decimal_comma(language: str) -> bool:
    """Whether a comma stands before the decimals of a number in the language."""
    return any(one.code == language and one.telling.decimal == "," for one in languages().each)


def _form(number: str) -> str:
    whole, _, decimals = number.partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
