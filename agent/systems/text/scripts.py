"""Whether a line is in letters that the recogniser knows: Latin, Chinese and Japanese.

It gives an answer whatever it sees. Of a script that it does not know it leaves most letters out,
or puts others in their place without being sure of them. What looks like Latin letters, such as
МОСКВА, is read as these, and nothing here can tell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from agent.measures.legibility import Word

KNOWN = "Latin letters, Chinese and Japanese"
#: Letters and digits read for each height of the line that is filled with ink. Latin text has 1.2
#: and more, Chinese about 0.9.
LEAST_LETTERS = 0.5
#: A word is unsure where the recogniser gives one of its letters less than `UNSURE`, in [0, 1].
#: Where its mean over a line is `SURE` or more, an unsure word is a smudge and no other script.
UNSURE, SURE = 0.6, 0.9
#: Single Greek letters stand in formulas; as many as this in a row are a word, and Greek words are
#: read without their accented letters.
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]{3}")


def is_known(text: str, confidence: float, words: Sequence[Word], ink: float) -> bool:
    """Whether a reading is in letters that the recogniser knows.

    Args:
        text: what was read.
        confidence: mean probability of its characters, in [0, 1].
        words: the same by words, with the confidence in the least sure letter of each.
        ink: width of what is written in the line, in heights of the line.
    """
    letters = sum(unicodedata.category(c)[0] in "LN" for c in text)
    if letters < LEAST_LETTERS * ink or _GREEK.search(text):
        return False
    if confidence >= SURE:
        return True
    read = [word for word in words if any(c.isalnum() for c in word.text)]
    return 2 * sum(word.confidence < UNSURE for word in read) < len(read)
