"""model_registry.yaml → Cards: the only sources that an answer may cite.

A file is checked as a whole and loaded as a whole or not at all. What was checked is kept in the
cache under the hash of the file, so that 100 000 cards open as fast as the file can be hashed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from agent.errors import InputError, RegistryError
from agent.files import open_input, write_whole
from agent.registry.packed import Damaged, Pack, pack
from agent.registry.program import program
from agent.text import visible
from agent.types import PROGRAM, SPANNING, Card, CuratedAnswer

MAX_BYTES = 512 * 2**20
"""Largest registry file."""
FORMAT = 2
"""Of what the cache keeps; raise it whenever the keys of a card or the rules change."""


_Noun = TypeVar("_Noun")
_CARD: TypeAdapter[Card] = TypeAdapter(Card)
_ANSWERS: TypeAdapter[tuple[CuratedAnswer, ...]] = TypeAdapter(tuple[CuratedAnswer, ...])


class Registry:
    """Cards in the order of their file, read-only; a card is decoded when it is asked for.

    The card of this program can be had by its id too; it is none of those that are counted and
    listed.

    Args:
        cards: what was checked.
        sha256: hash of the file's bytes; of the cards' JSON where there is no file.
        path: the file.
        rebuild: makes the cards anew when those of the cache turn out to be damaged.
    """

    def __init__(
        self,
        cards: Pack,
        sha256: str,
        path: Path | None = None,
        rebuild: Callable[[], Pack] | None = None,
    ) -> None:
        self.sha256 = sha256
        self.path = path
        self._pack = cards
        self._rebuild = rebuild
        self._card = lru_cache(maxsize=256)(self._find)

    @classmethod
    def from_cards(
        cls,
        cards: Iterable[Card],
        path: Path | None = None,
        questions: Iterable[CuratedAnswer] = (),
    ) -> Registry:
        """A registry of cards made elsewhere; only that their ids differ is checked.

        Raises:
            InputError: for an id that occurs twice.
        """
        rows: dict[str, bytes] = {}
        for card in cards:
            if card.id in rows:
                raise InputError(f"two cards have the id {visible(card.id)}; ids must differ")
            rows[card.id] = card.model_dump_json(exclude_defaults=True).encode()
        if spanning := tuple(questions):
            rows[SPANNING] = _ANSWERS.dump_json(spanning, exclude_defaults=True)
        digest = hashlib.sha256(b"\n".join(rows.values())).hexdigest()
        return cls(Pack(pack(rows.items())), digest, path)

    def __len__(self) -> int:
        return len(self._pack) - (self._pack.row(SPANNING) is not None)

    def __iter__(self) -> Iterator[str]:
        return islice(self._pack.ids(), len(self))  # the row of questions is the last

    def __contains__(self, id: object) -> bool:
        return id == PROGRAM or (isinstance(id, str) and self._pack.row(id) is not None)

    def __getitem__(self, id: str) -> Card:
        """The card of an id.

        Raises:
            InputError: for an id that no card has; names the nearest ones.
        """
        return self._card(id)

    def cards(self) -> Iterator[Card]:
        """All cards in file order, decoded one at a time."""
        return map(self._decode, range(len(self)))

    @cached_property
    def questions(self) -> tuple[CuratedAnswer, ...]:
        """Curated answers that span cards."""
        row = self._pack.row(SPANNING)
        return () if row is None else self._read(row, _ANSWERS)

    def _find(self, id: str) -> Card:
        if id == PROGRAM:
            return program()
        row = self._pack.row(id)
        if row is None:
            from agent.registry.rules import nearest_of

            hint = nearest_of(id, self) or "; `groundglass registry list` shows all"
            raise InputError(f"no card has the id '{visible(id)}'{hint}")
        return self._decode(row)

    def _decode(self, row: int) -> Card:
        return self._read(row, _CARD)

    def _read(self, row: int, kind: TypeAdapter[_Noun]) -> _Noun:
        try:
            return kind.validate_json(self._pack.line(row))
        except (Damaged, ValueError):
            if self._rebuild is None:
                raise
            self._pack, self._rebuild = self._rebuild(), None
            return self._read(row, kind)


def load(path: Path, cache: Path | None = None, tools: Collection[str] | None = None) -> Registry:
    """The registry in a YAML file, checked as a whole.

    Args:
        path: a file of at most 512 MiB.
        cache: folder that keeps what was checked; without one, and where it cannot be written,
            the file is checked every time.
        tools: legal values of `tool`; None takes the tools that this version has.

    Raises:
        RegistryError: with every problem found; nothing is loaded then.
    """
    name = visible(str(path))
    try:
        with open_input(path) as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                raise RegistryError([_too_large(name)])
            if cache is not None and file.seekable():
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                with suppress(OSError, Damaged):
                    return _kept(path, digest, cache, tools)
                file.seek(0)
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        why = error.strerror or error
        raise RegistryError([f"{name}: cannot be read: {why}; expected a YAML file"]) from None
    if len(data) > MAX_BYTES:
        raise RegistryError([_too_large(name)])
    return _checked(path, data, cache, tools)


def check(path: Path, tools: Collection[str] | None = None) -> list[str]:
    """Every problem of a registry file, `FILE:LINE: card ID: key KEY: …`; none when it is fine."""
    try:
        load(path, tools=tools)
    except RegistryError as error:
        return error.problems
    return []


def schema() -> dict[str, Any]:
    """JSON Schema of a registry file, with the lengths and forms that are checked."""
    from agent.registry.rules import json_schema

    return json_schema()


def _too_large(name: str) -> str:
    return f"{name}: is larger than {MAX_BYTES >> 20} MiB; split the registry"


def _kept(path: Path, digest: str, cache: Path, tools: Collection[str] | None) -> Registry:
    """The registry as the cache keeps it."""
    place = _place(cache, digest)

    def rebuild() -> Pack:
        with suppress(OSError):
            place.unlink()
        fresh = load(path, None, tools)
        if fresh.sha256 != digest:
            name = visible(str(path))
            raise RegistryError([f"{name}: was changed while it was in use; start again"])
        return fresh._pack

    return Registry(Pack.open(place), digest, path, rebuild)


def _checked(
    path: Path, data: bytes, cache: Path | None, tools: Collection[str] | None
) -> Registry:
    """The registry in the bytes of a file, put into the cache where that is possible."""
    from agent.registry.checking import checked_rows

    packed = pack(checked_rows(visible(str(path)), data, tools))
    digest = hashlib.sha256(data).hexdigest()
    if cache is not None:
        with suppress(OSError, Damaged):
            write_whole(_place(cache, digest), packed)
            return _kept(path, digest, cache, tools)
    return Registry(Pack(packed), digest, path)


def _place(cache: Path, digest: str) -> Path:
    return cache / "registry" / f"{digest}-{FORMAT}.cards"
