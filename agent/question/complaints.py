"""What went badly: effects complained of (`unreadable text` where another has `readable text`),
and whether it is a result that a person complains of, and not the picture that went in.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

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
        system = phrases(spoken.vocabulary.asking.system)
        self.odd, self.seeming, self.of = map(folded, (said.odd, said.seeming, said.of))
        self.failures = compiled(rf"\b{phrases(said.failures, system=system)}")
        self.flaws = compiled(rf"\b{phrases(said.flaws)}")
        self.harm = compiled(rf"\b{phrases(said.harm, system=system)}")
        self.results = compiled(rf"\b{phrases(said.results, system=system)}")
        self.wonders = compiled(rf"\b{phrases(said.wonders)}\b")
        self.checks = compiled(rf"{phrases(said.checks)}\b")
        self.exists = compiled(rf"{phrases(said.exists)}\b")
        self.changes, self.gone = folded(said.changes), folded(said.gone)


_speech = cache(_Speech)


def complaints_in(
    sentences: list[Sentence], effects: Iterable[str], asked: Intent | None, operation: str | None
) -> tuple[str, ...]:
    """Those of `effects` that went badly, as the person says.

    Who asks how to do something wishes them, and `does it invent letters?` complains of nothing;
    only `why` speaks of what was seen.
    """
    if asked in ("how_to", "compare") and not _wonders(sentences):
        return ()
    bad = set()
    for sentence in _told(sentences):
        said = [word.text for word in sentence.words]
        undone = next((at for name, at, _ in sentence.operations if name == "deblur"), len(said))
        bad |= {
            tag
            for tag, i, end in sentence.mentions
            if _complains(tag, said, i, end)
            and (tag != "blur" or operation != "deblur" or _remains(said, i, end, undone))
        }
    return tuple(effect for effect in effects if effect in bad)


def complains_of_result(
    sentences: list[Sentence], asked: Intent | None, complaints: tuple[str, ...], done: bool
) -> bool:
    """Whether a result is said to be bad, and nothing asked but why, or what to do.

    Args:
        asked: what the sentences ask, by `agent.question.intent.asked_in`.
        complaints: effects that went badly, by `complaints_in`.
        done: whether an operation was carried out.
    """
    if asked not in (None, "explain") and not _wonders(sentences):
        return False
    speech, told = _speech(languages()), _told(sentences)
    if any(speech.failures.search(s.said) or speech.harm.search(s.said) for s in told):
        return True
    result = done or any(speech.results.search(s.said) for s in told)
    return result and (bool(complaints) or any(map(_seems_odd, told)))


def yes_means(sentences: list[Sentence]) -> Literal["well", "badly"] | None:
    """What a yes to the first sentence that asks for one about a result would say of it.

    `Is the text readable?` hopes and `did it change the colours?` fears. Whether something is
    there at all is neither, unless it is a fault.
    """
    speech = _speech(languages())
    for sentence in sentences:
        if begins := speech.checks.match(sentence.said):
            if _fears(sentence, len(begins[0].split())):
                return "badly"
            return None if speech.exists.match(sentence.said) else "well"
    return None


def _fears(sentence: Sentence, start: int) -> bool:
    """Whether the words from `start` on name something bad."""
    speech, said = _speech(languages()), [word.text for word in sentence.words[start:]]
    named = [(tag, i - start, end - start) for tag, i, end in sentence.mentions if i >= start]
    if faults := [mention for mention in named if mention[0] in _FAULTS]:
        there = any(_complains(tag, said, i, end) for tag, i, end in faults)
        return there and speech.gone.isdisjoint(said)
    bad = speech.bad | speech.odd | speech.changes
    return any(
        word in bad and speech.negations.isdisjoint(said[max(0, i - 3) : i])
        for i, word in enumerate(said)
    )


def _told(sentences: list[Sentence]) -> list[Sentence]:
    """The sentences that speak of what was seen."""
    speech = _speech(languages())
    return [
        s
        for s in sentences
        if speech.why.search(s.said)
        or speech.wonders.search(s.said)
        or not (s.asks or speech.asks.match(s.said))
    ]


def _wonders(sentences: list[Sentence]) -> bool:
    return any(_speech(languages()).wonders.search(sentence.said) for sentence in sentences)


def _seems_odd(sentence: Sentence) -> bool:
    """Whether something is said to be odd; `of a broken window` tells what the picture shows."""
    speech, said = _speech(languages()), [word.text for word in sentence.words]
    if speech.flaws.search(sentence.said):
        return True
    for i, word in enumerate(said):
        before = said[max(0, i - _NEAR) : i]
        shown = speech.of.isdisjoint(before) and speech.negations.isdisjoint(before[-2:])
        if word in speech.odd and shown and not speech.seeming.isdisjoint(before):
            return True
    return False


def _remains(said: list[str], start: int, end: int, undone: int) -> bool:
    """Whether the words from `start` to `end` name blur that is there after it was removed."""
    speech = _speech(languages())
    before = said[max(0, start - _NEAR) : start]
    if not speech.still.isdisjoint(before + said[end : end + _NEAR]):
        return True
    return undone < start and not speech.seeming.isdisjoint(before)


def _complains(tag: str, said: list[str], start: int, end: int) -> bool:
    """Whether a person is unhappy with what the words from `start` to `end` name."""
    speech = _speech(languages())
    before = said[max(0, start - _NEAR) : start]
    if tag == "enlargement" or said[start].startswith(speech.tasks):
        return False  # the name of a task, not what was seen
    if tag in _FAULTS or said[start].startswith(speech.faults):
        return speech.negations.isdisjoint(before)
    near = (*range(max(0, start - _NEAR), start), *range(end, min(len(said), end + _NEAR)))
    if bad := [i for i in near if said[i] in speech.bad]:
        return any(speech.negations.isdisjoint(said[max(0, i - 3) : i]) for i in bad)
    return not speech.nots.isdisjoint(said[max(0, start - 2) : start])
