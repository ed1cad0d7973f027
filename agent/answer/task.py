from __future__ import annotations

from collections.abc import Sequence

from agent.types import Card, ParsedQuestion


def task_of(
    text: str, parsed: ParsedQuestion, cards: Sequence[Card]
) -> list[tuple[str, tuple[str, ...]]]:
    return [(f"You ask: {text}", ())]
