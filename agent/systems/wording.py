"""How evidence is looked up and compared where sentences are made of it."""

from __future__ import annotations

from agent.systems.spec import Findings
from agent.types import Evidence

#: Smaller relative differences are called none: they are within what another crop would change.
_SAME = 0.03


def take(found: Findings, *keys: str) -> list[Evidence] | None:
    """The evidence of all these keys, or None where one could not be measured."""
    return [found[key] for key in keys] if all(key in found for key in keys) else None


def compared(old: float, new: float, *, less: str, more: str, same: str) -> str:
    """Whichever of the three words says how `new` relates to `old`."""
    if abs(new - old) <= _SAME * max(abs(old), abs(new)):
        return same
    return less if new < old else more
