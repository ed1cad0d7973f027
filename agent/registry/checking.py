"""A registry file checked as a whole: every entry, what must agree between them, every problem."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module

from agent.errors import RegistryError
from agent.registry.reading import Entry, Path, Unreadable, read_list, shown
from agent.registry.rules import check_entry, nearest_of
from agent.text import visible
from agent.types import Card

MAX_PROBLEMS = 1000
"""Most problems that one report lists."""


def checked_rows(name: str, data: bytes, tools: Collection[str] | None) -> list[tuple[str, bytes]]:
    """Id and JSON of every card of a registry file, in its order.

    Args:
        name: of the file, for messages.
        tools: legal values of `tool`; None takes those that this version has.

    Raises:
        RegistryError: with all problems, sorted by line.
    """
    file = _File(name, import_module("agent.tools").TOOLS if tools is None else tools)
    try:
        for entry in read_list(data, "models"):
            file.add(entry)
    except Unreadable as fault:
        file.problems.append((fault.line, f"{name}:{fault.line}: {fault.message}"))
    file.check_related()
    if file.problems:
        lines = [text for _, text in sorted(file.problems, key=lambda problem: problem[0])]
        if len(lines) > MAX_PROBLEMS:
            lines[MAX_PROBLEMS:] = [f"{name}: and {len(lines) - MAX_PROBLEMS:,} more problems"]
        raise RegistryError(lines)
    return file.rows


class _File:
    """What is known of a file while it is read."""

    def __init__(self, name: str, tools: Collection[str]) -> None:
        self.name = name
        self.tools = tools
        self.rows: list[tuple[str, bytes]] = []
        self.problems: list[tuple[int, str]] = []
        self.entries = 0
        self.ids: dict[str, int] = {}
        self.aliases: dict[str, str] = {}
        self.related: list[tuple[int, str, str]] = []

    def add(self, entry: Entry) -> None:
        self.entries += 1
        card = check_entry(entry, self.tools)
        id = entry.value.get("id") if isinstance(entry.value, dict) else None
        if isinstance(id, str) and ("id",) not in entry.faults:
            if id in self.ids:
                entry.faults[("id",)] = (
                    f"{id} is the id of the card in line {self.ids[id]} too; ids must differ"
                )
            self.ids.setdefault(id, entry.line)
        if card is not None:
            self._add_card(card, entry)
        for path, message in entry.faults.items():
            self._problem(entry.line_of(path), id, path, message)

    def _add_card(self, card: Card, entry: Entry) -> None:
        for i, alias in enumerate(card.aliases):
            owner = self.aliases.setdefault(alias.casefold(), card.id)
            if owner != card.id:
                entry.faults[("aliases", i)] = (
                    f"{shown(alias)} is an alias of card {owner} too; an alias must name one card"
                )
        for i, other in enumerate(card.related):
            self.related.append((entry.line_of(("related", i)), card.id, other))
        self.rows.append((card.id, card.model_dump_json(exclude_defaults=True).encode()))

    def check_related(self) -> None:
        """Related cards may come later in the file, so this is the last check."""
        for line, id, other in self.related:
            if other not in self.ids:
                hint = nearest_of(other, self.ids)
                self._problem(line, id, ("related",), f"no card has the id {shown(other)}{hint}")

    def _problem(self, line: int, id: object, path: Path, message: str) -> None:
        card = visible(id[:64]) if isinstance(id, str) and id else f"number {self.entries}"
        key = f" key {_written(path)}:" if path else ""
        self.problems.append((line, f"{self.name}:{line}: card {card}:{key} {message}"))


def _written(path: Path) -> str:
    """A place as `claims[2].text`, counted from 1."""
    text = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{visible(p[:40])}" for p in path)
    return text.lstrip(".")
