"""The vocabulary that ships: that of uncased BERT (Devlin et al., 2019), and its words."""

from __future__ import annotations

import gzip
from functools import cache

from agent.files.shipped import DATA

_PACKED = DATA / "vocab.txt.gz"


@cache
def vocabulary() -> str:
    """Return words and word pieces, one per line, most common first; pieces begin with `##`."""
    return gzip.decompress(_PACKED.read_bytes()).decode()


@cache
def ordinary_words() -> frozenset[str]:
    """Return ordinary words in lower case: ASCII letters and digits, with at least one letter."""
    pieces = vocabulary().split("\n")
    return frozenset(w for w in pieces if w.isascii() and w.isalnum() and not w.isdigit())
