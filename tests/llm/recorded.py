"""Replies that a language model really gave, played back: where none may be called."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agent.llm.prompts import Prompt
from agent.registry import Registry
from agent.types import Question, Turn
from tests.llm.honest import numbers_of, sources_of


@dataclass(frozen=True)
class Recording:
    """A question with what a model replied to its prompts; its judge found every sentence right."""

    question: Question
    understanding: Mapping[str, Any]
    draft: Mapping[str, Any]

    def script(self, registry: Registry) -> Callable[[Prompt], str]:
        """A script for `agent.llm.Scripted`."""
        facts: dict[str, str] = {}
        for card in registry.cards():
            facts |= card.facts()

        def reply(prompt: Prompt) -> str:
            if prompt.name == "understand":
                return json.dumps(self.understanding)
            if prompt.name == "write":
                keys = {text: key for key, text in sources_of(prompt.values).items()}
                draft = _with_keys(self.draft, lambda fact: keys.get(facts.get(fact, ""), fact))
                return json.dumps(draft)
            verdicts = [
                {"number": number, "verdict": "entailed", "missing": ""}
                for number in numbers_of(prompt.values)
            ]
            return json.dumps({"judgements": verdicts})

        return reply


def recordings(path: Path) -> list[Recording]:
    """Those of a file."""
    entries = yaml.safe_load(path.read_text("utf-8"))
    return [
        Recording(
            Question(
                text=entry["question"],
                turns=tuple(Turn.model_validate(turn) for turn in entry.get("earlier", ())),
            ),
            entry["understand"],
            entry["write"],
        )
        for entry in entries
    ]


def _with_keys(draft: Mapping[str, Any], key_of: Callable[[str], str]) -> dict[str, Any]:
    """The draft with the keys of a prompt in the place of the ids of facts."""

    def keyed(sentence: Mapping[str, Any]) -> dict[str, Any]:
        return {**sentence, "sources": [key_of(fact) for fact in sentence["sources"]]}

    return {
        **draft,
        **{part: [*map(keyed, draft[part])] for part in ("answer", "steps", "details")},
        "limits": [key_of(fact) for fact in draft["limits"]],
    }
