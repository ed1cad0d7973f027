"""Stemming for the search: case, accents, plural and derivation do not matter.

English endings are treated roughly on purpose: stems are never shown, only compared.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_VERSIONED = re.compile(r"(\D*[^\W\dvV])([vV]?\d+)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")

#: Endings by the minimum length of the rest; the longest that fits is removed, at most twice.
_LETTERS_LEFT = {
    3: "izations isations ization isation izing ized izer izes ize ifications ification ifying "
    "ifiers ifier ified ifies ify nesses ness fully ful iest ied ies ier es y e s",
    4: "ations ation ators ator ating ated ates ative ate itions ition itive ions ion ives ive "
    "ison ities ity ability ibility able ible ally ual ors or ments ment ened ening ens ings ing "
    "est ers er ed ly",
    5: "ising ised iser ises ise en al",
}
_ENDINGS = {ending: left for left, endings in _LETTERS_LEFT.items() for ending in endings.split()}
_LONGEST = max(map(len, _ENDINGS))

_STOP = """
    a about above after again all also am an and any anyone anything are as at be because been
    before being between both but by can cannot could did do does doing done down during each
    either else ever every for from further get gets give gives go got had has have having he help
    her here hers him his how however i if in instead into is it its itself just know let like
    looking make makes many may me might more most much must my need needs needed no nor not of
    off on once one only or other our ours out over own please possible provide really recommend
    same shall she should show so some somehow someone something such suggest tell than thank
    thanks that the their them then there these they thing things this those through to too under
    until up upon us use used useful uses using very want wanted wants was way we well were what
    when where whether which while who whom whose why will wish with within without would yes you
    your"""
STOP_WORDS = frozenset(_STOP.split())


def words(text: str) -> list[str]:
    """Return the words as written, in order: runs of letters and digits, with stop words."""
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def stems(text: str) -> list[str]:
    """Return the stems of all words but stop words, in order, with repeats.

    A word with both letters and digits or with inner capitals, such as `MobileNetV2`, counts as a
    whole and in parts.
    """
    return [stem for word in words(text) for stem in stems_of(word)]


@lru_cache(maxsize=4_096)
def stems_of(word: str) -> tuple[str, ...]:
    """Return the stems of one word: none for a stop word, several for a compound."""
    plain = _plain(word)
    if plain in STOP_WORDS:
        return ()
    parts = [plain]
    if versioned := _VERSIONED.fullmatch(word):
        word = versioned[1]
        parts += [_plain(word), versioned[2].lower()]
    if len(pieces := _CAMEL.split(word)) > 1:
        parts += [_plain(piece) for piece in pieces]
    return tuple(dict.fromkeys(_stem(part) for part in parts))


def _plain(word: str) -> str:
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn").casefold()


def _stem(word: str) -> str:
    if not word.isalpha() or not word.isascii():
        return word
    if len(word) > 4:
        word = word.replace("our", "or")
    for shortest in (1, 3):  # first a plural or tense, then a derivation
        word = _without_ending(word, shortest)
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    if len(word) > 3 and word[-1] in "ei":
        word = word[:-1]
    return f"{word[:-1]}s" if word.endswith("nc") else word


def _without_ending(word: str, shortest: int) -> str:
    for size in range(min(_LONGEST, len(word) - 3), shortest - 1, -1):
        ending = word[-size:]
        least = _ENDINGS.get(ending, len(word))
        if len(word) - size >= least and (ending != "s" or word[-2] != "s"):
            return word[:-size]
    return word
