"""A strict, streaming YAML reader that keeps line numbers; knows nothing about cards.

Values are those of `yaml.safe_load`, minus what only attackers need: anchors, aliases, merge keys
and tags are refused, and so are duplicate keys and deep nesting. A text is one paragraph: white
space and line breaks collapse into single spaces. The reader consumes parser events, so that memory
is limited to one entry, however long the list.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from agent.files import encoding_of, not_text
from agent.text import visible

Path = tuple[str | int, ...]
"""Keys and positions that lead from the entry to a value."""

MAX_DEPTH = 8
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep; no key needs that"
MAX_FIGURE = 100
"""Longest number or date, in characters: parsing YAML's base-60 numbers takes quadratic time."""
_SPACE = re.compile(r"[ \t\r\n]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_KINDS = {
    "null": "nothing", "bool": "a boolean", "int": "a whole number", "float": "a number",
    "timestamp": "a date", "merge": "a merge key", "value": "a special key",
}  # fmt: skip

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unreadable(Exception):
    """The bytes are not YAML lists under the expected keys; reading stops.

    Args:
        line: line number, from 1.
        message: what is wrong and what is expected.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass
class Entry:
    """One item of the list, as read; nested lists are tuples."""

    value: Any = None
    line: int = 0
    lines: dict[Path, int] = field(default_factory=dict)
    plain: dict[Path, tuple[str, str]] = field(default_factory=dict)
    """Unquoted scalars that YAML does not read as text: their type, and their source text."""
    faults: dict[Path, str] = field(default_factory=dict)
    """Error messages by place."""

    def line_of(self, path: Path) -> int:
        """Return the line, from 1, of the deepest part of the path that exists in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, self.line)


