"""Which effects a question complains of: `unreadable text` where another has `readable text`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from agent.question.languages import Languages, languages
from agent.question.patterns import compiled, folded, phrases
from agent.question.sentences import Sentence
from agent.types import Intent

#: Effects that are faults themselves: their bare mention is a complaint, their absence the praise.
_FAULTS = frozenset(("blur", "noise", "artefacts", "hallucination"))
_NEAR = 4


class _Speech:
    """How people complain, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        said = spoken.vocabulary.complaining
        self.bad, self.negations = folded(said.bad), folded(said.negations)
        self.nots, self.still = folded(said.nots), folded(said.still)
        self.tasks, self.faults = tuple(folded(said.tasks)), tuple(folded(said.faults))
        self.why = compiled(rf"\b{phrases(said.why)}\b")
        self.asks = compiled(rf"{phrases(said.asks)}\b")


_speech = cache(_Speech)


def complaints_in(
    sentences: list[Sentence], effects: Iterable[str], intent: Intent, operation: str | None
) -> tuple[str, ...]:
    """Those of `effects` that went badly, as the person says.

    Who asks how to do something wishes them, and `does it invent letters?` complains of nothing;
    only `why` speaks of what was seen.
    """
    if intent == "how_to":
        return ()
    speech = _speech(languages())
    told = [
        s
        for s in sentences
        if speech.why.search(s.said) or not (s.asks or speech.asks.match(s.said))
    ]
    bad = set()
    for sentence in told:
        said = [word.text for word in sentence.words]
        bad |= {
            tag for tag, i, end in sentence.mentions if _complains(tag, said, i, end, operation)
        }
    return tuple(effect for effect in effects if effect in bad)


def _complains(tag: str, said: list[str], start: int, end: int, operation: str | None) -> bool:
    """Whether a person is unhappy with what the words from `start` to `end` name."""
    speech = _speech(languages())
    before, after = said[max(0, start - _NEAR) : start], said[end : end + _NEAR]
    if tag == "enlargement" or said[start].startswith(speech.tasks):
        return False  # the name of a task, not what was seen
    if tag == "blur" and operation == "deblur":
        return not speech.still.isdisjoint(before + after)
    if tag in _FAULTS or said[start].startswith(speech.faults):
        return speech.negations.isdisjoint(before)
    near = (*range(max(0, start - _NEAR), start), *range(end, min(len(said), end + _NEAR)))
    if bad := [i for i in near if said[i] in speech.bad]:
        return any(speech.negations.isdisjoint(said[max(0, i - 3) : i]) for i in bad)
    return not speech.nots.isdisjoint(said[max(0, start - 2) : start])
