"""The command `identify`: which model a file holds, and what it may be used for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from agent.cli import shared
from agent.cli.parser import Group
from agent.cli.streams import print_exact
from agent.errors import InputError
from agent.report.single_line import counted, plain

if TYPE_CHECKING:
    from agent.systems.model_files.identity import Identity
    from agent.types import Card

_NOT_KNOWN = "not known"
_UNKNOWN = "no registry card lists this file, so its author, licence and permitted uses are unknown"
_FOR_PROFIT = {
    True: "its licence allows commercial use",
    False: "its licence forbids commercial use",
    None: "it is not known whether its licence allows commercial use",
}


def add(group: Group) -> None:
    """Add `identify`."""
    add = group.add("identify", "identify a model file by its hash", _identify).add_argument
    add("file", type=shared.path, nargs="+", metavar="FILE", help="a model file")
    add(*("-f", "--format"), choices=("text", "json"), default="text", help="default: text")


def _identify(options: argparse.Namespace) -> int:
    from agent.systems.model_files.identity import identify
    from agent.systems.model_files.recognition import card_of_file

    registry, progress = shared.load_registry(options), shared.progress(options)
    results: list[tuple[Identity, Card | None]] = []
    failed = 0
    for path in options.file:
        try:
            identity = identify(path, _hashing(path.name, progress))
        except InputError as error:
            print(f"groundglass: {plain(str(error))}", file=sys.stderr)
            failed = error.exit_code
        else:
            if not identity.readable:
                failed = InputError.exit_code
            results.append((identity, card_of_file(registry.cards(), identity.sha256)))
        finally:
            progress("")
    if options.format == "json":
        from agent.report.schema import json_text

        print_exact(json_text([_row(identity, card) for identity, card in results]))
    else:
        blocks = ("\n".join(_lines(identity, card)) for identity, card in results)
        print_exact("\n\n".join(blocks)) if results else None
    return failed


def _hashing(name: str, progress: Callable[[str], None]) -> Callable[[int, int], None]:
    def tell(done: int, size: int) -> None:
        progress(f"{name}: hashed {done / max(size, 1):.0%} of {size / 1e6:,.0f} MB")

    return tell


def _row(identity: Identity, card: Card | None) -> dict[str, Any]:
    """Return the row for JSON; `card` is null if the registry does not know the file."""
    from dataclasses import asdict

    entry = None
    if card is not None:
        entry = {
            "id": card.id,
            "name": card.name,
            "task": card.task,
            "licence": card.licence.name if card.licence else None,
            "commercial_use": _commercial_use(card),
            "based_on": list(_based_on(card)),
            "links": dict(card.links),
        }
    return {**asdict(identity), "card": entry}


def _lines(identity: Identity, card: Card | None) -> Iterator[str]:
    yield f"{plain(identity.file)}: {counted(identity.bytes, 'byte')}"
    rows = [("SHA-256", identity.sha256)]
    rows += _of_card(card) if card else [("model", _UNKNOWN)]
    if identity.shipped:
        rows[-1] = ("model", "ships with Groundglass: trained by this project, CC BY-SA 4.0")
    rows.append(("format", identity.format))
    if identity.architecture:
        rows.append(("network", _network(identity)))
    if identity.tensors and identity.parameters is not None:
        parameters = counted(identity.parameters, "parameter")
        summary = f"{identity.tensors:,}, with {parameters} of {', '.join(identity.dtypes)}"
        rows.append(("tensors", summary))
    rows += [("note", note) for note in identity.notes]
    for label, text in rows:
        yield f"  {label:<12}{plain(text)}"


def _of_card(card: Card) -> list[tuple[str, str]]:
    based_on = ", ".join(_based_on(card))
    return [
        ("model", f"{card.name} ({card.id}): {card.task}"),
        ("licence", card.licence.name if card.licence else _NOT_KNOWN),
        ("use", _FOR_PROFIT[_commercial_use(card)]),
        ("based on", based_on or _NOT_KNOWN),
        *(("link", link) for link in list(card.links.values())[:1]),
    ]


def _network(identity: Identity) -> str:
    parts = [str(identity.architecture)]
    if identity.scale:
        parts.append(f"{identity.scale}×" if identity.scale > 1 else "keeps the picture's size")
    if identity.channels:
        into, out = identity.channels
        parts.append(f"{counted(into, 'channel')} in, {out} out")
    if identity.purpose:
        parts.append(_PURPOSES.get(identity.purpose, identity.purpose))
    return ", ".join(parts)


_PURPOSES = {
    "SR": "for enlarging",
    "FaceSR": "for faces",
    "Restoration": "for restoring",
    "Inpainting": "for filling in",
}


def _commercial_use(card: Card) -> bool | None:
    allowed: bool | None = getattr(card, "commercial_use", None)
    return allowed


def _based_on(card: Card) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(card, "based_on", ())
    return names
