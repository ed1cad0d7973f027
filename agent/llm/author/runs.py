"""Detection of claims that something was run, measured or seen, and by whom."""

from __future__ import annotations

import re
from functools import cache

from agent.question.languages import languages
from agent.question.languages.schema import Telling
from agent.question.patterns import compiled, either

#: Distance before a deed within which a word may negate it: in words, or signs without spaces.
_WORDS_BACK, _SIGNS_BACK = 6, 8
_CLAUSE_END = re.compile("[,.;:!?，。；：！？、]")
_WORD = re.compile(r"[\w'’]+")
_AUXILIARIES = frozenset({"was", "were", "has", "have", "had", "been", "got"})
_UNSPACED = frozenset({"zh", "ja", "ko"})


class _Words:
    """The patterns of one language that describe deeds."""

    def __init__(self, telling: Telling, language: str) -> None:
        edge = "" if language in _UNSPACED else r"(?<![^\W_])"
        self.person, self.yours, self.deeds = (
            compiled(edge + either(patterns), re.IGNORECASE)
            for patterns in (telling.person, telling.yours, telling.deeds)
        )
        self.open = frozenset(telling.open)
        self.unspaced = language in _UNSPACED

    def claim_in(self, text: str, own: bool = False) -> bool:
        """Check whether a text claims a deed.

        Args:
            own: count only deeds of the writer, such as `I ran it`.
        """
        for match in self.deeds.finditer(text):
            if own and not self.person.search(match[0]):
                continue
            clause = _clause(text, match.start())
            before = text[clause : match.start()].casefold()
            if self.unspaced:
                near = before[-_SIGNS_BACK:] + text[match.start() : match.end() + 6]
                is_negated = any(word in near for word in self.open)
            else:
                within = [w for w in _WORD.findall(match[0].casefold()) if w not in _AUXILIARIES]
                words = [*_WORD.findall(before)[-_WORDS_BACK:], *within]
                is_negated = not self.open.isdisjoint(words)
            if not is_negated or "not only" in before:
                return True
        return False


def _clause(text: str, place: int) -> int:
    """Return the start of the clause that contains `place`."""
    ends = [match.end() for match in _CLAUSE_END.finditer(text, 0, place)]
    return ends[-1] if ends else 0


@cache
def _words(language: str) -> _Words:
    telling = next((one.telling for one in languages().each if one.code == language), Telling())
    return _Words(telling, language)


def is_first_person(text: str, language: str) -> bool:
    """Check whether the writer speaks in the first person."""
    return _words(language).person.search(text) is not None


def claims_a_run(text: str, language: str) -> bool:
    """Check whether a sentence says that something was done to the asker's picture.

    What papers ran and measured does not count, nor what may be done or was not done.
    """
    for code in {language, "en"}:
        words = _words(code)
        if words.yours.search(text) and words.claim_in(text):
            return True
    return False


def claims_own_run(text: str, language: str) -> bool:
    """Check whether the writer claims to have run or measured something, on any picture."""
    return any(_words(code).claim_in(text, own=True) for code in {language, "en"})
