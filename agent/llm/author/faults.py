"""What can be wrong with a model's reply. Reports count kinds; only the model is told the details.

What a model wrote and was turned down for must not come back in a report, not even as a quotation.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal[
    "reply of another form",
    "reply cut off or too long",
    "refusal",
    "unknown key or placeholder",
    "number of its own",
    "link or markup of its own",
    "invisible or mixed characters",
    "run that is not in evidence",
    "system that its facts do not name",
    "word without a source",
    "denial without a source, or left out",
    "another language",
    "something left out",
    "statement without support",
    "nothing said",
]


class Fault(NamedTuple):
    """One thing that is wrong."""

    kind: Kind
    detail: str
    """For the model: where, what and what is expected."""

    def at(self, place: str) -> Fault:
        return Fault(self.kind, f"{place}: {self.detail}")
