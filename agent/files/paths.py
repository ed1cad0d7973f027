"""Which file a person means, and what lies in a folder."""

from __future__ import annotations

import os
import re
import unicodedata
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from agent.errors import InputError
from agent.text import visible

#: `Path` makes one slash of two; `C:/` is a drive of Windows.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/|data:", re.IGNORECASE)
_FILE_ADDRESS = re.compile(r"file:(?://(?:localhost)?)?(/(?!/).*)", re.IGNORECASE | re.DOTALL)
#: Ends of a name that say what kind of file it is; `.5` in `run-1.5` is none.
_FILE_SUFFIX = re.compile(r"\.(?=\w*[A-Za-z])\w{1,9}", re.ASCII)
_ADDRESS_SHOWN = 60
#: Folders that systems make beside people's files, besides those whose name begins with a dot.
_SYSTEM_FOLDERS = frozenset({"__macosx", "@eadir", "#recycle", "$recycle.bin"})


def path_of(text: str | os.PathLike[str], base: Path | None = None) -> Path:
    """The path that a person means.

    A file of exactly that name comes first. Else quotes and white space around it go, `~` is the
    home folder, `file:///…` a path, and an accent may be part of its letter or a character of its
    own, whichever the disk has.

    Args:
        base: folder that a relative path starts from; None is where the program runs.

    Raises:
        InputError: for an empty path, and for an address on the network.
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
            f"{visible(name[:_ADDRESS_SHOWN])}: is an address, and nothing is fetched; save the "
            "file on this machine and give its path"
        )
    if not name:
        raise InputError("got an empty path; give the path of a file or folder")
    return _as_on_disk(home / os.path.expanduser(name))


def folder_of(text: str) -> Path:
    """The folder that a person means, for results; it need not be there.

    Raises:
        InputError: as `path_of` does, and for a name such as `report.html` that looks like a file.
    """
    path = path_of(text)
    if names_file(path) and not text.endswith("/") and not path.exists():
        raise InputError(
            f"{visible(text)}: looks like the name of a file; expected a folder, end it with / to "
            "have one of that name"
        )
    return path


def names_file(path: Path) -> bool:
    """Whether the name ends as that of a file does, such as `.png`."""
    return _FILE_SUFFIX.fullmatch(path.suffix) is not None


def _as_on_disk(path: Path) -> Path:
    """The path with its accents composed as the names of files and folders on the disk are."""
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
    """The name with each accent as part of its letter (NFC); equal for names that look alike."""
    return unicodedata.normalize("NFC", name)


def files_below(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of a person below a folder, sorted, and the folders that were not entered.

    Hidden files and folders are left out, as are those that systems keep beside people's files.
    Links to folders are not followed.
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
