"""Detection of lines in scripts that the recogniser knows: Latin, Chinese and Japanese.

The recogniser always returns something. In an unknown script it omits most letters, or replaces
them by others with low confidence. Letters that look Latin, such as МОСКВА, are read as Latin,
which cannot be detected here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from agent.measures.legibility import Word

KNOWN = "Latin letters, Chinese and Japanese"
#: Minimum number of letters and digits per line height of ink. Latin text has 1.2 and more, Chinese
#: about 0.9.
LEAST_LETTERS = 0.5
#: A word is unsure if a letter has a confidence below `UNSURE`, in [0, 1]. If the mean over the
#: line is at least `SURE`, an unsure word is a smudge, not another script.
UNSURE, SURE = 0.6, 0.9
#: Formulas contain single Greek letters; this many in a row are a word. Greek words are read
#: without their accented letters.
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]{3}")


def is_known(text: str, confidence: float, words: Sequence[Word], ink: float) -> bool:
    """Check whether a reading is in letters that the recogniser knows.

    Args:
        text: what was read.
        confidence: mean probability of its characters, in [0, 1].
        words: the words, each with the confidence in its least sure letter.
        ink: width of the writing in the line, in heights of the line.
    """
    letters = sum(unicodedata.category(c)[0] in "LN" for c in text)
    if letters < LEAST_LETTERS * ink or _GREEK.search(text):
        return False
    if confidence >= SURE:
        return True
    readable = [word for word in words if any(c.isalnum() for c in word.text)]
    return 2 * sum(word.confidence < UNSURE for word in readable) < len(readable)
