"""Detection of the language of a text, by its script and its most common small words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache

from agent.question.languages import Languages, languages

UNKNOWN = "und"

_WORD = re.compile(r"[^\W\d_]+")


class _Signs:
    """Features of each language; all lists are sorted by rank."""

    def __init__(self, spoken: Languages) -> None:
        self.rank: dict[str, int] = {language.code: i for i, language in enumerate(spoken.each)}
        self.voters: dict[str, list[str]] = defaultdict(list)
        self.writers: dict[str, list[str]] = defaultdict(list)
        self.letters: dict[str, frozenset[str]] = {}
        self.decisive = [one.code for one in spoken.each if one.detection.decisive]
        for language in spoken.each:
            for word in language.detection.words:
                self.voters[word].append(language.code)
            for script in (*language.detection.scripts, *language.detection.decisive):
                self.writers[script].append(language.code)
            if language.detection.letters:
                self.letters[language.code] = frozenset(language.detection.letters)


_signs = cache(_Signs)


def detect(text: str) -> str:
    """Return the language of a text as a BCP-47 subtag such as `en`, or `und` if unknown.

    Of several languages, the one with the largest share wins; the first 4,000 characters count.
    """
    head = text[:4000]
    writers = _signs(languages()).writers
    scripts = Counter(_script(c) for c in head if c.isalpha() and not c.isascii())
    foreign: Counter[str] = Counter()
    for script, n in scripts.items():
        if script in writers:
            foreign[writers[script][0]] += n
    # A word in Latin script counts about as much as two characters of most others.
    if foreign and 2 * foreign.total() > len(_latin_words(head)):
        return _of_script(foreign, head)
    return _by_small_words(_latin_words(head))


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def _latin_words(text: str) -> list[str]:
    return [
        w for w in _WORD.findall(text.casefold()) if w[0] < "\u0250" or "\u1e00" <= w[0] < "\u1f00"
    ]


def _of_script(scripts: Counter[str], text: str) -> str:
    """Return the language of a text, given its number of letters in each script."""
    signs = _signs(languages())
    if decisive := [code for code in signs.decisive if scripts[code]]:
        return decisive[0]
    first = scripts.most_common(1)[0][0]
    rivals = next(codes for codes in signs.writers.values() if codes[0] == first)
    text = text.casefold()
    for code in rivals:
        if not signs.letters.get(code, frozenset()).isdisjoint(text):
            return code
    rest = [code for code in rivals if code not in signs.letters]
    likely = _by_small_words(_WORD.findall(text)) if len(rest) > 1 else first
    return likely if likely in rest else first


def _by_small_words(words: list[str]) -> str:
    signs = _signs(languages())
    votes: Counter[str] = Counter()
    for word in words:
        votes.update(signs.voters.get(word, ()))
    if not votes:
        return UNKNOWN
    return max(votes, key=lambda code: (votes[code], -signs.rank[code]))
