"""Messages of a client as a line of a conversation and its past."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from agent.conversation import Past, Reply
from agent.text import visible
from agent.types import REMEMBERED_TURNS, Report, Turn, question_from
from agent.web.failures import Refusal
from agent.web.openai.request import Message
from agent.web.uploads import upload_of
from agent.web.workspace import Upload

_Value = TypeVar("_Value")
_NOTHING = Past()
_KNOWN = 256
"""Answers that are recognised when a client sends them back."""


@dataclass(frozen=True)
class Said:
    """What a text that this server wrote stands for; both None for small talk."""

    turn: Turn | None
    report: Report | None


class Known:
    """What this server answered of late, by the text: clients send it back as the past.

    It also holds the past of each response by the response's id.
    """

    def __init__(self) -> None:
        self._said: OrderedDict[str, Said] = OrderedDict()
        self._past: OrderedDict[str, Past] = OrderedDict()

    def note(self, text: str, reply: Reply) -> None:
        """Remember what a text stands for."""
        report = _bare(reply)
        key = _key(text)
        if reply.turn or key not in self._said:
            _put(self._said, key, Said(reply.turn, report))

    def said(self, text: str) -> Said | None:
        """What a text stands for; None where this server does not know it."""
        return self._said.get(_key(text))

    def note_past(self, id: str, past: Past) -> None:
        """Remember what came before whatever follows the response `id`."""
        _put(self._past, id, past)

    def past(self, id: str) -> Past:
        """The past of what follows the response `id`.

        Raises:
            Refusal: where it is not known any more.
        """
        if id not in self._past:
            raise Refusal(
                "the response that previous_response_id names is not known here, or not any more; "
                "send the earlier messages in input",
                404,
                "previous_response_id",
                "previous_response_not_found",
            )
        return self._past[id]


@dataclass(frozen=True)
class Talk:
    """A line, what came before it, and the pictures at hand."""

    line: str
    past: Past
    uploads: tuple[Upload, ...]


def read_talk(messages: Sequence[Message], known: Known, most: int, past: Past = _NOTHING) -> Talk:
    """The last message of the user as the question, those before it as its past.

    Args:
        most: pictures that a question may have; of earlier ones the last that fit stay at hand.
        past: what came before the messages.

    Raises:
        Refusal, InputError: for no question, one that cannot be used, and a picture that is no
            data URI.
    """
    asked = [i for i, message in enumerate(messages) if message.role == "user"]
    if not asked:
        raise Refusal("there is no message of the user; expected a question", param="messages")
    line = question_from(messages[asked[-1]].text).text
    own = messages[asked[-1]].pictures
    earlier = [url for i in asked[:-1] for url in messages[i].pictures if url not in own]
    room = max(0, most - len(own))
    at_hand = list(dict.fromkeys(earlier))[::-1][:room][::-1]
    uploads = tuple(upload_of(url, number) for number, url in enumerate([*at_hand, *own], 1))
    return Talk(line, _with(past, messages[: asked[-1]], known), uploads)


def after(past: Past, reply: Reply) -> Past:
    """The past once a reply has been given."""
    if reply.turn is None:
        return past
    return Past((*past.turns, reply.turn)[-REMEMBERED_TURNS:], _bare(reply))


def _bare(reply: Reply) -> Report | None:
    """The new answer of a reply without its pictures."""
    if not (reply.turn and reply.report):
        return None
    return reply.report.model_copy(update={"pictures": {}})


def _with(past: Past, messages: Sequence[Message], known: Known) -> Past:
    """The past, and behind it messages: only questions that were answered count."""
    turns, last, question = list(past.turns), past.last, ""
    for message in messages:
        if message.role == "user":
            question = visible(message.text).strip()
        elif message.role == "assistant" and question:
            said = known.said(message.text)
            if said is None:  # of another server, or edited: nothing is known of what it cites
                turns.append(Turn(question=question))
                last = None
            elif said.turn:
                turns.append(said.turn)
                last = said.report
            question = ""
    return Past(tuple(turns[-REMEMBERED_TURNS:]), last)


def _key(text: str) -> str:
    tidy = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return sha256(tidy.encode("utf-8", "surrogatepass")).hexdigest()


def _put(store: OrderedDict[str, _Value], key: str, value: _Value) -> None:
    store[key] = value
    store.move_to_end(key)
    while len(store) > _KNOWN:
        store.popitem(last=False)
