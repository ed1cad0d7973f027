"""Paths as people type them, and the files in a folder."""

from __future__ import annotations

import os
import re
import unicodedata
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from agent.errors import InputError
from agent.text import visible

#: Matches one slash, since `Path` merges two; `C:/` is a Windows drive.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/|data:", re.IGNORECASE)
_FILE_ADDRESS = re.compile(r"file:(?://(?:localhost)?)?(/(?!/).*)", re.IGNORECASE | re.DOTALL)
#: Suffixes that mark a file; `.5` in `run-1.5` is not one.
_FILE_SUFFIX = re.compile(r"\.(?=\w*[A-Za-z])\w{1,9}", re.ASCII)
_ADDRESS_SHOWN = 60
#: Folders that operating systems create, besides those whose name begins with a dot.
_SYSTEM_FOLDERS = frozenset({"__macosx", "@eadir", "#recycle", "$recycle.bin"})


def path_of(text: str | os.PathLike[str], base: Path | None = None) -> Path:
    """Return the path that a person means.

    A file of exactly that name comes first. Otherwise surrounding quotes and white space are
    removed, `~` is the home folder, `file:///…` is a path, and accents may be composed or
    decomposed, as on the disk.

    Args:
        base: folder that a relative path starts from; the working directory by default.

    Raises:
        InputError: if the path is empty or a network address.
    """
    raw = os.fspath(text)
    home = base or Path()
    if raw and os.path.lexists(home / raw):
        return home / raw
    name = raw.strip()
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1]
    if local := _FILE_ADDRESS.fullmatch(name):
        name = unquote(local[1])
    elif _ADDRESS.match(name):
        raise InputError(
            f"{visible(name[:_ADDRESS_SHOWN])}: is a network address, and this program downloads "
            "nothing; save the file on this machine and give its path"
        )
    if not name:
        raise InputError("the path is empty; give the path of a file or folder")
    return _as_on_disk(home / os.path.expanduser(name))


def folder_of(text: str) -> Path:
    """Return the folder for results that a person means; it need not exist.

    Raises:
        InputError: as `path_of` does, and if the name looks like a file, such as `report.html`.
    """
    path = path_of(text)
    if names_file(path) and not text.endswith("/") and not path.exists():
        raise InputError(
            f"{visible(text)}: looks like a file; expected a folder (end the name with / if it is "
            "one)"
        )
    return path


def names_file(path: Path) -> bool:
    """Check whether the name has the suffix of a file, such as `.png`."""
    return _FILE_SUFFIX.fullmatch(path.suffix) is not None


def _as_on_disk(path: Path) -> Path:
    """Return the path with its accents composed or decomposed as on the disk."""
    if str(path).isascii() or os.path.lexists(path):
        return path
    place = Path(path.anchor)
    for part in path.parts[bool(path.anchor) :]:
        if not os.path.lexists(place / part):
            with suppress(OSError, ValueError):
                part = next((n for n in os.listdir(place) if composed(n) == composed(part)), part)
        place /= part
    return place


def composed(name: str) -> str:
    """Normalize a name to NFC, so that names that look alike are equal."""
    return unicodedata.normalize("NFC", name)


def files_below(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the files below a folder, sorted, and the folders that were not entered.

    Hidden files and folders are left out, as are those that operating systems create. Links to
    folders are not followed.
    """
    files: list[Path] = []
    closed: list[Path] = []

    def take_down(error: OSError) -> None:
        closed.append(Path(error.filename))

    for home, folders, names in os.walk(folder, onerror=take_down):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        closed += (path for name in folders if (path := Path(home, name)).is_symlink())
        files += (Path(home, name) for name in names if not _is_hidden(name))
    return sorted(files), sorted(closed)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.casefold() in _SYSTEM_FOLDERS
