"""Splitting of a text into its questions, each of which can stand alone.

`How many parameters does MIMO-UNet+ have and does it use batch norm?` is two questions; `why is
one letter sharp and the other blurred?` is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from agent.question.intent import is_chat
from agent.question.languages import Languages, languages
from agent.question.patterns import compiled, either, phrases
from agent.question.sentences import Sentence, sentences

_MOST = 4
_JOINTS, _NEAR = 60, 300
"""Maximum number of joints tried in a sentence, and of characters examined beside each."""
_NUMBERED = re.compile(r"(?:(?<=\s)|^)(?:and\s)?\(?(?:[1-9]|[a-d])[).]\s?(?=\w)", re.IGNORECASE)
_CLAUSE = re.compile(r"[,:;]\s*")
_END = re.compile(r"[\s,;:.?!–—-]+$")


class _Parting:
    """Ways to join questions, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        terms = spoken.vocabulary.parting
        joints = either(terms.joints)
        self.joint = compiled(rf"(?:[,;]\s*|\s+){joints}\s+|[,;]\s+", re.IGNORECASE)
        self.leading = compiled(rf"^{joints}[\s,]+", re.IGNORECASE)
        self.begins = compiled(phrases(terms.begins))
        self.resumes = compiled(rf"{phrases(terms.resumes)}\b")
        self.single, self.plural = _any(terms.single), _any(terms.plural)
        self.owning, self.own = _any(terms.owning), _any(terms.own)
        system = phrases(spoken.vocabulary.asking.system)
        self.things = compiled(rf"\b{either(terms.things)}\b", re.IGNORECASE)
        self.subject = compiled(
            rf"\b{either(terms.verbs)} ({either(terms.subject)})\b", re.IGNORECASE
        )
        self.system = compiled(rf"\b(?:the|this|your)\s(?:\w+\s){{0,2}}{system}\b", re.IGNORECASE)


def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    return compiled(rf"(?<!\w){either(words)}(?!\w)", re.IGNORECASE)


_parting = cache(_Parting)


@dataclass(frozen=True)
class _Piece:
    """A sentence or part of one, and whether it is a question of its own."""

    text: str
    asks: bool


def parts_of(text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the questions of a text in order, four at most; none if it is one question.

    Args:
        names: the models that the text names, as written.
    """
    pieces = [
        piece
        for one in _NUMBERED.split(text)
        for sentence in sentences(one)
        for piece in _pieces(sentence)
    ]
    if sum(piece.asks for piece in pieces) < 2:
        return ()
    preceding = ""
    parts: list[str] = []
    for i, piece in enumerate(pieces):
        if piece.asks and len(parts) < _MOST:
            context = "" if i == 0 or pieces[i - 1].asks else pieces[i - 1].text
            parts.append(_alone(piece.text, preceding, context, names))
        preceding += f" {piece.text}"
    return tuple(parts)


def _pieces(sentence: Sentence) -> list[_Piece]:
    """Split a sentence into the questions that it joins, if any."""
    if is_chat(sentence):
        return []
    text = sentence.text.strip()
    pieces, start = [], 0
    for joint in islice(_parting(languages()).joint.finditer(text), _JOINTS):
        behind = text[joint.end() : joint.end() + _NEAR]
        if _begins(behind) and _asks(before := text[start : joint.start()][-_NEAR:]):
            pieces.append(_Piece(before, asks=True))
            start = joint.end()
    rest = text[start:]
    is_question = not pieces and sentence.asks and len(sentence.words) > 1 and not _resumes(rest)
    return [*pieces, _Piece(rest, _asks(rest[:_NEAR]) or is_question)]


def _folded_text(text: str) -> str:
    return Sentence(_parting(languages()).leading.sub("", text.strip(), count=1), "").folded_text


def _begins(text: str) -> bool:
    """Check whether a text begins like a question that could stand alone."""
    return _parting(languages()).begins.match(_folded_text(text)) is not None


def _resumes(text: str) -> bool:
    """Check whether a question continues the one before it."""
    return _parting(languages()).resumes.match(_folded_text(text)) is not None


def _asks(text: str) -> bool:
    """Check whether a clause of a text is a question of its own."""
    return not _resumes(text) and any(map(_begins, _CLAUSE.split(text)))


def _alone(question: str, preceding: str, context: str, names: tuple[str, ...]) -> str:
    """Resolve the pronouns of a question by the text before it, `preceding`."""
    parting = _parting(languages())
    question = _END.sub("", parting.leading.sub("", question, count=1))
    _, colon, after = question.rpartition(": ")
    if colon and _begins(after):
        question = after  # `I have two questions: what …`
    antecedents = [name for name in names if name in preceding]
    if any(name in question for name in names):
        return f"{question}?"
    one = (
        antecedents[-1]
        if antecedents
        else _last(parting.system, preceding) or _last(parting.subject, preceding)
    )
    several = " and ".join(antecedents[-2:]) or _last(parting.things, preceding) or one
    for pronoun, name in (
        (parting.owning, f"{one}'s" if one else ""),
        (parting.own, f"{several}'s" if several else ""),
        (parting.single, one),
        (parting.plural, several),
    ):
        before, word, behind = _around(pronoun, question)
        if word and name:
            return f"{before}{name}{behind}?"
        if word and context:
            return f"{_END.sub('', context)}. {question}?"
    if len(antecedents) == 1 and not parting.system.search(question):
        return f"{antecedents[0]}: {question}?"
    return f"{question}?"


def _last(pattern: re.Pattern[str], text: str) -> str:
    """Return the last match, or its first group if it has one; empty without a match."""
    return next((m[m.re.groups] for m in reversed(list(pattern.finditer(text)))), "")


def _around(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    match = pattern.search(text)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")
