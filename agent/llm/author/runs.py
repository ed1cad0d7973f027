"""Whether a sentence says that something was run, measured or seen, and who did it."""

from __future__ import annotations

import re
from functools import cache

from agent.question.languages import languages
from agent.question.languages.schema import Telling
from agent.question.patterns import compiled, either

#: How far before a deed a word may stand that takes it back: words, or signs without spaces.
_WORDS_BACK, _SIGNS_BACK = 6, 8
_CLAUSE_END = re.compile("[,.;:!?，。；：！？、]")
_WORD = re.compile(r"[\w'’]+")
_AUXILIARIES = frozenset({"was", "were", "has", "have", "had", "been", "got"})
_UNSPACED = frozenset({"zh", "ja", "ko"})


class _Words:
    """What tells of deeds in one language."""

    def __init__(self, telling: Telling, language: str) -> None:
        edge = "" if language in _UNSPACED else r"(?<![^\W_])"
        self.person, self.yours, self.deeds = (
            compiled(edge + either(patterns), re.IGNORECASE)
            for patterns in (telling.person, telling.yours, telling.deeds)
        )
        self.open = frozenset(telling.open)
        self.unspaced = language in _UNSPACED

    def claim_in(self, text: str, own: bool = False) -> bool:
        """Whether a deed is told of.

        Args:
            own: count only what the writer did, `I ran it`.
        """
        for deed in self.deeds.finditer(text):
            if own and not self.person.search(deed[0]):
                continue
            clause = _clause(text, deed.start())
            before = text[clause : deed.start()].casefold()
            if self.unspaced:
                near = before[-_SIGNS_BACK:] + text[deed.start() : deed.end() + 6]
                taken_back = any(word in near for word in self.open)
            else:
                within = [w for w in _WORD.findall(deed[0].casefold()) if w not in _AUXILIARIES]
                words = [*_WORD.findall(before)[-_WORDS_BACK:], *within]
                taken_back = not self.open.isdisjoint(words)
            if not taken_back or "not only" in before:
                return True
        return False


def _clause(text: str, place: int) -> int:
    """Where the clause begins in which `place` lies."""
    ends = [match.end() for match in _CLAUSE_END.finditer(text, 0, place)]
    return ends[-1] if ends else 0


@cache
def _words(language: str) -> _Words:
    telling = next((one.telling for one in languages().each if one.code == language), Telling())
    return _Words(telling, language)


def is_first_person(text: str, language: str) -> bool:
    """Whether the writer speaks of themselves."""
    return _words(language).person.search(text) is not None


def claims_a_run(text: str, language: str) -> bool:
    """Whether the sentence says that something was done with the picture of the person who asks.

    What papers ran and measured is no such claim, nor what may be done or was not.
    """
    for code in {language, "en"}:
        words = _words(code)
        if words.yours.search(text) and words.claim_in(text):
            return True
    return False


def claims_own_run(text: str, language: str) -> bool:
    """Whether the writer says that they ran or measured something, on whatever picture."""
    return any(_words(code).claim_in(text, own=True) for code in {language, "en"})
