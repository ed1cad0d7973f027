"""A scripted model that does as it is asked: it fills every form from what the prompt holds.

It stands in for a language model where none may be called, and hostile models are made of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from agent.llm.prompts import Prompt

Reply = dict[str, Any]


def honest(prompt: Prompt) -> str:
    """A script for `agent.llm.Scripted`."""
    return json.dumps(filled_in(prompt), ensure_ascii=False)


def filled_in(prompt: Prompt) -> Reply:
    """The reply as a mapping."""
    return _FILLED[prompt.name](prompt.values)


def _plan(values: Mapping[str, Any]) -> Reply:
    return {"tools": [tool["name"] for tool in values["tools"]]}


def _draft(values: Mapping[str, Any]) -> Reply:
    mains = [card for card in values["cards"] if card["role"] == "main"]
    beside = [card["facts"][1] for card in values["cards"] if card["role"] != "main"]
    return {
        "task": _task(values, mains),
        "workflow": [step for card in mains for step in _steps(card)],
        "statements": [
            *(statement for card in mains for statement in _explained(card, values["must"])),
            *(_said("complementary", "{claim:%s}", fact["id"]) for fact in beside),
            *(_measured(item) for item in values["evidence"][:4]),
            *(_said("limits", "{claim:%s}", id) for id in values["must"]),
        ],
    }


def _task(values: Mapping[str, Any], mains: list[Any]) -> str:
    names = " and ".join(f"{{name:{card['id']}}}" for card in mains)
    if values["language"] == "en":
        return f"The question is about {names}."
    return names


def _steps(card: Mapping[str, Any]) -> Iterator[Reply]:
    facts = [fact for fact in card["facts"] if "/workflow-" in fact["id"]]
    facts = facts or [fact for fact in card["facts"] if fact["id"].endswith("/summary")]
    for i, fact in enumerate(facts):
        stage = "input" if i == 0 else "output" if i == len(facts) - 1 else "model"
        text = f"{{claim:{fact['id']}}}"
        yield {"card": card["id"], "stage": stage, "text": text, "facts": [fact["id"]]}


def _explained(card: Mapping[str, Any], must: Sequence[str]) -> Iterator[Reply]:
    own = [fact["id"] for fact in card["facts"] if "/workflow-" not in fact["id"]]
    task, *told = [id for id in own if id not in must][:7]
    yield _said("task", f"The task of {{name:{card['id']}}} is {{claim:%s}}.", task)
    for i, id in enumerate(told):
        yield _said("workflow" if i else "task", "{claim:%s}" if i else "In short: {claim:%s}", id)


def _said(section: str, text: str, id: str) -> Reply:
    return {"section": section, "text": text % id, "facts": [id], "evidence": []}


def _measured(item: Mapping[str, Any]) -> Reply:
    text = f"{item['quantity'].capitalize()}: {{evidence:{item['id']}}}."
    return {"section": "evidence", "text": text, "facts": [], "evidence": [item["id"]]}


_FILLED: dict[str, Callable[[Mapping[str, Any]], Reply]] = {
    "plan": _plan,
    "write": _draft,
}
