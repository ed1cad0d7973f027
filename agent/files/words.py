"""The vocabulary that ships: BERT's uncased one (Devlin et al., 2019), and the words in it."""

from __future__ import annotations

import gzip
from functools import cache

from agent.files.shipped import DATA

_PACKED = DATA / "vocab.txt.gz"


@cache
def vocabulary() -> str:
    """Words and parts of words, one a line, the commonest first; parts begin with `##`."""
    return gzip.decompress(_PACKED.read_bytes()).decode()


@cache
def ordinary_words() -> frozenset[str]:
    """The words of prose in lower case: ASCII letters and digits, with at least one letter."""
    pieces = vocabulary().split("\n")
    return frozenset(w for w in pieces if w.isascii() and w.isalnum() and not w.isdigit())
