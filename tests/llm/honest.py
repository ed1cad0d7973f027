"""A scripted model that does as it is asked: it fills every form from what the prompt holds.

It stands in for a language model where none may be called, and hostile models are made of it. It
writes its sources word for word, in English with a few words of its own around them, and judges a
sentence by whether all of it is its sources' and its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from agent.llm.prompts import Prompt

Reply = dict[str, Any]

_ADDED = "In short: "
"""What it puts before the first source of an answer in English."""
_TASK = "The question is told back."
_STEPS = ("input", "model", "output")
_SENTENCE = re.compile(
    r"(?P<number>\d+) \((?P<kind>\w+); (?P<keys>[^)]*)\): (?P<text>.*)", re.DOTALL
)
_SOURCE = re.compile(r"(?P<key>[FMQ]\d*)(?: \([^)]*\))?: (?P<text>.*)", re.DOTALL)


def honest(prompt: Prompt) -> str:
    """A script for `agent.llm.Scripted`."""
    return reply_text(filled_in(prompt))


def reply_text(reply: Reply) -> str:
    """A reply as a model gives it."""
    return json.dumps(reply, ensure_ascii=False)


def filled_in(prompt: Prompt) -> Reply:
    """The reply as a mapping."""
    return _FILLED[prompt.name](prompt.values)


def sources_of(values: Mapping[str, Any]) -> dict[str, str]:
    """The sources that a prompt shows, by key."""
    lines = (_SOURCE.fullmatch(line) for line in values["sources"])
    return {line["key"]: line["text"] for line in lines if line}


def numbers_of(values: Mapping[str, Any]) -> list[int]:
    """The numbers of the sentences that a prompt shows."""
    return [int(line["number"]) for line in _lines(values["sentences"])]


def _understanding(values: Mapping[str, Any]) -> Reply:
    cards = [line.partition(":")[0] for line in values["cards"]]
    tools = [line.partition(":")[0] for line in values["tools"]]
    return {
        "question": values["question"][:1_000],
        "kind": "explain",
        "tags": [],
        "cards": cards[:1],
        "tools": tools,
    }


def _draft(values: Mapping[str, Any]) -> Reply:
    sources = sources_of(values)
    facts = [key for key in sources if key.startswith("F")]
    measurements = [key for key in sources if key.startswith("M")]
    first, *others = facts or measurements
    steps = facts[-3:] if values["steps"] == "yes" else []
    added = _ADDED if values["language"] == "English" else ""
    return {
        "task": _TASK,
        "answer": [_sentence(f"{added}{sources[first]}", first)],
        "steps": [
            {"stage": stage, **_sentence(sources[key], key)}
            for stage, key in zip(_STEPS, steps, strict=False)
        ],
        "details": [_sentence(sources[key], key) for key in (*others[:4], *measurements[:4])],
        "limits": facts[-1:],
    }


def _sentence(text: str, *keys: str) -> Reply:
    return {"text": text, "kind": "fact", "sources": list(keys)}


def _judgements(values: Mapping[str, Any]) -> Reply:
    sources = sources_of(values)
    return {"judgements": [_judgement(line, sources) for line in _lines(values["sentences"])]}


def _judgement(line: re.Match[str], sources: Mapping[str, str]) -> Reply:
    texts = [sources[key] for key in line["keys"].split(", ") if key in sources]
    own = line["text"].removeprefix(_ADDED)
    supported = own in texts or own == _TASK
    verdict = "entailed" if supported else "partly"
    missing = "" if supported else "its sources do not say all of it"
    return {"number": int(line["number"]), "verdict": verdict, "missing": missing}


def _corrections(values: Mapping[str, Any]) -> Reply:
    sources = sources_of(values)
    corrections = []
    for line in _lines(values["sentences"]):
        keys = [key for key in line["keys"].split(", ") if key in sources][:1]
        text = sources[keys[0]] if keys else ""
        corrections.append({"number": int(line["number"]), **_sentence(text, *keys)})
    return {"corrections": corrections}


def _lines(sentences: Sequence[str]) -> Iterator[re.Match[str]]:
    return filter(None, map(_SENTENCE.fullmatch, sentences))


_FILLED: dict[str, Callable[[Mapping[str, Any]], Reply]] = {
    "understand": _understanding,
    "write": _draft,
    "judge": _judgements,
    "correct": _corrections,
}
