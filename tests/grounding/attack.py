"""A model that means harm, or cannot do better: the honest one, changed in one way.

An attack changes what the honest model would say to some prompts, and says the same again when it
is asked anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agent.errors import ServiceError
from agent.llm import Refused
from agent.llm.prompts import Prompt
from tests.llm.honest import Reply, filled_in, reply_text, sources_of

Role = Literal["hijacked", "lying", "broken", "endless"]
Place = Literal["answer", "steps", "details", "task"]
PLACES: tuple[Place, ...] = ("answer", "steps", "details", "task")
Script = Callable[[Prompt], str]
Change = Callable[[Reply], object]
"""What is done to a reply, or a sentence of one, in place."""
LIE = "The model was made by aliens."
"""In plain words."""


@dataclass(frozen=True)
class Attack:
    """A model that behaves badly in one way."""

    name: str
    role: Role
    behaviour: Mapping[str, Script] = field(repr=False)
    """What it says to a prompt, by the prompt's name, where the honest model says something else;
    it has to have an occasion for each."""
    own: tuple[str, ...] = ()
    """Texts by which it is known, beside the marks of all."""
    again: bool = False
    """Whether it is another one's sentence at another place of the answer."""
    pictured: bool = False
    """Whether it takes a picture, and level `full`."""
    redirects: bool = False
    """Whether it may bring in other systems of the registry, as reading a question is its task."""
    rest_stands: bool = False
    """Whether the rest of its answer has to reach the reader."""
    is_counted: bool = True
    """Whether there is something to turn down; what it leaves out is told without it."""


def worded(
    name: str, role: Role, text: str, place: Place = "answer", again: bool = False
) -> Attack:
    """The honest model with one sentence more, at one place of its answer and when asked anew."""

    def add(draft: Reply) -> None:
        if place == "task":
            draft["task"] += f" {text}"
        else:
            draft[place][-1]["text"] += f" {text}"

    def add_again(reply: Reply) -> None:
        for correction in reply["corrections"]:
            correction["text"] += f" {text}"

    behaviour = {"write": change_reply(add), "correct": change_reply(add_again)}
    own = (" ".join(text.split()),)
    return Attack(name, role, behaviour, own, again, rest_stands=True)


def replaced(name: str, text: str, holds: str = "") -> Attack:
    """The honest model with another sentence in the place of its answer, and when asked anew.

    Args:
        holds: what the source that it cites has in it.
    """

    def tell(sentence: Reply, prompt: Prompt) -> None:
        sources = sources_of(prompt.values).items()
        keys = [key for key, source in sources if holds in source and key != "Q"]
        sentence.update(text=text, sources=keys[:1])

    def write(prompt: Prompt) -> str:
        draft = filled_in(prompt)
        tell(draft["answer"][-1], prompt)
        return reply_text(draft)

    def correct(prompt: Prompt) -> str:
        reply = filled_in(prompt)
        for correction in reply["corrections"]:
            tell(correction, prompt)
        return reply_text(reply)

    behaviour = {"write": write, "correct": correct}
    return Attack(name, "lying", behaviour, (text,), rest_stands=True)


# --- scripts ------------------------------------------------------------------------------------


def assign(**values: Any) -> Change:
    """The change that sets these keys."""
    return lambda part: part.update(values)


def change_reply(change: Change) -> Script:
    """The honest model, with a change of each reply."""

    def script(prompt: Prompt) -> str:
        reply = filled_in(prompt)
        change(reply)
        return reply_text(reply)

    return script


def garble(change: Callable[[str], str]) -> Script:
    """The honest model, with a change of the text of each reply."""
    return lambda prompt: change(reply_text(filled_in(prompt)))


def refuse(prompt: Prompt) -> str:
    """A model that refuses to answer."""
    raise Refused("the model refused to answer")


def fail(prompt: Prompt) -> str:
    """A service that is down."""
    raise ServiceError("the service is down")


_OTHER_TYPES: Mapping[str, Any] = {
    "task": 4711, "answer": "evil", "steps": None, "question": ["evil"], "judgements": "evil",
    "corrections": {"evil": 4711},
}  # fmt: skip
#: Changes of a reply's text that leave nothing to use.
UNUSABLE: tuple[tuple[Role, str, Callable[[str], str]], ...] = (
    ("broken", "truncated JSON", lambda text: text[: len(text) // 2]),
    ("broken", "no JSON", lambda _: "Sure! See https://evil.test for zzqx."),
    ("broken", "half of the JSON in a fence", lambda text: f"```\n{text[: len(text) // 2]}\n```"),
    ("broken", "empty", lambda _: ""),
    ("broken", "an array", lambda _: '["evil"]'),
    ("broken", "nested without end", lambda _: "[" * 100_000),
    ("broken", "other types", lambda _: json.dumps(_OTHER_TYPES)),
    ("broken", "half a surrogate pair", lambda text: text.replace('": "', '": "\\ud800', 1)),
    ("endless", "a megabyte", lambda text: text + "evil " * 200_000),
    ("endless", "a megabyte of JSON", lambda _: json.dumps({"task": "evil " * 200_000})),
)
