"""Complaints: effects that went badly (`unreadable text`, not `readable text`), and whether a
person complains about a result, not about the original picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

from agent.question.languages import Languages, languages
from agent.question.patterns import compiled, folded, phrases
from agent.question.sentences import Sentence
from agent.types import Intent

#: Effects that are faults in themselves: mentioning them is a complaint, their absence is praise.
_FAULTS = frozenset(("blur", "noise", "artefacts", "hallucination"))
_NEAR = 4


class _Speech:
    """How people complain, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        terms = spoken.vocabulary.complaining
        self.bad, self.negations = folded(terms.bad), folded(terms.negations)
        self.nots, self.still = folded(terms.nots), folded(terms.still)
        self.tasks, self.faults = tuple(folded(terms.tasks)), tuple(folded(terms.faults))
        self.why = compiled(rf"\b{phrases(terms.why)}\b")
        self.asks = compiled(rf"{phrases(terms.asks)}\b")
        system = phrases(spoken.vocabulary.asking.system)
        self.odd, self.seeming, self.of = map(folded, (terms.odd, terms.seeming, terms.of))
        self.failures = compiled(rf"\b{phrases(terms.failures, system=system)}")
        self.flaws = compiled(rf"\b{phrases(terms.flaws)}")
        self.harm = compiled(rf"\b{phrases(terms.harm, system=system)}")
        self.results = compiled(rf"\b{phrases(terms.results, system=system)}")
        self.wonders = compiled(rf"\b{phrases(terms.wonders)}\b")
        self.checks = compiled(rf"{phrases(terms.checks)}\b")
        self.exists = compiled(rf"{phrases(terms.exists)}\b")
        self.changes, self.gone = folded(terms.changes), folded(terms.gone)


_speech = cache(_Speech)


def complaints_in(
    sentences: list[Sentence], effects: Iterable[str], request: Intent | None, operation: str | None
) -> tuple[str, ...]:
    """Return those of `effects` that went badly according to the person.

    Someone who asks how to do something wishes for effects, and `does it invent letters?` is no
    complaint; only `why` refers to something seen.
    """
    if request in ("how_to", "compare") and not _wonders(sentences):
        return ()
    bad = set()
    for sentence in _observations(sentences):
        texts = [word.text for word in sentence.words]
        undone = next((at for name, at, _ in sentence.operations if name == "deblur"), len(texts))
        bad |= {
            tag
            for tag, i, end in sentence.mentions
            if _complains(tag, texts, i, end)
            and (tag != "blur" or operation != "deblur" or _remains(texts, i, end, undone))
        }
    return tuple(effect for effect in effects if effect in bad)


def complains_of_result(
    sentences: list[Sentence], request: Intent | None, complaints: tuple[str, ...], done: bool
) -> bool:
    """Check whether a result is said to be bad, and nothing is asked but why or what to do.

    Args:
        request: what the sentences ask, from `agent.question.intent.asked_in`.
        complaints: effects that went badly, from `complaints_in`.
        done: whether an operation was carried out.
    """
    if request not in (None, "explain") and not _wonders(sentences):
        return False
    speech, observations = _speech(languages()), _observations(sentences)
    if any(
        speech.failures.search(s.folded_text) or speech.harm.search(s.folded_text)
        for s in observations
    ):
        return True
    result = done or any(speech.results.search(s.folded_text) for s in observations)
    return result and (bool(complaints) or any(map(_seems_odd, observations)))


def yes_means(sentences: list[Sentence]) -> Literal["well", "badly"] | None:
    """Return what a yes to the first yes/no question about a result would mean for it.

    `Is the text readable?` is a hope, `did it change the colours?` a fear. Asking whether something
    is there at all is neither, unless it is a fault.
    """
    speech = _speech(languages())
    for sentence in sentences:
        if begins := speech.checks.match(sentence.folded_text):
            if _fears(sentence, len(begins[0].split())):
                return "badly"
            return None if speech.exists.match(sentence.folded_text) else "well"
    return None


def _fears(sentence: Sentence, start: int) -> bool:
    """Check whether the words from `start` on name something bad."""
    speech, texts = _speech(languages()), [word.text for word in sentence.words[start:]]
    mentions = [(tag, i - start, end - start) for tag, i, end in sentence.mentions if i >= start]
    if faults := [mention for mention in mentions if mention[0] in _FAULTS]:
        there = any(_complains(tag, texts, i, end) for tag, i, end in faults)
        return there and speech.gone.isdisjoint(texts)
    bad = speech.bad | speech.odd | speech.changes
    return any(
        word in bad and speech.negations.isdisjoint(texts[max(0, i - 3) : i])
        for i, word in enumerate(texts)
    )


def _observations(sentences: list[Sentence]) -> list[Sentence]:
    """Return the sentences about something seen."""
    speech = _speech(languages())
    return [
        s
        for s in sentences
        if speech.why.search(s.folded_text)
        or speech.wonders.search(s.folded_text)
        or not (s.asks or speech.asks.match(s.folded_text))
    ]


def _wonders(sentences: list[Sentence]) -> bool:
    return any(_speech(languages()).wonders.search(sentence.folded_text) for sentence in sentences)


def _seems_odd(sentence: Sentence) -> bool:
    """Check whether something is said to be odd, unlike `of a broken window`, which is content."""
    speech, texts = _speech(languages()), [word.text for word in sentence.words]
    if speech.flaws.search(sentence.folded_text):
        return True
    for i, word in enumerate(texts):
        before = texts[max(0, i - _NEAR) : i]
        is_stated = speech.of.isdisjoint(before) and speech.negations.isdisjoint(before[-2:])
        if word in speech.odd and is_stated and not speech.seeming.isdisjoint(before):
            return True
    return False


def _remains(texts: list[str], start: int, end: int, undone: int) -> bool:
    """Check whether the words from `start` to `end` name blur that remains after its removal."""
    speech = _speech(languages())
    before = texts[max(0, start - _NEAR) : start]
    if not speech.still.isdisjoint(before + texts[end : end + _NEAR]):
        return True
    return undone < start and not speech.seeming.isdisjoint(before)


def _complains(tag: str, texts: list[str], start: int, end: int) -> bool:
    """Check whether the person is unhappy with what the words from `start` to `end` name."""
    speech = _speech(languages())
    before = texts[max(0, start - _NEAR) : start]
    if tag == "enlargement" or texts[start].startswith(speech.tasks):
        return False  # the name of a task, not something seen
    if tag in _FAULTS or texts[start].startswith(speech.faults):
        return speech.negations.isdisjoint(before)
    near = (*range(max(0, start - _NEAR), start), *range(end, min(len(texts), end + _NEAR)))
    if bad := [i for i in near if texts[i] in speech.bad]:
        return any(speech.negations.isdisjoint(texts[max(0, i - 3) : i]) for i in bad)
    return not speech.nots.isdisjoint(texts[max(0, start - 2) : start])
