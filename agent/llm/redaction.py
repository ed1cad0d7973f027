"""Redaction of API keys from everything that is stored or shown."""

from __future__ import annotations

import os
import re

#: Names of environment variables that hold a secret.
_SECRET = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD)$")
_SHORTEST = 8  # shorter values may be ordinary words

#: Formats of the keys of well-known services.
_SHAPES = re.compile(
    r"\b(?:sk|gsk|xai|pplx|lsv2)[-_][\w-]{16,}|\bhf_\w{16,}|\bgh[pousr]_\w{16,}|\bAIza[\w-]{30,}"
)
PLACEHOLDER = "[key removed]"


def without_keys(text: str) -> str:
    """Replace every key in a text: the values of `*_KEY`, `*_TOKEN`, `*_SECRET` and `*_PASSWORD` in
    the environment, and anything that looks like a key of a well-known service.
    """
    values = (v for k, v in os.environ.items() if _SECRET.search(k) and len(v) >= _SHORTEST)
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, PLACEHOLDER)
    return _SHAPES.sub(PLACEHOLDER, text)
