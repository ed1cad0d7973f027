"""The kind of answer a question wants: one of the nine of `agent.types.Intent`.

The first of these rules that applies decides:

1. chat      every sentence is small talk
2. complain  a result is said to be bad, and nothing is asked but why or what to do
3. of the first sentence that asks, else of the first statement:
   verify    a claim with a tag: `…, right?`, `is it true that …`
   explain   `why …`
   compare   `… or …`, `which should I use`, `better than`
   look      what only the picture can tell
   how_to, explain, define, fact: the one whose words come first; of two, the one with more words
   verify    a yes/no question
4. verify    a statement about a system, or what someone said
5. how_to    a command: `sharpen my photo`
6. fact      anything else, such as a few words: `LLaVAR licence`

Patterns match `Sentence.folded_text`: lower case, no accents, no punctuation, one space between
words (and between Chinese characters).
"""

from __future__ import annotations

import re
from functools import cache

from agent.question.languages import Languages, languages
from agent.question.lexicon import PROPERTIES, operations
from agent.question.patterns import compiled, phrases
from agent.question.sentences import Sentence
from agent.question.subject import looks
from agent.question.words import words
from agent.types import Intent

_SOME = 5


class _Asking:
    """Ways to ask, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        terms = spoken.vocabulary.asking
        system = phrases(terms.system)
        compare = phrases(terms.compare, better=phrases(terms.better), system=system)
        self.compare = compiled(rf"\b{compare}\b")
        self.verify = compiled(rf"\b{phrases(terms.verify)}\b")
        self.confirm = compiled(rf"(?:^| ){phrases(terms.confirm)}$")
        self.claims = compiled(
            rf"\b{phrases(terms.hearsay)}\b|^{phrases(terms.stated, system=system)}"
        )
        self.why = compiled(rf"(?:\w{{1,4}} ){{0,2}}{phrases(spoken.vocabulary.complaining.why)}\b")
        self.open = compiled(rf"\b{phrases(terms.open)}\b")
        intents: tuple[tuple[str, Intent], ...] = (
            (phrases(terms.how_to, system=system), "how_to"),
            (phrases(terms.explain), "explain"),
            (phrases(terms.define, system=system), "define"),
            (phrases(terms.fact), "fact"),
        )
        self.intents = [(compiled(rf"\b{pattern}\b"), intent) for pattern, intent in intents]
        self.term = compiled(rf"\b{phrases(terms.term)}")
        self.yes_no = compiled(rf"{phrases(terms.yes_no)}\b")
        self.request = compiled(phrases(terms.request))
        self.chat = compiled(rf"{phrases(terms.chat)}$")
        self.layman = compiled(rf"\b{phrases(terms.layman)}")


_asking = cache(_Asking)


def asked_in(sentences: list[Sentence]) -> Intent | None:
    """Return what the first question wants, else what the first statement does, if anything."""
    for asking in (True, False):
        for sentence in sentences:
            if sentence.asks is asking and (intent := _asked_in(sentence)):
                return intent
    return None


def intent_of(sentences: list[Sentence], request: Intent | None, complains: bool) -> Intent:
    """Return the intent of a question, from what its sentences ask and whether they complain."""
    if all(map(is_chat, sentences)):
        return "chat"
    if complains:
        return "complain"
    if request:
        return request
    if any(_asking(languages()).claims.search(sentence.folded_text) for sentence in sentences):
        return "verify"
    if any(at == 0 for _, at, _ in sentences[0].operations):
        return "how_to"
    return "fact"


def _asked_in(sentence: Sentence) -> Intent | None:
    text, asking = sentence.folded_text, _asking(languages())
    if is_chat(sentence) and not asking.open.match(text):
        return None
    if asking.verify.search(text) or _is_tagged(sentence):
        return "verify"
    if any(map(asking.why.match, sentence.clauses)):
        return "explain"
    if asking.compare.search(text):
        return "compare"
    if looks(sentence):
        return "look"
    starts = [
        (match.start(), -match.end(), intent)
        for pattern, intent in asking.intents
        if (match := pattern.search(text))
    ]
    first = min(starts)[2] if starts else None
    if request := asking.request.match(text):
        if any(intent == "explain" for _, _, intent in starts):
            return "explain"
        return "how_to" if operations(words(text[request.end() :][:80])) else first or "verify"
    if first == "fact" and asking.term.search(text):
        return "define" if _is_term(sentence) else first
    if first == "how_to" or (starts and min(starts)[0] == 0):
        return first
    clauses = sentence.clauses[:1] if first else sentence.clauses
    stated = sentence.asks and not first and len(sentence.words) >= _SOME
    orders = any(at == 0 for _, at, _ in sentence.operations)
    if any(map(asking.yes_no.match, clauses)) or (stated and not orders):
        return "verify"
    return first


def _is_tagged(sentence: Sentence) -> bool:
    """Check whether a statement ends with a question tag: `…, right?`."""
    text, asking = sentence.folded_text, _asking(languages())
    question = asking.open.search(text) or asking.yes_no.match(text)
    return not question and asking.confirm.search(text) is not None


def _is_term(sentence: Sentence) -> bool:
    """Check whether a sentence names terms of the field but no property of a system."""
    tags = {tag for tag, _, _ in sentence.mentions}
    return bool(tags) and tags.isdisjoint(PROPERTIES)


def is_chat(sentence: Sentence) -> bool:
    """Check whether a sentence is small talk, or has no letters at all."""
    wordless = not any(map(str.isalpha, sentence.folded_text))
    return wordless or _asking(languages()).chat.match(sentence.folded_text) is not None


def asks_yes_no(sentence: Sentence) -> bool:
    """Check whether a sentence begins like a yes/no question."""
    return _asking(languages()).yes_no.match(sentence.folded_text) is not None


def asks_openly(sentence: Sentence) -> bool:
    """Check whether a sentence asks what, which, how or why, so that `yes` is no answer to it."""
    asking = _asking(languages())
    is_open = any(asking.open.match(clause) for clause in sentence.clauses)
    return is_open and not asks_yes_no(sentence)


def asks(sentence: Sentence) -> bool:
    """Check whether a sentence asks for anything, by its question mark or its words."""
    return sentence.asks or _asked_in(sentence) is not None


def begins_question(clause: str) -> bool:
    """Check whether a clause is a question by words such as `which` or a leading `is`."""
    asking = _asking(languages())
    return bool(asking.yes_no.match(clause) or asking.open.search(clause))


def wants_help(sentence: Sentence) -> bool:
    """Check whether a sentence asks how to do something, or for it to be done."""
    how_to: re.Pattern[str] = _asking(languages()).intents[0][0]
    return sentence.asks or how_to.search(sentence.folded_text) is not None


def is_for_laymen(sentences: list[Sentence]) -> bool:
    """Check whether the person asks for plain words."""
    layman = _asking(languages()).layman
    return any(layman.search(sentence.folded_text) for sentence in sentences)
