"""Helpers for wording evidence as sentences."""

from __future__ import annotations

from agent.systems.criterion import EvidenceByKey, Finding
from agent.systems.spec import Reply
from agent.types import Evidence


def take(findings: EvidenceByKey, *keys: str) -> list[Evidence] | None:
    """Return the evidence of all these keys, or None if one could not be measured."""
    return [findings[key] for key in keys] if all(key in findings for key in keys) else None


def reply(finding: Finding) -> Reply:
    """Return the reply to whether something is unchanged, from a finding on its change."""
    hoped, feared = {
        "supported": ("Yes", "No"),
        "contradicted": ("No", "Yes"),
        "untested": ("Almost", "A little"),
    }[finding.outcome]
    return Reply(finding.outcome, hoped, feared)


def went(before: Evidence, after: Evidence) -> str:
    """Return how a value changed, in the form `went from 2 px to 1 px`."""
    old, new = before.format(), after.format()
    return f"stayed at {old}" if old == new else f"went from {old} to {new}"
