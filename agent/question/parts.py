"""The questions of a text that asks several, each so that it stands alone.

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
"""Joints of a sentence that are tried, and characters beside each that are looked at."""
_NUMBERED = re.compile(r"(?:(?<=\s)|^)(?:and\s)?\(?(?:[1-9]|[a-d])[).]\s?(?=\w)", re.IGNORECASE)
_CLAUSE = re.compile(r"[,:;]\s*")
_END = re.compile(r"[\s,;:.?!–—-]+$")


class _Parting:
    """How people join questions, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        said = spoken.vocabulary.parting
        joints = either(said.joints)
        self.joint = compiled(rf"(?:[,;]\s*|\s+){joints}\s+|[,;]\s+", re.IGNORECASE)
        self.leading = compiled(rf"^{joints}[\s,]+", re.IGNORECASE)
        self.begins = compiled(phrases(said.begins))
        self.resumes = compiled(rf"{phrases(said.resumes)}\b")
        self.single, self.plural = _any(said.single), _any(said.plural)
        self.owning, self.own = _any(said.owning), _any(said.own)
        system = phrases(spoken.vocabulary.asking.system)
        self.things = compiled(rf"\b{either(said.things)}\b", re.IGNORECASE)
        self.subject = compiled(
            rf"\b{either(said.verbs)} ({either(said.subject)})\b", re.IGNORECASE
        )
        self.system = compiled(rf"\b(?:the|this|your)\s(?:\w+\s){{0,2}}{system}\b", re.IGNORECASE)


def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    return compiled(rf"(?<!\w){either(words)}(?!\w)", re.IGNORECASE)


_parting = cache(_Parting)


@dataclass(frozen=True)
class _Piece:
    """A sentence or a part of one, and whether it is a question of its own."""

    text: str
    asks: bool


def parts_of(text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The questions of a text in order, four at most; none where it is one question.

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
    told = ""
    parts: list[str] = []
    for i, piece in enumerate(pieces):
        if piece.asks and len(parts) < _MOST:
            context = "" if i == 0 or pieces[i - 1].asks else pieces[i - 1].text
            parts.append(_alone(piece.text, told, context, names))
        told += f" {piece.text}"
    return tuple(parts)


def _pieces(sentence: Sentence) -> list[_Piece]:
    """A sentence, or the questions that it joins."""
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
    marked = not pieces and sentence.asks and len(sentence.words) > 1 and not _resumes(rest)
    return [*pieces, _Piece(rest, _asks(rest[:_NEAR]) or marked)]


def _said(text: str) -> str:
    return Sentence(_parting(languages()).leading.sub("", text.strip(), count=1), "").said


def _begins(text: str) -> bool:
    """Whether a text begins as a question that could stand alone."""
    return _parting(languages()).begins.match(_said(text)) is not None


def _resumes(text: str) -> bool:
    """Whether a question goes on with the one before it."""
    return _parting(languages()).resumes.match(_said(text)) is not None


def _asks(text: str) -> bool:
    """Whether a clause of a text is a question of its own."""
    return not _resumes(text) and any(map(_begins, _CLAUSE.split(text)))


def _alone(question: str, told: str, context: str, names: tuple[str, ...]) -> str:
    """A question with what its pronouns stand for; `told` is what came before it."""
    parting = _parting(languages())
    question = _END.sub("", parting.leading.sub("", question, count=1))
    _, colon, after = question.rpartition(": ")
    if colon and _begins(after):
        question = after  # `I have two questions: what …`
    known = [name for name in names if name in told]
    if any(name in question for name in names):
        return f"{question}?"
    one = known[-1] if known else _last(parting.system, told) or _last(parting.subject, told)
    several = " and ".join(known[-2:]) or _last(parting.things, told) or one
    for pronoun, name in (
        (parting.owning, f"{one}'s" if one else ""),
        (parting.own, f"{several}'s" if several else ""),
        (parting.single, one),
        (parting.plural, several),
    ):
        before, found, behind = _around(pronoun, question)
        if found and name:
            return f"{before}{name}{behind}?"
        if found and context:
            return f"{_END.sub('', context)}. {question}?"
    if len(known) == 1 and not parting.system.search(question):
        return f"{known[0]}: {question}?"
    return f"{question}?"


def _last(pattern: re.Pattern[str], text: str) -> str:
    """The last match, of its first group if it has one; empty where there is none."""
    return next((m[m.re.groups] for m in reversed(list(pattern.finditer(text)))), "")


def _around(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    found = pattern.search(text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")
