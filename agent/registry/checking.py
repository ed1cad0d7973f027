"""A registry file checked as a whole: every entry, what must agree between them, every problem."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from agent.errors import RegistryError
from agent.registry.rules import check_entry, items_of, nearest_of
from agent.registry.strict_yaml import Entry, Path, Unreadable, read_list, shown
from agent.systems.catalogue import TOOLS
from agent.text import visible

MAX_PROBLEMS = 1000
"""Most problems that one report lists."""


def checked_rows(
    name: str, data: bytes, tools: Collection[str] | None
) -> Iterator[tuple[str, bytes]]:
    """Id and JSON of every card of a registry file, in its order.

    Args:
        name: of the file, for messages.
        tools: legal values of `tool`; None takes those that this version has.

    Raises:
        RegistryError: with all problems, sorted by line, after the last card.
    """
    file = _File(name, TOOLS if tools is None else tools)
    try:
        for entry in read_list(data, "models"):
            yield from file.add(entry)
        file.check_references()
    except Unreadable as fault:
        file.problems.append((fault.line, f"{name}:{fault.line}: {fault.message}"))
    if file.problems:
        lines = [text for _, text in sorted(file.problems, key=lambda problem: problem[0])]
        if len(lines) > MAX_PROBLEMS:
            lines[MAX_PROBLEMS:] = [f"{name}: and {len(lines) - MAX_PROBLEMS:,} more problems"]
        raise RegistryError(lines)


class _File:
    """What is known of a file while it is read."""

    def __init__(self, name: str, tools: Collection[str]) -> None:
        self.name = name
        self.tools = tools
        self.problems: list[tuple[int, str]] = []
        self.entries = 0
        self.ids: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.aliases: list[tuple[int, str, str]] = []
        self.related: list[tuple[int, str, str]] = []

    def add(self, entry: Entry) -> Iterator[tuple[str, bytes]]:
        """The card of an entry as a row, unless anything is wrong with it."""
        self.entries += 1
        card = check_entry(entry, self.tools)
        id = entry.value.get("id") if isinstance(entry.value, dict) else None
        if isinstance(id, str):
            if id in self.ids:
                first = self.ids[id]
                entry.faults[("id",)] = f"{shown(id)} is the id of the card in line {first} too"
            self.ids.setdefault(id, entry.line)
            self._remember(id, entry)
        for path, message in entry.faults.items():
            self._problem(entry.line_of(path), self._card(id), path, message)
        if card is not None and not self.problems:
            yield card.id, card.model_dump_json(exclude_defaults=True).encode()

    def _remember(self, id: str, entry: Entry) -> None:
        if isinstance(name := entry.value.get("name"), str):
            self.names.setdefault(name.casefold(), id)
        for key, known in (("aliases", self.aliases), ("related", self.related)):
            for i, text in items_of(entry.value, key):
                known.append((entry.line_of((key, i)), id, text))

    def check_references(self) -> None:
        """Cards are referred to before they are read, so this is the last check."""
        unknown = [entry for entry in self.related if entry[2] not in self.ids]
        for i, (line, id, other) in enumerate(unknown):
            # Comparing thousands of wrong ids with 100 000 right ones would take hours.
            hint = nearest_of(other, self.ids) if i < 20 else ""
            wrong = f"no card has the id {shown(other)}{hint}"
            self._problem(line, self._card(id), ("related",), wrong)
        for line, id, alias in self.aliases:
            owner = self.names.setdefault(alias.casefold(), id)
            if owner != id:
                wrong = f"{shown(alias)} names card {visible(owner)} too; an alias must name one"
                self._problem(line, self._card(id), ("aliases",), wrong)

    def _card(self, id: object) -> str:
        return visible(id[:64]) if isinstance(id, str) and id else f"number {self.entries}"

    def _problem(self, line: int, card: str, path: Path, message: str) -> None:
        key = f" key {_written(path)}:" if path else ""
        self.problems.append((line, f"{self.name}:{line}: card {card}:{key} {message}"))


def _written(path: Path) -> str:
    """A place as `claims[2].text`, counted from 1."""
    text = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{visible(p[:40])}" for p in path)
    return text.lstrip(".")
