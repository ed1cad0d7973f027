"""Questions about commercial use, and whether a plain yes to one would permit it."""

from __future__ import annotations

import re

from agent.question.wish import terms_in

_DO = (
    r"(?:use|sell|resell|ship|print|publish|monetis|monetiz|charge|earn|make money|"
    r"be (?:\w+ )?(?:used|sold|resold|shipped|monetised|monetized))"
)
_PERMITTED = r"(?:allowed|permitted|legal|ok|okay|licensed|cleared|free)"
_PERMISSION = re.compile(
    rf"\W*(?:(?:so|and|but|please|hi|hello)\W+)*(?:"
    rf"(?:can|could|may) (?:[\w’'-]+ ){{1,8}}?{_DO}"
    rf"|(?:am|are|is) (?:[\w’'-]+ ){{1,8}}?{_PERMITTED}\b"
    rf"|(?:does|do|would|will) (?:[\w’'-]+ ){{1,8}}?(?:allow|permit|let)\b)",
    re.IGNORECASE,
)
#: Words that invert the question or change its meaning.
_OTHERWISE = re.compile(
    r"\b(?:no|not|\w+n['’]t|cannot|never|non|without|unless|only|free of charge|forbid\w*|"
    r"prohibit\w*|ban\w*|illegal\w*|refus\w*|sued|trouble|risk\w*|pay|paying|closed|proprietary|exempt\w*|or)\b",
    re.IGNORECASE,
)


def is_commercial(text: str) -> bool:
    """Check whether a text mentions selling or other commercial use, allowed or not."""
    return not {"commercial", "private"}.isdisjoint(terms_in(text))


def asks_permission(text: str) -> bool:
    """Check whether a text asks for a permission that a plain `yes` would give; English only."""
    return bool(_PERMISSION.match(text)) and not _OTHERWISE.search(text)
