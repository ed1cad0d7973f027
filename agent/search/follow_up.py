"""Follow-ups: the meaning of `and how many parameters?`, `why?` or `shorter` after an answer.

A follow-up becomes a question that stands alone, or a look at the last answer. English only; text
that is not recognised stays as it is, and is still matched within the conversation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.question.names import models
from agent.question.parse import parse
from agent.question.words import word_set, words
from agent.registry import Registry
from agent.search.index import Index
from agent.types import Card, Turn

Look = Literal["shorter", "longer", "table", "repeat", "reference", "sure"]


@dataclass(frozen=True)
class FollowUp:
    """What a line of a conversation asks, given those before it."""

    text: str
    """The question, able to stand alone."""
    look: Look | None = None
    """What is wanted of the last answer, if no new one is needed."""
    number: int | None = None
    """Number of the reference that is wanted; None for all."""


_LONGEST_EARLIER = 500
"""Maximum length of an earlier question to repeat, in characters."""
_NUMBERS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "one": 1, "two": 2,
    "three": 3, "four": 4, "five": 5, "six": 6,
}  # fmt: skip
_ORDINAL = rf"(?:{'|'.join(_NUMBERS)}|last|\d{{1,2}})(?:st|nd|rd|th)?"
_LEAD = r"(?:(?:please|can you|could you|would you|and|ok|okay|so|now|but|no|just) )*"
_END = r"(?: (?:please|now|then|again|for me))*"
_SAY = r"(?:(?:make|keep|say|put|tell me|explain|give me|write) )?"
_THIS = r"(?:(?:that|it|this|the answer|an answer|me) )?"
_SAID_OF_LOOKS: dict[Look, str] = {
    "repeat": r"repeat(?: (?:that|it|this|the (?:last )?answer|yourself))?|again|once more|"
    r"say (?:that|it) again|come again|what did you say|pardon",
    "shorter": rf"{_SAY}{_THIS}(?:(?:a (?:bit|little|lot)|much|even|too) )?"
    r"(?:short|shorter|briefer|briefly|long|in short|in brief|in one sentence|in a nutshell|"
    r"a (?:short|shorter|brief) (?:version|answer|one))(?: (?:version|answer))?|tl ?dr|"
    r"summari[sz]e(?: (?:it|that|this|the answer))?|sum (?:it|that) up|(?:a |the )?summary",
    "longer": rf"{_SAY}{_THIS}(?:(?:a (?:bit|little|lot)|much) )?(?:longer|more|"
    r"(?:in )?(?:more |greater )?details?|more about (?:it|that|this))|tell me more"
    r"(?: about (?:it|that|this))?|go on|continue|elaborate|say more|expand|what else",
    "table": r"(?:(?:show|give|see|print)(?: me)? )?(?:the |a |it as a |as a )?"
    r"(?:tables?|measurements|measured values|evidence|figures|numbers)|"
    r"what (?:was|did you) measured?",
    "reference": rf"(?:(?:what|which) (?:was|is|were|are) |(?:show|give|list|tell)(?: me)? )?"
    rf"(?:the |your )?(?:{_ORDINAL} )?(?:references?|sources?|citations?)(?: {_ORDINAL})?|"
    r"where (?:does|did|is) (?:that|this|it)(?: come)? from",
    "sure": r"(?:are|r) (?:you|u) (?:\w+ )?(?:sure|certain)(?: (?:about|of) (?:that|this|it))?|"
    r"really|sure|says who|prove (?:it|that)|how do you know(?: (?:that|this|it))?|"
    r"is (?:that|this|it) (?:really )?(?:true|right|correct|so)|"
    r"can i trust (?:that|this|it|you)",
}  # fmt: skip
_LOOKS = {
    look: re.compile(f"{_LEAD}(?:{pattern}){_END}") for look, pattern in _SAID_OF_LOOKS.items()
}
_SIMPLE = re.compile(
    rf"{_LEAD}{_SAY}{_THIS}(?:in |with |using )?(?:simpler|simply|simple english|"
    r"(?:simple|simpler|plain|easy|easier|other) (?:words|terms|language|english)|eli5|"
    rf"like i (?:am|m|was|were) .{{1,20}}){_END}"
)
_WHY = re.compile(
    r"(?:(?:and|but|so|ok) )*(?:why|how come|how so|why (?:is|s) (?:that|this|it|so)|why so)"
)
_OTHER = re.compile(
    r"(?:(?:and|but|no|ok|so|what about|how about|what of) )*(?:the )?(?:other|second|next) "
    r"(?:one|system|model|network)"
)
_CONNECTED = re.compile(
    r"(?:(?:and|but|ok|okay|so|then|also|no)[, ]+)*"
    r"(?:(?:what|how) about|what of|(?:the )?same (?:for|with)|i meant?|and for|and with)?\s*",
    re.IGNORECASE,
)
_POLAR = re.compile(
    r"(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|may|must)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(_POLAR.pattern + r"|(?:what|why|how|which|who|when|where)\b", re.IGNORECASE)
_SHORT = 7
"""Maximum number of words of an elliptic question."""
_POINTS_BACK = re.compile(r"\b(?:it|its|they|their|them)\b", re.IGNORECASE)
_IT = re.compile(
    r"\b(?:it|they|them|(?:the|this|that) (?:model|network|system|method|tool|program|ai|one))\b"
    r"(?!['’])", re.IGNORECASE,
)  # fmt: skip
_ITS = re.compile(r"\b(?:its|their)\b", re.IGNORECASE)
#: `it` that refers to no system: `is it true that …`, `if I enlarge it`.
_EMPTY_IT = re.compile(
    r"\b(?:is|was|does) it (?:(?:really |still )?(?:true|possible|normal|legal|safe|likely|better|"
    r"best|okay?|important|necessary|enough|useful|hard|easy|dangerous|wise|worth) ?)?"
    r"\b(?:that|to|if|whether|matter|worth|normal|possible)\b|"
    r"\b(?:enlarg|upscal|sharpen|crop|scal|upload|attach|deblur|print|resiz|scan)\w* it\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(on|with|without|for|in|at|under) ", re.IGNORECASE)
_NO_NOUNS = word_set("now then else if next about for so one")
_HAD = word_set("licence license parameters weights limits size price authors layers")


def follow_up(text: str, turns: Sequence[Turn], registry: Registry, index: Index) -> FollowUp:
    """Resolve `text` after `turns` into a question that stands alone, or a look at the last answer.

    A text that stands alone, or that cannot be completed, is returned unchanged.
    """
    last = turns[-1] if turns else None
    if last is None or len(text) > _LONGEST_EARLIER or len(last.question) > _LONGEST_EARLIER:
        return FollowUp(text)
    phrase = " ".join(word.text for word in words(text))
    for look, pattern in _LOOKS.items():
        if pattern.fullmatch(phrase):
            return FollowUp(text, look, _number(phrase) if look == "reference" else None)
    earlier = last.question.strip()
    if _SIMPLE.fullmatch(phrase):
        return FollowUp(f"{_open(earlier)}, in simple words?")
    if _WHY.fullmatch(phrase):
        return _asked_why(text, earlier)
    alone = _completed(text, phrase, earlier, turns, registry, index)
    return FollowUp(alone if alone == text else alone[:1].upper() + alone[1:])


def _number(phrase: str) -> int | None:
    """Return the number of the reference a text asks for; −1 for the last, None for all."""
    for word in phrase.split():
        if word in _NUMBERS or word == "last":
            return _NUMBERS.get(word, -1)
        if match := re.match(r"\d+", word):
            return int(match[0])
    return None


def _open(question: str) -> str:
    """Strip the final punctuation of a question."""
    return question.rstrip("?!. ")


def _asked_why(text: str, earlier: str) -> FollowUp:
    if _POLAR.match(earlier):
        return FollowUp(f"Why {earlier[0].lower()}{earlier[1:]}")
    if "?" in earlier or _ASKS.match(earlier):
        return FollowUp(text, "longer")
    return FollowUp(f"{_open(earlier)}. Why?")


def _completed(
    text: str, phrase: str, earlier: str, turns: Sequence[Turn], registry: Registry, index: Index
) -> str:
    """Complete an elliptic text from the questions before it."""
    rest = _open(_CONNECTED.sub("", text, count=1)).strip()
    if _OTHER.fullmatch(phrase):
        others = [card for card in turns[-1].cards if card in registry][1:2]
        return _about(registry[others[0]].name, earlier, index) if others else text
    if not rest:
        return text
    if (name := _only_a_name(rest, registry, index)) is not None:
        return _about(name, earlier, index)
    if index.named(text) or models(text):
        return text
    system = _system(turns, registry, index)
    short = len(rest.split()) <= _SHORT
    if system is None or not (short or _POINTS_BACK.search(text)):
        return text
    asks = "?" in text or _ASKS.match(rest)
    if asks and not _EMPTY_IT.search(rest) and (_IT.search(rest) or _ITS.search(rest)):
        resolved = _IT.sub(lambda _: system, rest, count=1)
        resolved = (
            _ITS.sub(lambda _: f"{system}’s", resolved, count=1) if resolved == rest else resolved
        )
        return f"{resolved}{_mark(text)}"
    return _elliptic(rest, text, earlier, system) if short else text


def _mark(text: str) -> str:
    return "?" if text.rstrip().endswith("?") else ""


def _only_a_name(rest: str, registry: Registry, index: Index) -> str | None:
    """Return the system whose name is all of the text, as spelt on its card or else in the text."""
    bare = re.sub(r"^(?:for|with|the|and) ", "", rest, flags=re.IGNORECASE).strip(" ,.?!")
    if mentions := index.named(bare):
        whole = len(mentions[0].text) >= len(bare) - 2
        return _spelt(mentions[0].text, registry[mentions[0].card]) if whole else None
    unknown = models(bare)
    return unknown[0] if unknown and len(unknown[0]) >= len(bare) - 2 else None


def _spelt(spelling: str, card: Card) -> str:
    """Return a name of a card as spelt on the card."""
    same = (name for name in card.aliases if name.casefold() == spelling.casefold())
    return next(same, card.name)


def _about(name: str, earlier: str, index: Index) -> str:
    """Return the earlier question with another system in it."""
    names = {*(one.text for one in index.named(earlier)), *models(earlier)}
    at, old = max(((earlier.rfind(text), text) for text in names), default=(-1, ""))
    if at >= 0:  # of several, the last: `is A better than B` becomes `is A better than C`
        return earlier[:at] + name + earlier[at + len(old) :]
    if _IT.search(earlier) and not _EMPTY_IT.search(earlier):
        return _IT.sub(lambda _: name, earlier, count=1)
    return f"What about {name}? {earlier}"


def _system(turns: Sequence[Turn], registry: Registry, index: Index) -> str | None:
    """Return the name of the system that the conversation is about."""
    for turn in reversed(turns):
        cards = [card for card in turn.cards if card in registry]
        if cards:
            for one in index.named(turn.question):
                if one.card in cards:
                    return _spelt(one.text, registry[one.card])
            return registry[cards[0]].name
    return None


def _elliptic(rest: str, text: str, earlier: str, system: str) -> str:
    """Expand a few words without a system into a whole question about it."""
    texts = [word.text for word in words(rest)]
    first, last = texts[0] if texts else "", texts[-1] if texts else ""
    if placed := _PLACE.match(rest):
        place = placed[1].lower()
        return f"{re.sub(rf' {place} [^,?]*$', '', _open(earlier))} {rest}?"
    if any(_POLAR.match(word) for word in texts):
        return text
    if first == "how" and len(texts) > 1:
        if texts[-1] in ("more", "less", "worse") or texts[-1].endswith("er"):
            return text
        counts = texts[1] in ("many", "much") and len(texts) > 2
        return f"{rest} does {system} have?" if counts else f"{rest} is {system}?"
    if first in ("which", "what") and len(texts) > 1 and texts[1] not in _NO_NOUNS:
        return f"{rest} does {system} {'have' if last in _HAD else 'use'}?"
    if rest.casefold() in ("who", "when"):
        return f"Who made {system}?" if first == "who" else f"When was {system} published?"
    asks = first in ("how", "why", "what", "which", "who", "when", "where")
    topical = bool(parse(rest).topics)
    if asks or not topical:
        return text
    article = "" if first in ("the", "a", "its") else "the "
    return f"What about {article}{rest} of {system}?"
