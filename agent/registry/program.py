"""The card of this program: what may be said about Groundglass itself, whatever registry is used.

It is written like the cards of a registry, in `program.yaml` beside this file, and held to the same
rules by a test. It is never cited as a reference.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from agent.types import Card

FILE = Path(__file__).with_name("program.yaml")


@cache
def program() -> Card:
    """The card of this program."""
    from agent.registry.strict_yaml import read_lists  # most answers need no YAML

    ((_, entry),) = read_lists(FILE.read_bytes(), "models")
    return Card.model_validate(entry.value, strict=True)
