"""Keys of services are taken out of what is kept or shown, wherever they may have got into it."""

from __future__ import annotations

import os
import re

#: Names of environment variables that hold a secret.
_SECRET = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD)$")
_SHORTEST = 8  # a shorter value is a word that texts may hold for other reasons

#: What the keys of well-known services look like.
_SHAPES = re.compile(
    r"\b(?:sk|gsk|xai|pplx|lsv2)[-_][\w-]{16,}|\bhf_\w{16,}|\bgh[pousr]_\w{16,}|\bAIza[\w-]{30,}"
)
REMOVED = "[key removed]"


def without_keys(text: str) -> str:
    """The text with every key replaced: the values of `*_KEY`, `*_TOKEN`, `*_SECRET` and
    `*_PASSWORD` of the environment, and what looks like a key of a well-known service."""
    values = (v for k, v in os.environ.items() if _SECRET.search(k) and len(v) >= _SHORTEST)
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, REMOVED)
    return _SHAPES.sub(REMOVED, text)
