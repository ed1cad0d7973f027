"""Conversion of a client's messages into a line of a conversation and its past."""

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
_CAPACITY = 256
"""Number of answers that are recognised when a client sends them back."""


@dataclass(frozen=True)
class KnownReply:
    """What an earlier text of this server stands for; both None for small talk."""

    turn: Turn | None
    report: Report | None


class ReplyMemory:
    """Recent answers of this server by their text, which clients send back as the past.

    Also holds the past of each response by the id of the response.
    """

    def __init__(self) -> None:
        self._said: OrderedDict[str, KnownReply] = OrderedDict()
        self._past: OrderedDict[str, Past] = OrderedDict()

    def note(self, text: str, reply: Reply) -> None:
        """Remember the reply that a text stands for."""
        report = _bare(reply)
        key = _key(text)
        if reply.turn or key not in self._said:
            _remember(self._said, key, KnownReply(reply.turn, report))

    def lookup(self, text: str) -> KnownReply | None:
        """Return what a text stands for; None if this server does not know it."""
        return self._said.get(_key(text))

    def note_past(self, id: str, past: Past) -> None:
        """Remember the past of a message that follows the response `id`."""
        _remember(self._past, id, past)

    def past(self, id: str) -> Past:
        """Return the past of a message that follows the response `id`.

        Raises:
            Refusal: if the response is unknown, or no longer remembered.
        """
        if id not in self._past:
            raise Refusal(
                "this server does not know the response that previous_response_id names, or no "
                "longer remembers it; send the earlier messages in input",
                404,
                "previous_response_id",
                "previous_response_not_found",
            )
        return self._past[id]


@dataclass(frozen=True)
class Talk:
    """A line, what came before it, and the attached pictures."""

    line: str
    past: Past
    uploads: tuple[Upload, ...]


def read_talk(
    messages: Sequence[Message], memory: ReplyMemory, most: int, past: Past = _NOTHING
) -> Talk:
    """Read the last message of the user as the question, and those before it as its past.

    Args:
        most: largest number of pictures of a question; the latest earlier ones fill it up.
        past: what came before the messages.

    Raises:
        Refusal, InputError: if there is no question, it cannot be used, or a picture is not a data
            URI.
    """
    user_turns = [i for i, message in enumerate(messages) if message.role == "user"]
    if not user_turns:
        raise Refusal("no message has the role user; expected a question", param="messages")
    line = question_from(messages[user_turns[-1]].text).text
    own = messages[user_turns[-1]].pictures
    earlier = [url for i in user_turns[:-1] for url in messages[i].pictures if url not in own]
    room = max(0, most - len(own))
    at_hand = list(dict.fromkeys(earlier))[::-1][:room][::-1]
    uploads = tuple(upload_of(url, number) for number, url in enumerate([*at_hand, *own], 1))
    return Talk(line, _with(past, messages[: user_turns[-1]], memory), uploads)


def after(past: Past, reply: Reply) -> Past:
    """Return the past that includes a reply."""
    if reply.turn is None:
        return past
    return Past((*past.turns, reply.turn)[-REMEMBERED_TURNS:], _bare(reply))


def _bare(reply: Reply) -> Report | None:
    """Return the new report of a reply without its pictures; None if it has none."""
    if not (reply.turn and reply.report):
        return None
    return reply.report.model_copy(update={"pictures": {}})


def _with(past: Past, messages: Sequence[Message], memory: ReplyMemory) -> Past:
    """Append messages to the past; only answered questions count."""
    turns, last, question = list(past.turns), past.last, ""
    for message in messages:
        if message.role == "user":
            question = visible(message.text).strip()
        elif message.role == "assistant" and question:
            known_reply = memory.lookup(message.text)
            if known_reply is None:  # from another server, or edited: what it cites is unknown
                turns.append(Turn(question=question))
                last = None
            elif known_reply.turn:
                turns.append(known_reply.turn)
                last = known_reply.report
            question = ""
    return Past(tuple(turns[-REMEMBERED_TURNS:]), last)


def _key(text: str) -> str:
    tidy = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return sha256(tidy.encode("utf-8", "surrogatepass")).hexdigest()


def _remember(store: OrderedDict[str, _Value], key: str, value: _Value) -> None:
    store[key] = value
    store.move_to_end(key)
    while len(store) > _CAPACITY:
        store.popitem(last=False)
