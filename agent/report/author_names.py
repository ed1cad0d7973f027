"""Names of people, split into the parts that bibliographies sort by."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.report.single_line import plain

#: Particles that begin a family name; some are capitalised.
_PARTICLE = re.compile(
    r"van|von|der|den|de|del|della|di|da|das|dos|du|la|le|el|al|bin|ibn|zu|zur|af|ten|ter"
    r"|Van|Von|Der|Den|De|Del|Della|Dos"
)
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})


@dataclass(frozen=True)
class Name:
    """A person's name, split into parts; a single word is a family name."""

    family: str
    given: str = ""
    suffix: str = ""


def split_name(text: str) -> Name:
    """Split a name such as `Ludwig van Beethoven`, `van Beethoven, Ludwig` or `Martin King Jr.`.

    Particles belong to the family name. Double family names without a hyphen cannot be recognised
    and are not guessed.
    """
    if "," in text:
        family, _, rest = text.partition(",")
        first, _, second = rest.partition(",")
        given, suffix = (second, first) if second else (first, "")
        return Name(plain(family), plain(given), plain(suffix))
    words = plain(text).split(" ")
    suffix = words.pop() if len(words) > 2 and words[-1].lower() in _SUFFIXES else ""
    start = len(words) - 1
    for i, word in enumerate(words[1:-1], 1):
        if _PARTICLE.fullmatch(word):
            start = i
            break
    return Name(" ".join(words[start:]), " ".join(words[:start]), suffix)
