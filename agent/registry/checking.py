"""Checks of a whole registry file: every entry, and their agreement with each other."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from agent.errors import RegistryError
from agent.registry.answers import cards_cited, faults_of
from agent.registry.program import program
from agent.registry.rules import check_entry, check_question, items_of, nearest_of, read_card
from agent.registry.strict_yaml import Entry, Path, Unreadable, excerpt, read_lists
from agent.systems.catalogue import TOOLS
from agent.text import visible
from agent.types import PROGRAM, SPANNING, Card, CuratedAnswer

MAX_PROBLEMS = 1000
"""Largest number of problems listed."""


def checked_rows(
    name: str, data: bytes, tools: Collection[str] | None
) -> Iterator[tuple[str, bytes]]:
    """Yield id and JSON of every card of a registry file, in order, then of its own questions.

    Questions that span cards, if any, come as one JSON list under the id `SPANNING`.

    Args:
        name: the name of the file, for messages.
        tools: allowed values of `tool`; by default the tools of this version.

    Raises:
        RegistryError: after the last card, with all problems, sorted by line.
    """
    file = _File(name, TOOLS if tools is None else tools)
    try:
        for key, entry in read_lists(data, "models", "questions"):
            yield from file.add(entry) if key == "models" else file.add_question(entry)
        file.check_references()
        file.check_answers(data)
        yield from file.questions()
    except Unreadable as fault:
        file.problems.append((fault.line, f"{name}:{fault.line}: {fault.message}"))
    if file.problems:
        lines = [text for _, text in sorted(file.problems, key=lambda problem: problem[0])]
        if len(lines) > MAX_PROBLEMS:
            lines[MAX_PROBLEMS:] = [f"{name}: and {len(lines) - MAX_PROBLEMS:,} more problems"]
        raise RegistryError(lines)


class _File:
    """The state of the check while a file is read."""

    def __init__(self, name: str, tools: Collection[str]) -> None:
        self.name = name
        self.tools = tools
        self.problems: list[tuple[int, str]] = []
        self.entries = self.question_count = 0
        self.ids: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.aliases: list[tuple[int, str, str]] = []
        self.related: list[tuple[int, str, str]] = []
        self.own_questions: list[CuratedAnswer] = []
        self.spanning: list[tuple[Entry, Path, str, CuratedAnswer]] = []
        """Answers that cite facts of other cards: entry, place in it, name of its holder."""

    def add(self, entry: Entry) -> Iterator[tuple[str, bytes]]:
        """Check an entry, and yield its card as a row unless something is wrong."""
        self.entries += 1
        card = check_entry(entry, self.tools)
        id = entry.value.get("id") if isinstance(entry.value, dict) else None
        if isinstance(id, str):
            if id in self.ids:
                first = self.ids[id]
                entry.faults[("id",)] = f"{excerpt(id)} is also the id of the card in line {first}"
            if id == PROGRAM:
                entry.faults[("id",)] = f"{excerpt(id)} is the id of this program; choose another"
            self.ids.setdefault(id, entry.line)
            self._remember(id, entry)
        if card is not None:
            self._check_own_answers(card, entry)
        for path, message in entry.faults.items():
            self._problem(entry.line_of(path), self._card(id), path, message)
        if card is not None and not self.problems:
            yield card.id, card.model_dump_json(exclude_defaults=True).encode()

    def add_question(self, entry: Entry) -> Iterator[tuple[str, bytes]]:
        """Remember an answer that spans cards until all cards are read; yields no row yet."""
        answer = check_question(entry)
        self.question_count += 1
        for path, message in entry.faults.items():
            self._problem(entry.line_of(path), f"question {self.question_count}", path, message)
        if answer is not None:
            self.own_questions.append(answer)
            self.spanning.append((entry, (), f"question {self.question_count}", answer))
        return iter(())

    def questions(self) -> Iterator[tuple[str, bytes]]:
        """Yield the row of the questions that span cards."""
        if self.own_questions and not self.problems:
            answers = [a.model_dump(mode="json", exclude_defaults=True) for a in self.own_questions]
            yield SPANNING, json.dumps(answers, ensure_ascii=False).encode()

    def _check_own_answers(self, card: Card, entry: Entry) -> None:
        for i, question in enumerate(card.questions):
            answer, place = question.within(card.id), ("questions", i)
            if cards_cited(answer) == {card.id}:
                for path, message in faults_of(answer, {card.id: card}):
                    entry.faults.setdefault((*place, *path), message)
            else:
                self.spanning.append((entry, place, f"card {visible(card.id)}", answer))

    def check_answers(self, data: bytes) -> None:
        """Check answers against facts of other cards.

        The cards are read a second time for this: few registries have such answers, and memory is
        limited to the cited cards.
        """
        ids = {id for *_, answer in self.spanning for id in cards_cited(answer)}
        cards = {card.id: card for card in _cards(data, ids - {PROGRAM})}
        if PROGRAM in ids:
            cards[PROGRAM] = program()
        unreadable = ids.intersection(self.ids).difference(cards)
        for entry, place, holder, answer in self.spanning:
            if not unreadable.isdisjoint(cards_cited(answer)):
                continue  # the card itself is reported
            for path, message in faults_of(answer, cards):
                where = (*place, *path)
                self._problem(entry.line_of(where), holder, where, message)

    def _remember(self, id: str, entry: Entry) -> None:
        if isinstance(name := entry.value.get("name"), str):
            self.names.setdefault(name.casefold(), id)
        for key, rows in (("aliases", self.aliases), ("related", self.related)):
            for i, text in items_of(entry.value, key):
                rows.append((entry.line_of((key, i)), id, text))
        if isinstance(beside := entry.value.get("beside"), dict):
            self.related += [(entry.line_of(("beside", other)), id, other) for other in beside]

    def check_references(self) -> None:
        """Check references to cards; this comes last, since cards may refer to later ones."""
        unknown = [entry for entry in self.related if entry[2] not in self.ids]
        for i, (line, id, other) in enumerate(unknown):
            # Comparing thousands of wrong ids with 100,000 valid ones would take hours.
            hint = nearest_of(other, self.ids) if i < 20 else ""
            wrong = f"no card has the id {excerpt(other)}{hint}"
            self._problem(line, self._card(id), ("related",), wrong)
        for line, id, alias in self.aliases:
            owner = self.names.setdefault(alias.casefold(), id)
            if owner != id:
                wrong = f"{excerpt(alias)} also names card {visible(owner)}; aliases must differ"
                self._problem(line, self._card(id), ("aliases",), wrong)

    def _card(self, id: object) -> str:
        label = visible(id[:64]) if isinstance(id, str) and id else f"number {self.entries}"
        return f"card {label}"

    def _problem(self, line: int, holder: str, path: Path, message: str) -> None:
        key = f" key {_path_text(path)}:" if path else ""
        self.problems.append((line, f"{self.name}:{line}: {holder}:{key} {message}"))


def _cards(data: bytes, ids: Collection[str]) -> Iterator[Card]:
    """Yield the readable cards of a file that have one of the ids, valid or not."""
    if ids:
        for key, entry in read_lists(data, "models", "questions"):
            is_model = key == "models" and isinstance(entry.value, dict)
            if is_model and entry.value.get("id") in ids and (card := read_card(entry)):
                yield card


def _path_text(path: Path) -> str:
    """Return a place as `claims[2].text`, counted from 1."""
    text = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{visible(p[:40])}" for p in path)
    return text.lstrip(".")
