"""Which tags a sentence is about, given that many words of the field are everyday words too.

`fast`, `memory` or `weights` count where they are said of a system, and not where they describe
what a picture shows: in `why does a speeding car look streaky` nobody asks about speed.
"""

from __future__ import annotations

import re
from functools import cache

from agent.question.intent import begins_question
from agent.question.languages import Languages, languages
from agent.question.lexicon import EFFECTS
from agent.question.patterns import compiled, folded, phrases
from agent.question.sentences import Sentence
from agent.question.subject import NAME, is_picture
from agent.question.words import Triggers, pattern_of

_FEW = 4
_PHRASE = 5


class _Everyday:
    """Everyday words, and what tells that they are none, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        said, naming, doing = (
            spoken.vocabulary.everyday,
            spoken.vocabulary.naming,
            spoken.vocabulary.doing,
        )
        self.words = Triggers(("", pattern_of(word)) for word in said.words)
        self.compounds, self.joints = folded(said.compounds), folded(said.joints)
        self.it, self.parts = folded(said.it), folded(said.parts) | {NAME}
        self.of, self.particles = folded(naming.of), folded(naming.particles)
        self.leading = folded(naming.own) | folded(naming.given)
        self.mine = folded(naming.own) - folded(naming.any) - self.it
        self.small = self.leading | self.of | self.particles | folded(said.companions)
        self.small |= folded(naming.stops) | folded(doing.general) | folded(doing.functions)
        self.open: re.Pattern[str] = compiled(phrases(spoken.vocabulary.asking.open))
        self.system = compiled(phrases(spoken.vocabulary.asking.system))


_everyday = cache(_Everyday)


def tags_of(sentence: Sentence) -> tuple[str, ...]:
    """The tags that a sentence is about, in the order of their first mention."""
    everyday = {at for _, at, _ in _everyday(languages()).words.find(sentence.words)}
    about = [
        tag
        for tag, at, end in sentence.mentions
        if tag in EFFECTS
        or end > at + 1
        or at not in everyday
        or _is_of_system(sentence, at, everyday)
    ]
    return tuple(dict.fromkeys(about))


def _is_of_system(sentence: Sentence, at: int, everyday: set[int]) -> bool:
    """Whether the everyday word `at` is said of a system, as the words around it tell."""
    words, said = _everyday(languages()), [word.text for word in sentence.words]
    end = at + 1
    while end in everyday and not sentence.is_parted(end):
        end += 1  # `the speed limit`
    following = said[end] if end < len(said) and not sentence.is_parted(end) else ""
    if following in words.of | words.particles and _is_of_other(sentence, end + 1, following):
        return False  # `the weights in my photo`
    asked = any(words.open.fullmatch(word) for word in said[max(0, at - 2) : at])
    if asked or following in words.compounds:
        return True  # `how much memory`, `training time`
    if following and not (following in words.small or _is_field(sentence, end)):
        return False  # `fast food`
    if said[max(0, at - 1)] in words.mine:
        return False  # `my training`
    start, end = _clause(sentence, at)
    if _has_system(sentence, start, end, at):
        return True
    if not _asks(sentence, start, end):
        return end - start == len(said) <= _FEW  # `training time`
    own = range(at - 2, at)
    return not any(said[i] in words.leading for i in range(start, end) if i not in own)


def _asks(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the clause from word `start` to `end` is the asking part of its sentence."""
    asking = [clause for clause in sentence.clauses if begins_question(clause)]
    if not asking:
        return sentence.asks
    said = " ".join(word.text for word in sentence.words[start:end])
    return any(said in clause or clause in said for clause in asking)


def _is_of_other(sentence: Sentence, start: int, joint: str) -> bool:
    """Whether the phrase from word `start` on, after `of` or `in`, names what is no system."""
    words, said = _everyday(languages()), [word.text for word in sentence.words]
    end = start
    while end < min(len(said), start + _PHRASE) and (
        said[end] in words.leading or (said[end] not in words.small and not sentence.is_parted(end))
    ):
        end += 1
    if start == end or any(_is_field(sentence, i) for i in range(start, end)):
        return False
    return joint in words.of or any(is_picture(word) for word in said[start:end])


def _has_system(sentence: Sentence, start: int, end: int, at: int) -> bool:
    """Whether a sentence names a system, or a clause of it says `it` of one."""
    words, said = _everyday(languages()), [word.text for word in sentence.words]
    if any(_is_field(sentence, i) for i in range(len(said)) if i != at):
        return True
    # `because it was speeding` speaks of what the clause before it names
    dependent = start > 0 and said[start] in words.joints
    stands = (
        said[i] in words.it and (i + 1 == len(said) or said[i + 1] in words.small)
        for i in range(start, end)
    )
    return not dependent and any(stands)


def _is_field(sentence: Sentence, at: int) -> bool:
    """Whether a word names a system, a part of one, or a thing of the field."""
    words, word = _everyday(languages()), sentence.words[at].text
    if word in words.parts or words.system.fullmatch(word):
        return True
    operates = any(start == at for _, start, _ in sentence.operations)
    return operates or (
        not words.words.find(sentence.words[at : at + 1])
        and any(tag not in EFFECTS and start <= at < end for tag, start, end in sentence.mentions)
    )


def _clause(sentence: Sentence, at: int) -> tuple[int, int]:
    """Index of the first word of the clause that word `at` is in, and past its last."""
    joints = _everyday(languages()).joints

    def begins(i: int) -> bool:
        return sentence.is_parted(i) or sentence.words[i].text in joints

    n = len(sentence.words)
    start = next((i for i in range(at, 0, -1) if begins(i)), 0)
    return start, next((i for i in range(at + 1, n) if begins(i)), n)
