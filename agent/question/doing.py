"""Detection of operations that, according to the question, were carried out.

`I upscaled my photo`, `my upscaled photo`, `after upscaling` and `I used it to upscale` say so;
`will upscaling help?`, `how are photos upscaled?` and `I want it upscaled` do not.
"""

from __future__ import annotations

from functools import cache

from agent.question.intent import asks_yes_no
from agent.question.languages import Languages, languages
from agent.question.patterns import compiled, folded, phrases
from agent.question.sentences import Sentence

_LONGEST = 30
"""Maximum number of words of a clause to examine."""


class _Telling:
    """Ways to say that something was done, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        terms, naming = spoken.vocabulary.doing, spoken.vocabulary.naming
        self.past, self.endings = folded(terms.past), tuple(folded(terms.endings))
        self.supposing, self.to, self.using = map(folded, (terms.supposing, terms.to, terms.using))
        self.following, self.whenever = folded(terms.following), folded(terms.whenever)
        self.general, self.functions = folded(terms.general), folded(terms.functions)
        self.joints = folded(terms.joints)
        self.mine = folded(naming.own) - folded(naming.any)
        self.definite = (self.mine | folded(naming.determiners)) - folded(naming.any)
        self.leading = folded(naming.own) | folded(naming.determiners)
        self.why = compiled(rf"\b{phrases(spoken.vocabulary.complaining.why)}\b")

    def is_past(self, word: str) -> bool:
        return word in self.past or word.endswith(self.endings)


_telling = cache(_Telling)


def is_done(sentence: Sentence, at: int, end: int) -> bool:
    """Check whether the operation at the words from `at` to `end` is said to have been done."""
    telling = _telling(languages())
    texts = [word.text for word in sentence.words]
    before, previous = texts[_start(sentence, at) : at], texts[at - 1] if at else ""
    if not telling.supposing.isdisjoint(before):
        return False
    is_question = asks_yes_no(sentence)
    if not telling.following.isdisjoint(before[-3:]):
        return not (is_question and telling.general & {"do", "does"} & set(before))
    if telling.is_past(texts[at]):
        if previous in telling.definite:
            return True  # `my upscaled photo`
        return not is_question and _was_done(texts, before, at, end)
    if telling.to.isdisjoint(before[-1:]):
        mine = not telling.mine.isdisjoint(texts)
        if mine and (
            telling.why.search(sentence.folded_text)
            or any(map(telling.is_past, texts[end : end + _LONGEST]))
        ):
            return not is_question
        if not telling.whenever.isdisjoint(before[-3:]):
            return not is_question
        if not before and telling.is_past("".join(texts[end : end + 1])):
            return True  # `Sharpening made …`
    uses = [i for i, word in enumerate(before) if word in telling.using]
    return bool(uses) and not is_question and uses[0] > 0 and before[uses[0] - 1] not in _PASSIVE


_PASSIVE = frozenset(("is", "are", "was", "were", "be", "been", "being"))


def _was_done(texts: list[str], before: list[str], at: int, end: int) -> bool:
    """Check whether a past form says what someone did, or what was done to something."""
    telling = _telling(languages())
    if not before:
        return end < len(texts) and texts[end] in telling.leading  # `Upscaled my photo`
    if before[-1] in telling.functions:
        return False
    general = not telling.general.isdisjoint(before[-4:])
    return not general or not telling.mine.isdisjoint(before)


def is_told(sentence: Sentence) -> bool:
    """Check whether a sentence reports something that happened."""
    telling, texts = _telling(languages()), [word.text for word in sentence.words]
    return telling.supposing.isdisjoint(texts) and any(map(telling.is_past, texts))


def _start(sentence: Sentence, at: int) -> int:
    """Return the index of the first word of the clause that word `at` is in."""
    joints = _telling(languages()).joints
    for i in range(at, max(0, at - _LONGEST), -1):
        if sentence.is_parted(i) or sentence.words[i - 1].text in joints:
            return i
    return max(0, at - _LONGEST)
