"""How evidence is looked up, and its sentences joined, wherever sentences are made of it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.systems.criterion import Finding, Findings
from agent.systems.spec import Reply
from agent.types import Evidence


def take(findings: Findings, *keys: str) -> list[Evidence] | None:
    """The evidence of all these keys, or None where one could not be measured."""
    return [findings[key] for key in keys] if all(key in findings for key in keys) else None


def reply(finding: Finding) -> Reply:
    """Yes or no to whether something is as it was, by what was found of its change."""
    hoped, feared = {
        "supported": ("Yes", "No"),
        "contradicted": ("No", "Yes"),
        "untested": ("Almost", "A little"),
    }[finding.outcome]
    return Reply(finding.outcome, hoped, feared)


def went(before: Evidence, after: Evidence) -> str:
    """What became of a value, as an answer prints it: `went from 2 px to 1 px`."""
    old, new = before.shown(), after.shown()
    return f"stayed at {old}" if old == new else f"went from {old} to {new}"


def joined(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