def excerpt(text: str, limit: int = 60) -> str:
    """Quote a value from the file for an error message: short and printable."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return "'" + "".join(map(_printable, short)) + "'"


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def read_lists(data: bytes, *keys: str) -> Iterator[tuple[str, Entry]]:
    """Yield the entries of the lists under the top-level keys of a YAML file, each with its key.

    Args:
        data: UTF-8, UTF-16 or UTF-32.
        keys: the allowed keys in order; only the first is required.

    Raises:
        Unreadable: for invalid text, invalid YAML, or another top-level structure. Entries before
            the fault have been yielded by then.
    """
    data = _in_utf8(data)
    _check_bytes(data)
    try:
        yield from _Reader(data).entries(keys)
    except yaml.YAMLError as error:
        raise _unreadable(error, data) from None


def _in_utf8(data: bytes) -> bytes:
    encoding = encoding_of(data[:4])
    if encoding in ("utf-8", "utf-8-sig"):
        return data
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError as problem:
        raise Unreadable(1, not_text(encoding, problem)) from None


def _check_bytes(data: bytes) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    step = 1 << 20
    for start in range(0, len(data), step):
        chunk = data[start : start + step]
        try:
            decoder.decode(chunk, final=start + step >= len(data))
        except UnicodeDecodeError as error:
            bad = error.object[error.start]
            line = data.count(b"\n", 0, start) + error.object.count(b"\n", 0, error.start) + 1
            raise Unreadable(
                line, f"byte 0x{bad:02X} is not valid UTF-8; save the file as UTF-8"
            ) from None
    if control := _CONTROL.search(data):
        line = data.count(b"\n", 0, control.start()) + 1
        raise Unreadable(
            line, f"control character U+{control[0][0]:04X}; expected printable text; remove it"
        )


def _unreadable(error: yaml.YAMLError, data: bytes) -> Unreadable:
    if isinstance(error, yaml.MarkedYAMLError):
        start = error.context_mark
        where = f" begun in line {start.line + 1}" if start else ""
        what = f"{error.context}{where}: " if error.context else ""
        mark = error.problem_mark or start
        if "nesting" in str(error.problem):  # libyaml has its own limit
            return Unreadable(mark.line + 1 if mark else 1, _TOO_DEEP)
        message = f"is not valid YAML: {visible(f'{what}{error.problem}')}"
        return Unreadable(mark.line + 1 if mark else 1, message)
    line = data.count(b"\n", 0, getattr(error, "position", 0)) + 1
    return Unreadable(line, f"is not valid YAML: {visible(' '.join(str(error).split()))}")


class _Reader:
    """Pulls parser events and builds one entry at a time."""

    def __init__(self, data: bytes) -> None:
        self.loader = _Loader(data)
        self.entry = Entry()

    def entries(self, keys: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        first, *others = keys
        beside = f"`{'` and `'.join(others)}` may follow" if others else "nothing beside it"
        form = f"expected `{first}:` with a list of entries, and {beside}"
        self._next()
        if isinstance(event := self._next(), yaml.StreamEndEvent):
            raise Unreadable(1, f"the file is empty; {form}")
        self._expect(event := self._next(), yaml.MappingStartEvent, form)
        name = self._next()
        if not (isinstance(name, yaml.ScalarEvent) and name.value == first):
            actual = excerpt(name.value) if isinstance(name, yaml.ScalarEvent) else "something else"
            raise Unreadable(_line(name), f"the first key is {actual}; {form}")
        yield from self._list(first, form)
        while isinstance(event := self._next(), yaml.ScalarEvent):
            if event.value not in others:
                raise Unreadable(_line(event), f"unknown key {excerpt(event.value)}; {form}")
            others.remove(event.value)
            yield from self._list(event.value, form)
        self._expect(event, yaml.MappingEndEvent, form)
        self._next()
        self._expect(self._next(), yaml.StreamEndEvent, "a second document begins; expected one")

    def _list(self, key: str, form: str) -> Iterator[tuple[str, Entry]]:
        self._expect(self._next(), yaml.SequenceStartEvent, f"`{key}` is not a list; {form}")
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            self.entry = Entry(line=_line(event))
            self.entry.value = self._value(event, ())
            yield key, self.entry

    def _next(self) -> Any:
        return self.loader.get_event()

    def _expect(self, event: Any, kind: type, message: str) -> None:
        if not isinstance(event, kind):
            raise Unreadable(_line(event), message)
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise Unreadable(_line(event), "anchors and tags are not allowed; write plain YAML")

    def _fault(self, path: Path, message: str) -> None:
        self.entry.faults.setdefault(path, message)

    def _value(self, event: Any, path: Path) -> Any:
        if path:
            self.entry.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            self._fault(path, f"alias {excerpt(str(event.anchor))} is not allowed; write it out")
            return None
        if event.anchor:
            self._fault(path, f"anchor {excerpt(event.anchor)} is not allowed; remove it")
        if event.tag:
            self._fault(path, f"tag {excerpt(event.tag)} is not allowed; write a plain value")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if len(path) >= MAX_DEPTH:
            # Stop here: the scanner's time is quadratic in the depth.
            raise Unreadable(_line(event), _TOO_DEEP)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: Path) -> tuple[Any, ...]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return tuple(items)

    def _mapping(self, path: Path) -> dict[str, Any]:
        content: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, path)
            place = (*path, key)
            first = self.entry.lines.get(place)
            self.entry.lines[place] = _line(event)
            if key in content:
                self._fault(place, f"occurs twice, first in line {first}; keep one")
            elif key == "<<" and not event.style:
                self._fault(place, "merge keys are not allowed; write the keys out")
            content[key] = self._value(self._next(), place)
        return content

    def _key(self, event: Any, path: Path) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._fault((*path, "?"), "a key is not text; expected a word")
            self._value(event, (*path, "?"))
            return "?"
        place = (*path, event.value)
        if event.anchor or event.tag:
            self._fault(place, "anchors and tags are not allowed; write a plain key")
        kind = self._kind(event)
        if kind not in ("str", "merge"):
            self._fault(place, f"the key is read as {_KINDS[kind]}; write it in quotes")
        return str(event.value)

    def _kind(self, event: Any) -> str:
        tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        return str(tag).rpartition(":")[2]

    def _scalar(self, event: Any, path: Path) -> Any:
        if event.style or event.tag or (kind := self._kind(event)) == "str":
            return _SPACE.sub(" ", event.value).strip(" ")
        self.entry.plain[path] = (_KINDS[kind], event.value)
        if kind in ("merge", "value"):
            return event.value
        with suppress(ValueError, OverflowError):
            if len(event.value) <= MAX_FIGURE:
                node = yaml.ScalarNode(f"tag:yaml.org,2002:{kind}", event.value)
                return self.loader.yaml_constructors[node.tag](self.loader, node)
        self._fault(path, f"{excerpt(event.value)} is read as {_KINDS[kind]}; write it in quotes")
        return None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
