"""Restoration of picture files, one after the other: which, where to, and the outcome of each."""

from __future__ import annotations

import glob
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from agent.errors import ConfigError, GroundglassError, InputError
from agent.files import files_below, names_file, path_of, write_whole
from agent.imaging.encoding import SUFFIXES, encoded
from agent.imaging.picture import Picture
from agent.imaging.reading import MAX_PIXELS, MAX_SIDE, read
from agent.settings import Settings
from agent.systems.model_files.opening import CardOf, open_fastest
from agent.systems.model_files.recognition import holds_another_network
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.doubts import doubts
from agent.systems.restoration.earlier import remember, results_among
from agent.systems.spec import Restorer
from agent.text import visible

#: Suffixes of files in a folder that count as pictures.
READ_SUFFIXES = frozenset({*SUFFIXES, ".gif", ".jfif", ".jpe", ".jif", ".apng", ".dib"})
_NAMES_TOLD = 5

Tell = Callable[[str], None]


class Source(NamedTuple):
    """A file to restore."""

    path: Path
    inside: Path
    """Path of its result in the output folder: its path below the folder that was named."""


@dataclass(frozen=True)
class Outcome:
    """Outcome of one file."""

    source: Path
    status: Literal["restored", "doubtful", "failed"]
    """`doubtful`: written, but apparently beyond the network's reach; `failed`: not written."""
    notes: tuple[str, ...]
    """Notes for the user: why it is doubtful or failed, and what was left out or changed."""
    target: Path | None = None
    width: int = 0
    height: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Order:
    """Options for all files."""

    output: Path
    """A folder, or the file for a single one."""
    factor: int = 1
    """Factor by which both sides are enlarged first, in [1, 8]."""
    overwrite: bool = False
    strip_metadata: bool = False
    """Leave out EXIF data, text and resolution, but keep colour information."""
    folder: bool = False
    """Whether `output` is a folder even if its name looks like a file's."""
    cache: Path | None = None
    """Folder that records results for later runs; None records nothing."""
    card_of: CardOf = lambda _: None
    """Finds the card of a weights file, for its name."""


def find_sources(
    names: Sequence[str],
    output: Path | None = None,
    cache: Path | None = None,
    tell: Tell = lambda _: None,
) -> list[Source]:
    """Find files, files that match a pattern such as `shots/*.png`, and pictures below a folder.

    Each is returned once, in the order of `names`; those of a folder or pattern are sorted. Hidden
    files in folders are skipped silently. Other files of a folder or pattern that are skipped are
    reported: files that are no pictures, files in the output folder, and results of earlier runs,
    unless there is nothing else.

    Args:
        output: the output file or folder.
        cache: folder that records the results of earlier runs.
        tell: called with a line on what was skipped.

    Raises:
        InputError: if a name matches nothing, or a folder holds no picture.
    """
    by_path: dict[Path, Source] = {}
    for name in names:
        path = path_of(name)
        if path.is_dir():
            sources = _select(visible(name), *_below(path), path, output, cache, tell)
        elif path.exists() or not glob.has_magic(str(path)):
            sources = [Source(path, Path(path.name))]  # reading it reports what is wrong
        else:
            sources = _select(visible(name), *_matching(str(path)), None, output, cache, tell)
        for source in sources:
            by_path.setdefault(source.path, source)
    return list(by_path.values())


