"""Types of values in a language file, and how the values of several languages merge."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Self

import yaml

from agent.errors import ConfigError

LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # reads `no` as a word, not as False
_CAPITAL_CLASS = re.compile(r"\\[A-Z]")


class Text(str):
    """Any text."""

    @classmethod
    def read(cls, node: Any) -> Self:
        return cls(_text(node))


class Rank(int):
    """A whole number."""

    @classmethod
    def read(cls, node: Any) -> Self:
        try:
            return cls(_text(node))
        except ValueError:
            refuse(node, f"expected a whole number, got {node.value!r}")


class Words(tuple[str, ...]):
    """Words separated by white space."""

    @classmethod
    def read(cls, node: Any) -> Self:
        return cls(_each_once(node, _text(node).split()))

    @classmethod
    def union(cls, parts: Iterable[Self]) -> Self:
        return cls(dict.fromkeys(chain.from_iterable(parts)))


class Votes(Words):
    """Words, where a repeated one counts twice."""

    @classmethod
    def read(cls, node: Any) -> Self:
        return cls(_text(node).split())


class Triggers(Words):
    """Words, stems and phrases in the syntax of `agent.question.words`, separated by commas."""

    @classmethod
    def read(cls, node: Any) -> Self:
        return cls(_each_once(node, [" ".join(t.split()) for t in _text(node).split(",")]))


class Patterns(Words):
    r"""Regular expressions for text in lower case without accents; groups do not capture.

    Those called phrases match words separated by one space without punctuation; in them `<some>`
    stands for up to four words. Other names in angle brackets stand for the value of that key.
    """

    @classmethod
    def read(cls, node: Any) -> Self:
        if not isinstance(node, yaml.SequenceNode):
            refuse(node, "expected a list of regular expressions, each after a dash")
        for entry in node.value:
            if _CAPITAL_CLASS.search(_text(entry)):
                refuse(entry, f"a class such as \\W would be read as \\w; got {entry.value!r}")
        return cls(_each_once(node, [entry.value for entry in node.value]))


class Table(tuple[tuple[str, Triggers], ...]):
    """Triggers by name."""

    @classmethod
    def read(cls, node: Any) -> Self:
        return cls((key.value, Triggers.read(value)) for key, value in _entries(node))

    @classmethod
    def union(cls, parts: Iterable[Self]) -> Self:
        united: dict[str, list[Triggers]] = {}
        for name, triggers in chain.from_iterable(parts):
            united.setdefault(name, []).append(triggers)
        return cls((name, Triggers.union(several)) for name, several in united.items())


class Glossary(Text):
    """A table as a block of text, after `|`, parsed on demand, since many are large."""

    _mark: Any = None

    @classmethod
    def read(cls, node: Any) -> Self:
        glossary = super().read(node)
        glossary._mark = node.start_mark
        return glossary

    @cached_property
    def table(self) -> Table:
        """Triggers by name.

        Raises:
            ConfigError: for an invalid table; the message names the line.
        """
        if not self:
            return Table()
        block = StringIO("\n" * (self._mark.line + 1) + self)
        block.name = self._mark.name
        return Table.read(yaml.compose(block, Loader=LOADER))


class Numbers(tuple[tuple[str, float], ...]):
    """Numbers by word."""

    @classmethod
    def read(cls, node: Any) -> Self:
        return cls((key.value, _number(value)) for key, value in _entries(node))

    @classmethod
    def union(cls, parts: Iterable[Self]) -> Self:
        united: dict[str, float] = {}
        for word, number in chain.from_iterable(parts):
            if (other := united.setdefault(word, number)) != number:
                raise ConfigError(
                    f"{word!r} is {other:g} in one language and {number:g} in another; "
                    "leave it out of one"
                )
        return cls(united.items())


class Section:
    """A mapping with fixed keys: the attributes of the class."""

    _kinds: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        kinds = (Text, Rank, Words, Table, Numbers, Section)
        own = {key: type(value) for key, value in vars(cls).items() if isinstance(value, kinds)}
        cls._kinds = cls._kinds | own

    def __init__(self, **values: Any) -> None:
        vars(self).update(values)  # building dataclasses takes longer than reading the files

    @classmethod
    def read(cls, node: Any) -> Self:
        for key, _ in (entries := _entries(node)):
            if key.value not in cls._kinds:
                refuse(key, f"there is no key {key.value!r} here; expected {', '.join(cls._kinds)}")
        return cls(**{key.value: cls._kinds[key.value].read(value) for key, value in entries})

    @classmethod
    def union(cls, parts: Iterable[Self]) -> Self:
        each = list(parts)
        return cls(
            **{
                name: kind.union([getattr(part, name) for part in each])
                for name, kind in cls._kinds.items()
            }
        )


def refuse(node: Any, reason: str) -> NoReturn:
    """Raise a ConfigError with file and line."""
    mark = node.start_mark
    raise ConfigError(f"{Path(mark.name).name}, line {mark.line + 1}: {reason}")


def _text(node: Any) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        refuse(node, "expected text")
    return str(node.value)


def _number(node: Any) -> float:
    try:
        return float(_text(node))
    except ValueError:
        refuse(node, f"expected a number, got {node.value!r}")


def _entries(node: Any) -> list[tuple[Any, Any]]:
    if not isinstance(node, yaml.MappingNode):
        refuse(node, "expected keys with values")
    for key, _ in node.value:
        _text(key)
    _each_once(node, [key.value for key, _ in node.value])
    return list(node.value)


def _each_once(node: Any, entries: list[str]) -> list[str]:
    earlier: set[str] = set()
    for entry in entries:
        if not entry:
            refuse(node, "an entry is empty")
        if entry in earlier:
            refuse(node, f"{entry!r} appears twice")
        earlier.add(entry)
    return entries
