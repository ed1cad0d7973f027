"""Evaluation of the check of other assistants' texts: how many true and false sentences it flags.

Each sentence is checked by itself, without a context that might say what it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import InputError
from agent.lab.evaluation.jsonl import read
from agent.llm.checking import CheckedText
from agent.pipeline import Agent
from agent.settings import Settings
from agent.text import visible

LABELS = ("supported", "unsupported")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of the check for one sentence."""

    text: str
    label: str
    kind: str
    checked: CheckedText

    @property
    def is_flagged(self) -> bool:
        """Whether the check objects to a link, number, name, claimed run or characters."""
        return any(kind != "no-fact" for kind in self._problems)

    @property
    def is_unmatched(self) -> bool:
        """Whether the only objection is that no fact is near."""
        return bool(self._problems) and not self.is_flagged

    @property
    def is_right(self) -> bool:
        return self.checked.passed == (self.label == "supported")

    @property
    def _problems(self) -> list[str]:
        return [p.kind for sentence in self.checked.sentences for p in sentence.problems]

    def to_dict(self) -> dict[str, Any]:
        problems = [p.model_dump() for s in self.checked.sentences for p in s.problems]
        return {"text": self.text, "label": self.label, "kind": self.kind, "problems": problems}


@dataclass(frozen=True, slots=True)
class CheckQuality:
    """The results of the check for all sentences."""

    outcomes: Sequence[Outcome]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        rows = [{"kind": name, **_counts(outcomes)} for name, outcomes in self._groups()]
        wrong = [one.to_dict() for one in self.outcomes if not one.is_right]
        return {"sentences": len(self.outcomes), "kinds": rows, "wrong": wrong}

    def to_table(self) -> str:
        """Return lines for a terminal."""
        heads = ("flagged", "unmatched", "passed")
        lines = [f"{'sentences':40}{'n':>5}" + "".join(f"{head:>11}" for head in heads)]
        for name, outcomes in self._groups():
            numbers = _counts(outcomes).values()
            lines.append(f"{visible(name):40}" + "".join(
                f"{number:{5 if i == 0 else 11}}" for i, number in enumerate(numbers)
            ))  # fmt: skip
        return "\n".join(lines)

    def _groups(self) -> Iterator[tuple[str, list[Outcome]]]:
        for label in LABELS:
            outcomes = [one for one in self.outcomes if one.label == label]
            for kind in dict.fromkeys(one.kind for one in outcomes):
                yield f"{label}: {kind}", [one for one in outcomes if one.kind == kind]
            if outcomes:
                yield f"{label}: all", outcomes


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {
        "sentences": len(outcomes),
        "flagged": sum(one.is_flagged for one in outcomes),
        "unmatched": sum(one.is_unmatched for one in outcomes),
        "passed": sum(one.checked.passed for one in outcomes),
    }


def evaluate(
    path: Path, settings: Settings, progress: Callable[[str], None] = lambda _: None
) -> CheckQuality:
    """Check each sentence of a file.

    Args:
        path: JSON lines with `text`, `label` (`supported` or `unsupported`) and `kind`.

    Raises:
        InputError: for a file or line that cannot be used.
    """
    agent = Agent(settings)
    outcomes = []
    for number, line in read(path, ("text", "label", "kind")):
        if line["label"] not in LABELS:
            raise InputError(
                f"{visible(str(path))}:{number}: the label {line['label']!r} is not known; "
                f"expected {' or '.join(LABELS)}"
            )
        progress(f"{number} sentences")
        checked = agent.check(line["text"])
        outcomes.append(Outcome(line["text"], line["label"], line["kind"], checked))
    if not outcomes:
        raise InputError(f"{visible(str(path))}: has no sentences; expected one per line")
    return CheckQuality(outcomes)
