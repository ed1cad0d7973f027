"""The text of a question without greetings and thanks, cut into sentences."""

from __future__ import annotations

import re
from functools import cached_property

from agent.question.lexicon import mentions, operations
from agent.question.words import Word, words

_POLITE_END = re.compile(
    r"(?:[\s,;.!:–—-]|^)(?:(?:many |so much )?thanks?(?: you)?(?: (?:so|very) much| a lot| a "
    r"bunch| again)?"
    r"(?: in advance| for (?:your|the|any|all) (?:help|time|answer|reply))?|please|pls|plz|thx|"
    r"ty|cheers|"
    r"kind regards|best regards|best wishes|regards|sorry|danke(?: (?:schön|sehr|im voraus))?|"
    r"vielen dank|bitte|"
    r"merci(?: (?:beaucoup|d'avance))?|s'il (?:vous|te) plaît|gracias|muchas gracias|por "
    r"favor|grazie|谢谢|请)$",
    re.IGNORECASE,
)
_POLITE_START = re.compile(
    r"(?:(?:hi|hello|hey|dear|good (?:morning|evening|afternoon|day))(?: (?:there|all|everyone|"
    r"team|guys|folks))?|"
    r"please|sorry(?: (?:if|for)[^.,?!:\n]{0,60})?|excuse me|(?:a |just a |one )?(?:quick|dumb|"
    r"stupid|silly) question|"
    r"hallo|guten (?:tag|morgen|abend)|bonjour|salut|hola|buenos días|ciao|你好|"
    r"请问)(?![\w'’-])[\s,;.!:–—-]*",
    re.IGNORECASE,
)
_DECORATION = " \t\r\n,;.!~…🙏😊🙂👍❤️"
#: What may stand between a question and what is said after it.
_JOINTS = _DECORATION + ":–—-"
_QUOTES = {'"': '"', "“": "”", "'": "'", "«": "»", "„": "“"}
_ABBREVIATION = re.compile(r"\b(vs|e\.g|i\.e|fig|sec|approx|ca|etc|al|z\.b)\.", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.?!。？！\n]+(?:[.?!](?!\s)[^.?!。？！\n]+)*(?P<end>[.?!。？！]*)")


def plain(text: str) -> str:
    """The text without greetings, thanks, and quotation marks around all of it."""
    text = " ".join(text.split())
    if len(text) > 2 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        text = text[1:-1]
    whole = text.strip(_DECORATION)
    text = whole.rstrip(_JOINTS)
    while polite := _POLITE_START.match(text):
        text = text[polite.end() :]
    while polite := _POLITE_END.search(text, max(0, len(text) - 80)):
        text = text[: polite.start() + 1].rstrip(_JOINTS)
    return text or whole


class Sentence:
    """A sentence with its words, and as matching reads it: folded, words joined by one space."""

    def __init__(self, text: str, end: str) -> None:
        self.text = text
        self.words: list[Word] = words(text)
        self.said = " ".join(word.text for word in self.words)
        self.asks = "?" in end or "？" in end

    @cached_property
    def mentions(self) -> list[tuple[str, int, int]]:
        """Tags: id, index of the first word, past the last."""
        return mentions(self.words)

    @cached_property
    def operations(self) -> list[tuple[str, int, int]]:
        """Operations named: operation, index of the first word, past the last."""
        return operations(self.words)


def sentences(text: str) -> list[Sentence]:
    text = _ABBREVIATION.sub(r"\1", text)
    return [Sentence(m[0], m["end"]) for m in _SENTENCE.finditer(text)] or [Sentence(text, "")]
