"""The card of this program: the facts about Groundglass itself, whatever registry is in use.

`program.yaml` beside this file has the format of a registry, and a test checks it by the same
rules. The card is never cited as a reference.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from agent.types import Card

FILE = Path(__file__).with_name("program.yaml")


@cache
def program() -> Card:
    """Return the card of this program."""
    from agent.registry.strict_yaml import read_lists  # most answers need no YAML

    ((_, entry),) = read_lists(FILE.read_bytes(), "models")
    return Card.model_validate(entry.value, strict=True)
