"""The tags that a sentence is about, given that many terms of the field are everyday words.

`fast`, `memory` or `weights` count if they are said of a system, but not if they describe what a
picture shows: `why does a speeding car look streaky` does not ask about speed.
"""

from __future__ import annotations

import re
from functools import cache, cached_property

from agent.question.intent import begins_question
from agent.question.languages import Languages, languages
from agent.question.lexicon import EFFECTS
from agent.question.patterns import compiled, folded, phrases
from agent.question.sentences import Sentence
from agent.question.subject import NAME, is_picture
from agent.question.words import Triggers, pattern_of

_FEW = 4
_PHRASE = 5
_LONGEST, _CLAUSES = 30, 20
"""Maximum number of words of a clause, and of clauses of a sentence, to examine."""


class _Everyday:
    """Everyday words, and signs that they are meant as terms, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        terms, naming, doing = (
            spoken.vocabulary.everyday,
            spoken.vocabulary.naming,
            spoken.vocabulary.doing,
        )
        self.words = Triggers(("", pattern_of(word)) for word in terms.words)
        self.compounds, self.joints = folded(terms.compounds), folded(terms.joints)
        self.it, self.parts = folded(terms.it), folded(terms.parts) | {NAME}
        self.of, self.particles = folded(naming.of), folded(naming.particles)
        self.leading = folded(naming.own) | folded(naming.determiners)
        self.mine = folded(naming.own) - folded(naming.any) - self.it
        self.small = self.leading | self.of | self.particles | folded(terms.companions)
        self.small |= folded(naming.stops) | folded(doing.general) | folded(doing.functions)
        self.open: re.Pattern[str] = compiled(phrases(spoken.vocabulary.asking.open))
        self.system = compiled(phrases(spoken.vocabulary.asking.system))


_everyday = cache(_Everyday)


def tags_of(sentence: Sentence) -> tuple[str, ...]:
    """Return the tags that a sentence is about, in the order of their first mention."""
    reading = _Reading(sentence)
    about = [
        tag
        for tag, at, end in sentence.mentions
        if tag in EFFECTS or end > at + 1 or at not in reading.everyday or reading.is_of_system(at)
    ]
    return tuple(dict.fromkeys(about))


class _Reading:
    """A sentence with the features that tell everyday words from terms of the field."""

    def __init__(self, sentence: Sentence) -> None:
        words = self.words = _everyday(languages())
        self.sentence, self.texts = sentence, [word.text for word in sentence.words]
        self.everyday = {at for _, at, _ in words.words.find(sentence.words)}
        # Words for a system, a part of one, or a thing of the field.
        self.field = {at for _, at, _ in sentence.operations}
        for tag, at, end in sentence.mentions:
            if tag not in EFFECTS:
                self.field |= {i for i in range(at, end) if i not in self.everyday}
        for i, word in enumerate(self.texts):
            if word in words.parts or words.system.fullmatch(word):
                self.field.add(i)

    def is_of_system(self, at: int) -> bool:
        """Check by its context whether the everyday word `at` is said of a system."""
        words, texts, end = self.words, self.texts, at + 1
        while end in self.everyday and end < at + _PHRASE and not self.sentence.is_parted(end):
            end += 1  # `the speed limit`
        following = texts[end] if end < len(texts) and not self.sentence.is_parted(end) else ""
        if following in words.of | words.particles and self._is_of_other(end + 1, following):
            return False  # `the weights in my photo`
        is_asked = any(words.open.fullmatch(word) for word in texts[max(0, at - 2) : at])
        if is_asked or following in words.compounds:
            return True  # `how much memory`, `training time`
        if following and not (following in words.small or end in self.field):
            return False  # `fast food`
        if texts[max(0, at - 1)] in words.mine:
            return False  # `my training`
        start, end = self._clause(at)
        if self.field - {at} or self._speaks_of_it(start, end):
            return True
        if not self._asks(start, end):
            return end - start == len(texts) <= _FEW  # `training time`
        own = range(at - 2, at)
        return not any(texts[i] in words.leading for i in range(start, end) if i not in own)

    @cached_property
    def _asking(self) -> list[str]:
        return [clause for clause in self.sentence.clauses if begins_question(clause)]

    def _asks(self, start: int, end: int) -> bool:
        """Check whether the clause from word `start` to `end` is the one that asks."""
        if not self._asking:
            return self.sentence.asks
        text = " ".join(self.texts[start:end])
        return any(text in clause or clause in text for clause in self._asking[:_CLAUSES])

    def _is_of_other(self, start: int, joint: str) -> bool:
        """Check whether the phrase from word `start`, after `of` or `in`, names no system."""
        words, texts, end = self.words, self.texts, start
        while end < min(len(texts), start + _PHRASE) and (
            texts[end] in words.leading
            or (texts[end] not in words.small and not self.sentence.is_parted(end))
        ):
            end += 1
        if start == end or not self.field.isdisjoint(range(start, end)):
            return False
        if joint in words.of:
            return texts[start] in words.leading  # `the licence of Bare` names a system
        return any(is_picture(word) for word in texts[start:end])

    def _speaks_of_it(self, start: int, end: int) -> bool:
        """Check whether a clause says `it` for the system mentioned before."""
        words, texts = self.words, self.texts
        if start > 0 and texts[start] in words.joints:
            return False  # `because it was speeding` refers to the clause before it
        return any(
            texts[i] in words.it and (i + 1 == len(texts) or texts[i + 1] in words.small)
            for i in range(start, end)
        )

    def _clause(self, at: int) -> tuple[int, int]:
        """Return index of the first word of the clause that word `at` is in, and past its last."""
        n = len(self.texts)
        first, last = max(0, at - _LONGEST), min(n, at + _LONGEST)
        start = next((i for i in range(at, first, -1) if self._begins(i)), first)
        return start, next((i for i in range(at + 1, last) if self._begins(i)), last)

    def _begins(self, at: int) -> bool:
        return self.sentence.is_parted(at) or self.texts[at] in self.words.joints