def _below(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the pictures below a folder, and all other files, without hidden ones."""
    files, closed = files_below(folder)
    pictures, others = _parted(files)
    return pictures, others + closed


def _matching(pattern: str) -> tuple[list[Path], list[Path]]:
    """Return the pictures that match a pattern, and all other matches."""
    forms = {pattern, *(unicodedata.normalize(form, pattern) for form in ("NFC", "NFD"))}
    paths = sorted({Path(p) for form in forms for p in glob.glob(form, recursive=True)})
    return _parted(paths)


def _parted(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Split paths into pictures, by their suffixes, and others."""
    pictures: list[Path] = []
    others: list[Path] = []
    for path in paths:
        is_picture = path.suffix.lower() in READ_SUFFIXES and path.is_file()
        (pictures if is_picture else others).append(path)
    return pictures, others


def _select(
    name: str,
    pictures: list[Path],
    others: list[Path],
    folder: Path | None,
    output: Path | None,
    cache: Path | None,
    tell: Tell,
) -> list[Source]:
    """Return the pictures to restore; reports the others."""
    home = output.resolve() if output else None
    there = {p for p in pictures if home and p.resolve().is_relative_to(home)}
    rest = [path for path in pictures if path not in there]
    earlier = results_among(rest, cache) if cache else set()
    if len(earlier) == len(rest):
        earlier = set()  # then the user means them
    rest = [path for path in rest if path not in earlier]
    for why, paths in (
        ("no picture that can be read", others),
        ("where results go", sorted(there)),
        ("results of earlier runs", sorted(earlier)),
    ):
        if paths:
            tell(f"{name}: left out, {why}: {_list_paths(paths)}")
    if there and not rest:
        raise InputError(f"{name}: results would go to the pictures; name another folder with -o")
    if not rest:
        raise InputError(
            f"{name}: no pictures found; expected a picture file, a folder with some, "
            "or a pattern that matches some"
        )
    return [Source(p, p.relative_to(folder) if folder else Path(p.name)) for p in rest]


def _list_paths(paths: Sequence[Path]) -> str:
    listing = ", ".join(visible(str(path)) for path in paths[:_NAMES_TOLD])
    more = len(paths) - _NAMES_TOLD
    return f"{listing} and {more:,} more" if more > 0 else listing


def restore_files(
    sources: Sequence[Source],
    order: Order,
    settings: Settings,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Outcome]:
    """Restore files one after the other; a failure of one does not stop the rest.

    A result appears under its name only when complete, so neither an interruption nor a full disk
    leaves a partial one.

    Raises:
        ConfigError: if the weights or the device cannot be used, before anything is written.
        InputError: if several files would be written to one, or the output can be neither a picture
            nor a folder.
    """
    single = _is_single(order, len(sources))
    restorer = open_fastest(settings, order.card_of)
    by = (f"by {restorer.name}",) if holds_another_network(settings) else ()
    targets: set[Path] = set()
    for number, source in enumerate(sources, 1):
        target = order.output if single else order.output / _written_as(source.inside)
        name = visible(source.path.name)
        label = f"{number} of {len(sources)}, {name}" if len(sources) > 1 else name
        began = time.monotonic()
        try:
            _refuse_existing(target, order, targets)
            targets.add(target)
            outcome = _restore(source.path, target, order, restorer, _Clock(label, progress))
            if order.cache:
                remember(target, source.path, order.cache)
            notes, seconds = (*by, *outcome.notes), time.monotonic() - began
            yield replace(outcome, notes=notes, seconds=seconds)
        except ConfigError:
            raise
        except (GroundglassError, ArithmeticError, MemoryError, OSError) as error:
            yield Outcome(source.path, "failed", (_reason(error),))


def _is_single(order: Order, count: int) -> bool:
    """Check whether the output is a file, not a folder; raises if it can be neither."""
    output, where = order.output, visible(str(order.output))
    if output.is_dir() or (order.folder and not output.exists()):
        return False
    if output.suffix.lower() in SUFFIXES:
        if count > 1:
            raise InputError(
                f"{where}: {count} pictures cannot be written to one file; name a folder with -o"
            )
        return True
    if names_file(output):
        raise InputError(
            f"{where}: {output.suffix} cannot be written; use one of {', '.join(SUFFIXES)}, or a "
            "folder name ending in /"
        )
    if place := next((p for p in (output, *output.parents) if p.exists() and not p.is_dir()), None):
        raise InputError(f"{where}: {visible(str(place))} is a file; name a folder with -o")
    return False


class _Clock:
    """Reports the progress of one picture and the time left."""

    def __init__(self, label: str, progress: Callable[[str], None]) -> None:
        self.label, self.tell, self.began = label, progress, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        remaining = (time.monotonic() - self.began) / done * (total - done)
        rest = f", about {_duration(remaining)} left" if done < total else ""
        self.tell(f"{self.label}: {done} of {total} tiles{rest}")


def _restore(path: Path, target: Path, order: Order, restorer: Restorer, clock: _Clock) -> Outcome:
    clock.tell(f"{clock.label}: reading")
    picture = read(path)
    _refuse_large(picture, order.factor)
    if order.strip_metadata:
        picture = picture.without_metadata()
    before, after = restorer.enlarge_and_restore(picture, order.factor, clock)
    reasons = tuple(doubts(Comparison(before, after)))
    del before
    clock.tell(f"{clock.label}: writing")
    content, losses = encoded(after, target.suffix)
    write_whole(target, content, overwrite=order.overwrite)
    return Outcome(
        path,
        "doubtful" if reasons else "restored",
        (*reasons, *restorer.notes, *picture.notes, *losses),
        target,
        after.width,
        after.height,
    )


def _written_as(inside: Path) -> Path:
    """Return the name of the result; formats that are read but not written become PNG."""
    return inside if inside.suffix.lower() in SUFFIXES else inside.with_suffix(".png")


def _refuse_existing(target: Path, order: Order, targets: set[Path]) -> None:
    where = visible(str(target))
    if target in targets:
        raise InputError(f"{where}: is the result of another picture; restore them one by one")
    if target.exists() and not order.overwrite:
        raise InputError(f"{where}: already exists; choose another path or add --overwrite")


def _refuse_large(picture: Picture, factor: int) -> None:
    width, height = picture.width * factor, picture.height * factor
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise InputError(
            f"enlarged {factor} times it would have {width:,} × {height:,} pixels; expected at "
            f"most {MAX_PIXELS:,} pixels and {MAX_SIDE:,} a side, enlarge it less or crop it"
        )


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "out of memory even with the smallest tiles; free memory or reduce the picture"
    if isinstance(error, OSError):
        return f"cannot be written ({error.strerror or error}); check the folder and the disk"
    return " ".join(str(error).split())


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
