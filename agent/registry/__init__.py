"""model_registry.yaml → Cards: the only sources that an answer may cite.

A file is checked as a whole and loaded as a whole or not at all. The cache stores checked cards in
a SQLite database under the hash of the file, so that 100,000 cards open as fast as the file can be
hashed. Several files form one registry, stored likewise under the hash of their hashes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from agent.errors import InputError, RegistryError
from agent.files import open_input, shipped_registry
from agent.files.database import Damaged, open_stored, save
from agent.registry.program import program
from agent.registry.store import CardStore
from agent.text import visible
from agent.types import PROGRAM, SPANNING, Card, CuratedAnswer

MAX_BYTES = 512 * 2**20
"""Largest registry file."""
FORMAT = 4
"""Version of the stored cards; raise it whenever the keys of a card or the rules change."""


_Noun = TypeVar("_Noun")
_CARD: TypeAdapter[Card] = TypeAdapter(Card)
_ANSWERS: TypeAdapter[tuple[CuratedAnswer, ...]] = TypeAdapter(tuple[CuratedAnswer, ...])


class Registry:
    """Read-only cards in the order of their files; a card is decoded on access.

    The card of this program is available by its id too, but is neither counted nor listed.

    Args:
        cards: checked cards.
        sha256: hash of the file's bytes; of the cards' JSON where there is no file, and of the
            files' hashes where there are several.
        path: the file, or several.
        rebuild: checks the files again when the stored cards turn out to be damaged.
    """

    def __init__(
        self,
        cards: CardStore,
        sha256: str,
        path: Path | tuple[Path, ...] | None = None,
        rebuild: Callable[[], CardStore] | None = None,
    ) -> None:
        self.sha256 = sha256
        self.path = path
        self._store = cards
        self._rebuild = rebuild
        self._card = lru_cache(maxsize=256)(self._find)

    @classmethod
    def from_cards(
        cls,
        cards: Iterable[Card],
        path: Path | None = None,
        questions: Iterable[CuratedAnswer] = (),
    ) -> Registry:
        """Build a registry of cards made elsewhere, checking only that their ids differ.

        Raises:
            InputError: for an id that occurs twice.
        """
        rows: dict[str, bytes] = {}
        for id, line in _rows(cards, questions):
            if id in rows:
                raise InputError(f"two cards have the id {visible(id)}; ids must be unique")
            rows[id] = line
        digest = hashlib.sha256(b"\n".join(rows.values())).hexdigest()
        return cls(CardStore.build(rows.items()), digest, path)

    def __len__(self) -> int:
        return len(self._store) - (self._store.number(SPANNING) is not None)

    def __iter__(self) -> Iterator[str]:
        return islice(self._store.ids(), len(self))  # the row of questions is the last

    def __contains__(self, id: object) -> bool:
        return id == PROGRAM or (isinstance(id, str) and self._store.number(id) is not None)

    def __getitem__(self, id: str) -> Card:
        """Return the card with an id.

        Raises:
            InputError: for an id that no card has; the message suggests similar ones.
        """
        return self._card(id)

    def id(self, number: int) -> str:
        """Return the id of a card by its position, from 0."""
        return self._store.id(number)

    def number(self, id: str) -> int | None:
        """Return the position of a card, from 0; None for this program, which is in no file."""
        return self._store.number(id)

    def cards(self) -> Iterator[Card]:
        """Yield all cards in file order, decoded one at a time."""
        return map(self._decode, range(len(self)))

    @cached_property
    def questions(self) -> tuple[CuratedAnswer, ...]:
        """Curated answers that span cards."""
        number = self._store.number(SPANNING)
        return () if number is None else self._read(number, _ANSWERS)

    def _find(self, id: str) -> Card:
        if id == PROGRAM:
            return program()
        number = self._store.number(id)
        if number is None:
            from agent.registry.rules import nearest_of

            hint = nearest_of(id, self) or "; `groundglass registry list` shows all"
            raise InputError(f"no card has the id '{visible(id)}'{hint}")
        return self._decode(number)

    def _decode(self, number: int) -> Card:
        return self._read(number, _CARD)

    def _read(self, number: int, kind: TypeAdapter[_Noun]) -> _Noun:
        try:
            return kind.validate_json(self._store.row(number))
        except (Damaged, ValueError):
            if self._rebuild is None:
                raise
            self._store, self._rebuild = self._rebuild(), None
            return self._read(number, kind)


def load(
    path: Path | Sequence[Path], cache: Path | None = None, tools: Collection[str] | None = None
) -> Registry:
    """Load the registry in a YAML file, or in several as if they were one.

    Each file is checked as a whole and refers only to its own cards; ids must differ across files.

    Args:
        path: a file of at most 512 MiB, or the name of one that ships; or several, whose cards
            come in that order. A file that is named twice counts once.
        cache: folder for checked cards; without one, or where it cannot be written, the file is
            checked every time.
        tools: legal values of `tool`; None takes the tools of this version.

    Raises:
        RegistryError: with every problem; nothing is loaded then.
    """
    if isinstance(path, Path):
        return _load_file(shipped_registry(path) or path, cache, tools)
    return _load_files(_different(path), cache, tools)


def _different(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return each file once, under the first path that names it."""
    first: dict[str, Path] = {}
    for path in paths:
        first.setdefault(os.path.realpath(shipped_registry(path) or path), path)
    return tuple(first.values())


