"""Reading rows of questions from a file of any common format, one at a time.

Unusable rows are returned as well, with what is wrong with them, so that nothing is lost. Only a
file that cannot be read at all, or has no column `question`, is an error.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO, cast, get_args

from agent.errors import InputError
from agent.files import not_text, open_input, standard_input, text_stream
from agent.files.tables import SEPARATORS, HeadingError, read_table
from agent.settings import Level
from agent.text import first_unsafe, visible

Form = Literal["jsonl", "json", "csv", "tsv", "yaml", "text"]

#: Accepted names of each column.
INPUT_COLUMNS = {
    "id": ("id",),
    "question": ("question", "text"),
    "images": ("images", "image"),
    "upscale": ("upscale",),
    "evidence": ("evidence",),
}
_SUFFIXES: dict[str, Form] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv",
    ".tab": "tsv", ".yaml": "yaml", ".yml": "yaml", ".txt": "text", ".text": "text", "": "text",
}  # fmt: skip
FORMS = tuple(dict.fromkeys(_SUFFIXES.values()))
#: Longest line or cell, in characters; a question may have 20,000.
LONGEST = 1_000_000
_LONGEST_ID = 200
#: A byte that is not UTF-8, as `surrogateescape` decodes it.
_SURROGATE = re.compile("[\ud800-\udfff]")
#: Largest YAML or JSON document, which is read as a whole.
MAX_DOCUMENT_BYTES = 64 * 2**20


class _Unusable(Exception):
    """What is wrong with a row."""


@dataclass(frozen=True)
class Row:
    """One row of the input."""

    number: int
    """Number of the row, from 1; blank lines do not count."""
    id: str
    """The given id, or the number."""
    question: str
    images: tuple[str, ...] = ()
    """Paths as given."""
    upscale: int | None = None
    evidence: Level | None = None
    """What runs on the pictures; None for the level of the settings."""
    extra: Mapping[str, Any] | None = None
    """Unknown columns, passed through."""
    error: str | None = None
    """Why the row is unusable."""


def form_of(path: str) -> Form | None:
    """Return the format of a file by its name; None for standard input and unknown names."""
    return None if path == "-" else _SUFFIXES.get(Path(path).suffix.lower())


def read(path: str, form: Form | None = None) -> Iterator[Row]:
    """Read the rows of a file.

    Args:
        path: file in UTF-8, UTF-16 or UTF-32, with or without a byte order mark; `-` for standard
            input.
        form: the format; by default according to the name. Standard input is JSONL if it begins
            with `{`, else text. Text is a table if its first line has column names between tabs.

    Raises:
        InputError: if the file cannot be read, or does not have that format.
    """
    kind = form or form_of(path)
    if kind is None and path != "-":
        raise InputError(
            f"{visible(path)}: the name does not show the format; expected one of "
            f"{', '.join(name for name in _SUFFIXES if name)}, or --from {'|'.join(FORMS)}"
        )
    with _open(path) as file:
        if form is None and kind in (None, "text"):
            first, file = _peek(file)
            kind = _form_of_line(first, kind)
        for number, value in enumerate(_values(file, kind or "text", visible(path)), 1):
            yield _row(number, value)


def _form_of_line(first: str, kind: Form | None) -> Form:
    """Return the format of a text by its first line."""
    if kind is None and first.lstrip().startswith("{"):
        return "jsonl"
    cells = first.casefold().split("\t")
    return "tsv" if len(cells) > 1 and _names_question([c.strip() for c in cells]) else "text"


def _values(file: TextIO, form: Form, name: str) -> Iterator[Any]:
    """Yield the content of each row: a mapping of cells, a text, or an `_Unusable`."""
    readers: dict[Form, Callable[[TextIO, str], Iterator[Any]]] = {
        "jsonl": _json_lines,
        "json": _json_document,
        "yaml": _yaml_document,
        "csv": lambda file, name: _table(file, name, SEPARATORS),
        "tsv": lambda file, name: _table(file, name, "\t" + SEPARATORS),
        "text": lambda file, _: (line for line in _lines(file)),
    }
    return readers[form](file, name)


# --- files --------------------------------------------------------------------------------------


@contextmanager
def _open(path: str) -> Iterator[TextIO]:
    """Open a text file; invalid bytes become lone surrogates, which make their row unusable."""
    where = "standard input" if path == "-" else visible(path)
    try:
        source = standard_input() if path == "-" else open_input(Path(path))
        with text_stream(source, "surrogateescape") as file:
            yield file
    except OSError as error:
        raise InputError(
            f"{where}: cannot be read ({error.strerror or error}); give a file of questions, or -"
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: {not_text(error.encoding, error)}") from None


def _peek(file: TextIO) -> tuple[str, TextIO]:
    """Return the first non-blank line, and a file that still contains it."""
    while line := file.readline(LONGEST):
        if line.strip():
            return line, cast(TextIO, _PushbackFile(line, file))
    return "", file


class _PushbackFile:
    """A line followed by the rest of a file, with the methods that the readers need."""

    def __init__(self, line: str, rest: TextIO) -> None:
        self._line, self._rest = line, rest

    def readline(self, size: int = -1) -> str:
        line, self._line = self._line, ""
        return line or self._rest.readline(size)

    def __iter__(self) -> Iterator[str]:
        return iter(self.readline, "")

    def __next__(self) -> str:
        return next(iter(self))


def _lines(file: TextIO) -> Iterator[Any]:
    """Yield non-blank lines, stripped."""
    while line := file.readline(LONGEST):
        if len(line) == LONGEST and not line.endswith("\n"):
            while (rest := file.readline(LONGEST)) and not rest.endswith("\n"):
                pass
            yield _Unusable(f"the line is longer than {LONGEST:,} characters; shorten it")
        elif line.strip():
            yield line.strip()


def _json_lines(file: TextIO, _: str) -> Iterator[Any]:
    for line in _lines(file):
        if isinstance(line, _Unusable):
            yield line
            continue
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            yield _Unusable('the line is not JSON; expected an object such as {"question": "…"}')


def _json_document(file: TextIO, name: str) -> Iterator[Any]:
    try:
        document = json.loads(_whole(file, name))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{name}: is not valid JSON ({error}); expected a list of objects"
        ) from None
    yield from _items(document, name)


def _yaml_document(file: TextIO, name: str) -> Iterator[Any]:
    import yaml

    text = _whole(file, name)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Aliases can expand a small file enormously, and nobody needs them.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader)):
            raise InputError(f"{name}: contains a YAML alias (*name); write the value out")
        document = yaml.load(text, Loader=loader)  # a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        detail = visible(" ".join(str(error).split()))
        raise InputError(
            f"{name}: is not valid YAML ({detail}); expected a list of questions"
        ) from None
    yield from _items(document, name)


def _whole(file: TextIO, name: str) -> str:
    text = file.read(MAX_DOCUMENT_BYTES + 1)
    if len(text) > MAX_DOCUMENT_BYTES:
        raise InputError(f"{name}: is larger than {MAX_DOCUMENT_BYTES >> 20} MiB; use JSONL or CSV")
    return text


def _items(document: Any, name: str) -> Iterator[Any]:
    if isinstance(document, dict) and list(document) == ["questions"]:
        document = document["questions"]
    if document is None:
        return
    if not isinstance(document, list):
        kind = type(document).__name__
        raise InputError(f"{name}: contains {kind}; expected a list with one entry per question")
    yield from document


def _table(file: TextIO, name: str, separators: str) -> Iterator[Any]:
    csv.field_size_limit(LONGEST)
    try:
        names, rows = read_table(file, _names_question, separators)
    except HeadingError as error:
        raise InputError(
            f"{name}: has no column 'question'; its header line is: "
            f"{visible(str(error)[:200]) or '(empty)'}"
        ) from None
    headings = [cell for cell in names if cell]
    if len(set(headings)) < len(headings):
        raise InputError(f"{name}: has a column twice: {visible(', '.join(headings)[:200])}")
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _Unusable(f"the row cannot be read ({error}); check its quotation marks")
            continue
        if any(cell.strip() for cell in cells):
            yield _by_name(cells, names)


def _names_question(names: list[str]) -> bool:
    return any(name in INPUT_COLUMNS["question"] for name in names)


def _by_name(cells: list[str], names: list[str]) -> Any:
    """Map column names to cells; cells in unnamed columns are kept, too."""
    if any(cell.strip() for cell in cells[len(names) :]):
        return _Unusable(
            f"the row has {len(cells)} cells for {len(names)} columns; put cells that contain "
            "the separator in quotation marks"
        )
    pairs = enumerate(zip(names, cells, strict=False), 1)
    return {name or f"column {i}": cell for i, (name, cell) in pairs if name or cell.strip()}


# --- rows ---------------------------------------------------------------------------------------


def _row(number: int, value: Any) -> Row:
    """Build a row, with the error if it is unusable."""
    if isinstance(value, str):
        value = {"question": value}
    if isinstance(value, dict):
        value = {_column(name): cell for name, cell in value.items()}
    id = _id(value, number)
    try:
        return _valid_row(number, id, value)
    except _Unusable as unusable:
        question = value.get("question") if isinstance(value, dict) else None
        text = visible(question)[:LONGEST] if isinstance(question, str) else ""
        return Row(number, id, text, error=str(unusable))


def _column(name: Any) -> str:
    """Return the column that a name stands for, or the name itself."""
    column_name = str(name).strip().casefold()
    matches = (column for column, names in INPUT_COLUMNS.items() if column_name in names)
    return next(matches, visible(str(name).strip()))


def _id(value: Any, number: int) -> str:
    raw = value.get("id") if isinstance(value, dict) else None
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    usable = isinstance(raw, str) and raw.strip() and first_unsafe(raw) is None
    return str(raw).strip()[:_LONGEST_ID] if usable else str(number)


def _valid_row(number: int, id: str, value: Any) -> Row:
    if isinstance(value, _Unusable):
        raise value
    if not isinstance(value, dict):
        raise _Unusable(f"the row is {type(value).__name__}; expected an object or text")
    question = value.get("question")
    if not isinstance(question, str) or not question.strip():
        raise _Unusable("the row has no question; expected text in the 'question' column")
    raw_id = value.get("id")
    if raw_id not in (None, "") and str(raw_id).strip() != id:
        raise _Unusable(
            f"the id {visible(repr(raw_id))[:60]} is not valid; expected text of at most "
            f"{_LONGEST_ID} characters, or a whole number"
        )
    row = Row(
        number,
        id,
        question,
        _images(value.get("images")),
        _upscale(value.get("upscale")),
        _evidence(value.get("evidence")),
        _extra({name: cell for name, cell in value.items() if name not in INPUT_COLUMNS}),
    )
    extra_json = json.dumps(row.extra, ensure_ascii=False)
    if _SURROGATE.search("".join((question, *row.images, extra_json))):
        raise _Unusable("the row contains bytes that are not UTF-8; save the file as UTF-8")
    return row


def _extra(cells: dict[str, Any]) -> dict[str, Any]:
    """Convert extra cells to JSON data: dates and `NaN` become text."""
    try:
        return cast(dict[str, Any], json.loads(json.dumps(cells, default=str), parse_constant=str))
    except (TypeError, ValueError, RecursionError) as error:
        raise _Unusable(f"the row does not fit into JSON ({error}); simplify it") from None


def _images(value: Any) -> tuple[str, ...]:
    """Parse paths: a list, a JSON list in a cell, or a cell with `;` between paths."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise _Unusable("images: begins with [ but is not a JSON list; check it") from None
    if value is None:
        return ()
    if isinstance(value, str):
        value = [part.strip() for part in value.split(";")]
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _Unusable("images: expected a path, paths with ; between them, or a list of paths")
    return tuple(filter(None, value))


def _upscale(value: Any) -> int | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        factor = float(value) if not isinstance(value, bool) else 0.0
    except (TypeError, ValueError):
        factor = 0.0
    if factor not in range(1, 9):
        raise _Unusable(
            f"upscale: got {visible(repr(value))[:60]}; expected a whole number from 1 to 8"
        )
    return int(factor)


def _evidence(value: Any) -> Level | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    level = value.strip().casefold() if isinstance(value, str) else value
    if level not in get_args(Level):
        levels = ", ".join(get_args(Level))
        raise _Unusable(f"evidence: got {visible(repr(value))[:60]}; expected one of {levels}")
    return cast(Level, level)
