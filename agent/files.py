"""Where files are, which one a person means, and reading and writing them whole."""

from __future__ import annotations

import io
import json
import os
import re
import select
import shutil
import stat
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote
from uuid import uuid4

from platformdirs import user_cache_path

from agent.errors import GroundglassError, InputError
from agent.text import visible

_PACKAGE = Path(__file__).parent
#: `Path` makes one slash of two; `C:/` is a drive of Windows.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/|data:", re.IGNORECASE)
_FILE_ADDRESS = re.compile(r"file:(?://(?:localhost)?)?(/(?!/).*)", re.IGNORECASE | re.DOTALL)
#: Ends of a name that say what kind of file it is; `.5` in `run-1.5` is none.
_FILE_SUFFIX = re.compile(r"\.(?=\w*[A-Za-z])\w{1,9}", re.ASCII)
_ADDRESS_SHOWN = 60
#: Folders that systems make beside people's files, besides those whose name begins with a dot.
_SYSTEM_FOLDERS = frozenset({"__macosx", "@eadir", "#recycle", "$recycle.bin"})
#: Seconds in which somebody may begin to write to a pipe that is to be read.
PATIENCE = 10.0


def _find(name: str) -> Path:
    """A file at the top of the checkout, or the copy that the wheel carries in the package."""
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.exists() else _PACKAGE.parent / name


DEFAULT_REGISTRY = _find("model_registry.yaml")
PROMPTS = _find("prompts")
DATA = _PACKAGE / "search" / "data"
DEFAULT_WEIGHTS = _PACKAGE / "systems" / "weights" / "mimo_unet_plus.safetensors"
#: Feature sharpeners for the default encoder, by factor.
SHARPENERS = {u: _PACKAGE / "systems" / "weights" / f"featsharp_{u}x.safetensors" for u in (2, 4)}


def default_cache() -> Path:
    """The folder of what can be computed again, where no setting names another."""
    home = os.environ.get("GROUNDGLASS_CACHE")
    return path_of(home) if home else user_cache_path("groundglass")


# --- which file ---------------------------------------------------------------------------------


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
    given = os.fspath(text)
    home = base or Path()
    if given and os.path.lexists(home / given):
        return home / given
    name = given.strip()
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
    found: list[Path] = []
    closed: list[Path] = []

    def take_down(error: OSError) -> None:
        closed.append(Path(error.filename))

    for home, folders, names in os.walk(folder, onerror=take_down):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        closed += (path for name in folders if (path := Path(home, name)).is_symlink())
        found += (Path(home, name) for name in names if not _is_hidden(name))
    return sorted(found), sorted(closed)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.casefold() in _SYSTEM_FOLDERS


# --- reading ------------------------------------------------------------------------------------


def open_input(path: Path, patience: float | None = None) -> io.BufferedReader:
    """Open a file that a person named. A pipe that nobody writes to is empty.

    Args:
        patience: seconds in which somebody may begin to write to a pipe; None is `PATIENCE`.

    Raises:
        OSError: where it cannot be opened.
    """
    at_once = getattr(os, "O_NONBLOCK", 0)  # Windows has none, and no such pipes
    file = io.FileIO(path, opener=lambda name, flags: os.open(name, flags | at_once))
    if at_once:
        if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            first = select.poll()
            first.register(file.fileno())
            first.poll(1000 * (PATIENCE if patience is None else patience))
        os.set_blocking(file.fileno(), True)  # who writes already may take any time
    return io.BufferedReader(file)


def standard_input() -> BinaryIO:
    """Standard input, as bytes.

    Raises:
        InputError: where it is closed.
    """
    if sys.stdin is None:
        raise InputError("there is no standard input: it is closed; open it, such as by < FILE")
    return sys.stdin.buffer


def read_text(
    path: Path,
    expected: str,
    most: int,
    error: type[GroundglassError] = InputError,
    patience: float | None = None,
) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Args:
        expected: what the file should be, for the message.
        most: bytes that it may have.
        error: the class to raise.
        patience: as `open_input` has it.

    Raises:
        GroundglassError: for a file that cannot be read, is too large, or is no such text.
    """
    shown = visible(str(path))
    try:
        with open_input(path, patience) as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise error(f"{shown}: cannot be read ({reason}); expected {expected}") from None
    if len(content) > most:
        raise error(f"{shown}: is larger than {most:,} bytes; expected {expected}")
    return text_of(content, shown, error)


def text_of(content: bytes, shown: str, error: type[GroundglassError] = InputError) -> str:
    """The text of a whole file's content, as `read_text` has it.

    Args:
        shown: what the message calls the file.
    """
    encoding = encoding_of(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise error(f"{shown}: {not_text(encoding, problem)}") from None


def not_text(encoding: str, problem: UnicodeDecodeError) -> str:
    """What to say of a file whose bytes are no text in its encoding."""
    name = encoding.upper().removesuffix("-SIG")
    return f"is not {name} text (byte {problem.start}: {problem.reason}); save it as UTF-8"


def text_stream(file: BinaryIO, errors: str) -> io.TextIOWrapper:
    """A stream as text, its encoding told by its first bytes; line ends stay as they are.

    Args:
        errors: what becomes of bytes that are no text, as `open` has it.
    """
    if not isinstance(file, io.BufferedReader):  # a second buffer would wait until it is full
        file = io.BufferedReader(cast(io.RawIOBase, file))
    return io.TextIOWrapper(file, encoding_of(file.peek(4)[:4]), errors, newline="")


def encoding_of(head: bytes) -> str:
    """The encoding of a text by its first bytes: a byte order mark, or where the zeros are."""
    return json.detect_encoding(head)


# --- writing ------------------------------------------------------------------------------------


def write_whole(
    path: Path, content: bytes | bytearray, *, overwrite: bool = True, mode: int = 0o666
) -> None:
    """Write a file beside `path` first, then give it its name in one step.

    Folders that are missing are made. What is replaced passes its permissions on.

    Args:
        mode: permissions of a new file, less what the process masks.

    Raises:
        InputError: when there is such a file and it is not to be overwritten.
        OSError: when the disk refuses; what was there before is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{uuid4().hex}.part"
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            with suppress(FileNotFoundError):
                shutil.copymode(path, part)
            os.replace(part, path)
        else:
            _link(part, path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _link(part: Path, path: Path) -> None:
    """Name `part` as `path` unless something has that name by now."""
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise InputError(
            f"{visible(str(path))}: exists; left alone, add --overwrite to replace it"
        ) from error
    except OSError as error:  # a file system without links
        if path.exists():
            raise InputError(f"{visible(str(path))}: exists; left alone") from error
        os.replace(part, path)
