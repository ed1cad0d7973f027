"""A comparison of two reports as text for a person."""

from __future__ import annotations

from collections.abc import Iterator

from agent.report.differences import Comparison, Difference
from agent.report.single_line import counted
from agent.text import visible

_HASH = 12
_LONGEST = 70


def to_text(comparison: Comparison) -> str:
    """Return a summary, then one line per difference; safe to print on a terminal."""
    return "\n".join(_lines(comparison))


def _lines(comparison: Comparison) -> Iterator[str]:
    apart = [item for item in comparison.outcomes if not item.within]
    near = [item for item in comparison.outcomes if item.within]
    counts = ", ".join(_count(n, what) for what, n in comparison.compared.items() if n)
    if comparison.same:
        how = f", {len(near)} of them within the tolerance" if near else ""
        yield f"Same result: {counts or 'no answer'}{how}."
    else:
        number = counted(len(apart), "difference")
        yield f"Different result: {number} in {counts or 'the answer'}."
    for title, items in (
        ("Conditions that differ:", comparison.conditions),
        ("Results that differ:", apart),
        ("Within the tolerance:", near),
    ):
        if items:
            yield ""
            yield title
            yield from map(_line, items)


def _count(number: int, plural: str) -> str:
    """Return a number of outcomes of a kind, such as `1 picture`."""
    return counted(number, "measurement" if plural == "evidence" else plural.removesuffix("s"))


def _line(item: Difference) -> str:
    if item.old is None or item.new is None:
        value = _short(item.old if item.new is None else item.new)
        change = f"{'only in the first' if item.new is None else 'only in the second'}: {value}"
    else:
        change = f"{_short(item.old)} → {_short(item.new)}"
    note = f" ({item.note})" if item.note else ""
    return visible(f"  {item.part:11} {item.key}: {change}{note}")


def _short(text: str | None) -> str:
    line = " ".join((text or "").split())
    if len(line) == 64 and set(line) <= set("0123456789abcdef"):
        return line[:_HASH]
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
