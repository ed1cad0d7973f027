"""Faults of a model's reply. Reports count their kinds; only the model sees the details.

Rejected text must not reach a report, not even as a quotation.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal[
    "reply of another form",
    "reply cut off or too long",
    "refusal",
    "unknown source",
    "no source",
    "nothing said",
    "too long",
    "unsafe characters",
    "link or markup",
    "wrong number",
    "number of another subject",
    "foreign name",
    "run that is not in evidence",
    "first person",
    "another language",
    "not supported by its sources",
    "not judged",
]


class Fault(NamedTuple):
    """A fault of a reply."""

    kind: Kind
    detail: str
    """For the model: where, what and what is expected."""