def _load_file(path: Path, cache: Path | None, tools: Collection[str] | None) -> Registry:
    name = visible(str(path))
    try:
        with open_input(path) as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                raise RegistryError([_too_large(name)])
            if cache is not None and file.seekable():
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                with suppress(OSError, Damaged):
                    return _cached(path, digest, cache, tools)
                file.seek(0)
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        why = error.strerror or error
        raise RegistryError([f"{name}: cannot be read: {why}; expected a YAML file"]) from None
    if len(data) > MAX_BYTES:
        raise RegistryError([_too_large(name)])
    return _checked(path, data, cache, tools)


def _load_files(
    paths: tuple[Path, ...], cache: Path | None, tools: Collection[str] | None
) -> Registry:
    if len(paths) == 1:
        return load(paths[0], cache, tools)
    files: list[Registry] = []
    problems: list[str] = []
    for path in paths:
        try:
            files.append(load(path, cache, tools))
        except RegistryError as error:
            problems += error.problems
    if problems:
        raise RegistryError(problems)
    digest = hashlib.sha256(" ".join(file.sha256 for file in files).encode()).hexdigest()
    if cache is not None:
        with suppress(OSError, Damaged):
            return _cached(paths, digest, cache, tools)
    if problems := list(_shared_ids(paths, files)):
        raise RegistryError(problems)
    cards = chain.from_iterable(file.cards() for file in files)
    rows = _rows(cards, chain.from_iterable(file.questions for file in files))
    return _stored(paths, CardStore.build(rows), digest, cache, tools)


def _shared_ids(paths: Sequence[Path], files: Sequence[Registry]) -> Iterator[str]:
    """Yield a problem for each card whose id an earlier file has too."""
    homes: dict[str, str] = {}
    for path, file in zip(paths, files, strict=True):
        name = visible(str(path))
        for id in file:
            if id in homes:
                yield (
                    f"{name}: card {id}: key id: {homes[id]} already has a card with that id; "
                    "rename one of them"
                )
            else:
                homes[id] = name


def _rows(cards: Iterable[Card], questions: Iterable[CuratedAnswer]) -> Iterator[tuple[str, bytes]]:
    """Yield the id and JSON of each card, then of the answers that span cards, if any."""
    for card in cards:
        yield card.id, card.model_dump_json(exclude_defaults=True).encode()
    if spanning := tuple(questions):
        yield SPANNING, _ANSWERS.dump_json(spanning, exclude_defaults=True)


def check(path: Path | Sequence[Path], tools: Collection[str] | None = None) -> list[str]:
    """Return every problem of a registry as `FILE:LINE: card ID: key KEY: …`; none if valid."""
    try:
        load(path, tools=tools)
    except RegistryError as error:
        return error.problems
    return []


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a registry file, with all lengths and patterns."""
    from agent.registry.rules import json_schema

    return json_schema()


def _too_large(name: str) -> str:
    return f"{name}: is larger than {MAX_BYTES >> 20} MiB; split the registry"


def _cached(
    path: Path | tuple[Path, ...], digest: str, cache: Path, tools: Collection[str] | None
) -> Registry:
    """Open the registry in the cache."""
    place = _place(cache, digest)

    def rebuild() -> CardStore:
        with suppress(OSError):
            place.unlink()
        fresh = load(path, None, tools)
        if fresh.sha256 != digest:
            name = visible(str(path) if isinstance(path, Path) else ", ".join(map(str, path)))
            raise RegistryError([f"{name}: was changed while it was in use; start again"])
        return fresh._store

    return Registry(CardStore(open_stored(place)), digest, path, rebuild)


def _checked(
    path: Path, data: bytes, cache: Path | None, tools: Collection[str] | None
) -> Registry:
    """Check the bytes of a file, and store the cards in the cache if possible."""
    from agent.registry.checking import checked_rows

    cards = CardStore.build(checked_rows(visible(str(path)), data, tools))
    return _stored(path, cards, hashlib.sha256(data).hexdigest(), cache, tools)


def _stored(
    path: Path | tuple[Path, ...],
    cards: CardStore,
    digest: str,
    cache: Path | None,
    tools: Collection[str] | None,
) -> Registry:
    """Store checked cards in the cache if possible, and open them."""
    if cache is not None:
        with suppress(OSError, Damaged):
            save(cards.database, _place(cache, digest))
            return _cached(path, digest, cache, tools)
    return Registry(cards, digest, path)


def _place(cache: Path, digest: str) -> Path:
    return cache / "registry" / f"{digest}-{FORMAT}.db"
