"""The results as files: JSON lines, a table, a bibliography; equal rows give equal bytes.

Only `times.jsonl` says when a row was done and how long it took, so that all other files can be
compared.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from agent.batch.plan import Task
from agent.batch.store import Done, Store
from agent.errors import GroundglassError
from agent.files import after_failed_write
from agent.report.citations import to_bibtex
from agent.text import visible
from agent.types import Reference, Verification

Writer = Callable[[BinaryIO], None]

#: Columns of the summary, before the extra columns.
SUMMARY_COLUMNS = (
    "row", "id", "status", "error", "question", "images", "upscale", "evidence", "summary",
    "cards", "verified", "ran", "skipped", "failed", "tokens", "cost_usd", "folder",
)  # fmt: skip
_NUMBERS = {"row": int, "upscale": int, "verified": bool, "cost_usd": float} | dict.fromkeys(
    ("ran", "skipped", "failed", "tokens"), int
)
_MOST_EXTRA = 200
"""Largest number of extra columns in the summary; `results.jsonl` has them all."""
#: Characters that make a spreadsheet treat a cell as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE = 500


def writers(store: Store, reports: str) -> dict[str, Writer]:
    """Return the writer of each file by name; Parquet only if pyarrow is installed.

    Args:
        reports: name of the folder with the report folders.
    """

    def rows() -> Iterator[dict[str, Any]]:
        return (result(done.task, done.fields, reports) for done in store.done())

    @cache
    def extra() -> Mapping[str, str]:
        return _extra_columns(done.task for done in store.done())

    files: dict[str, Writer] = {
        "results.jsonl": lambda file: _json_lines(rows(), file),
        "times.jsonl": lambda file: _json_lines(map(_times, store.done()), file),
        "summary.csv": lambda file: _csv(rows(), extra(), file),
        "references.bib": lambda file: _bibliography(rows(), file),
    }
    if find_spec("pyarrow"):
        files["summary.parquet"] = lambda file: _parquet(rows(), extra(), file)
    return files


def put(write: Writer, draft: Path, place: Path) -> None:
    """Write a file atomically.

    Args:
        draft: path of the temporary file, on the file system of `place`.

    Raises:
        GroundglassError: if the disk fails; an existing file is left as it was.
    """
    try:
        with draft.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    except OSError as error:
        raise GroundglassError(
            f"{visible(str(place))} cannot be written: {error.strerror or error}; "
            f"{after_failed_write(error)}"
        ) from error


def result(task: Task, fields: Mapping[str, Any], reports: str | None) -> dict[str, Any]:
    """Return the result row, as in `results.jsonl`.

    Args:
        fields: the fields of the outcome.
        reports: name of the folder with the report folders; None if there are none.
    """
    row = task.row
    return {
        "row": row.number,
        "id": row.id,
        "status": fields["status"],
        "error": fields["error"],
        "question": row.question,
        "images": row.images,
        "upscale": row.upscale,
        "evidence": row.evidence,
        "extra": row.extra or {},
        "summary": fields["summary"],
        "cards": fields["cards"],
        "folder": f"{reports}/{task.name}" if reports and fields["report"] else None,
        "report": fields["report"],
    }


def summary(row: dict[str, Any]) -> dict[str, Any]:
    """Return the summary columns of a result row, without the extra columns."""
    report = row["report"] or {"verification": None, "runs": [], "tokens": 0, "cost_usd": 0.0}
    runs = [run["status"] for run in report["runs"]]
    verification = report["verification"]
    return {
        **{name: row[name] for name in SUMMARY_COLUMNS if name in row},
        "images": ";".join(row["images"]),
        "cards": ";".join(row["cards"]),
        "verified": Verification.model_validate(verification).passed if verification else None,
        **{status: runs.count(status) for status in ("ran", "skipped", "failed")},
        "tokens": report["tokens"],
        "cost_usd": report["cost_usd"],
    }


def _times(done: Done) -> dict[str, Any]:
    row = done.task.row
    times = {"finished": done.finished, "seconds": done.seconds}
    return {"row": row.number, "id": row.id, **times}


def _json_lines(rows: Iterator[dict[str, Any]], file: BinaryIO) -> None:
    for row in rows:
        file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")


def _bibliography(rows: Iterator[dict[str, Any]], file: BinaryIO) -> None:
    reports = (row["report"] for row in rows if row["report"])
    references = {one["card"]: one for report in reports for one in report["answer"]["references"]}
    file.write(to_bibtex(map(Reference.model_validate, references.values())).encode() + b"\n")


# --- the summary ----------------------------------------------------------------------------------


def _extra_columns(tasks: Iterable[Task]) -> dict[str, str]:
    """Map the names of extra columns to summary columns; taken names get the prefix `extra.`."""
    names: dict[str, str] = {}
    for task in tasks:
        for name in task.row.extra or {}:
            if name not in names and len(names) < _MOST_EXTRA:
                names[name] = f"extra.{name}" if name in SUMMARY_COLUMNS else name
    return names


def _summary_rows(
    rows: Iterator[dict[str, Any]], extra: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        extra_values = {column: _text(row["extra"].get(name)) for name, column in extra.items()}
        yield summary(row) | extra_values


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _csv(rows: Iterator[dict[str, Any]], extra: Mapping[str, str], file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    table = csv.DictWriter(text, [*SUMMARY_COLUMNS, *extra.values()], lineterminator="\n")
    table.writeheader()
    for row in _summary_rows(rows, extra):
        table.writerow({name: _harmless(value) for name, value in row.items()})
    text.detach()


def _harmless(value: Any) -> Any:
    """Prefix text that a spreadsheet would treat as a formula with an apostrophe."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def schema(extra: Iterable[str] = ()) -> Any:
    """Return the Arrow schema of the summary with extra columns."""
    import pyarrow as pa

    kinds = {int: pa.int64(), bool: pa.bool_(), float: pa.float64(), str: pa.string()}
    return pa.schema(
        [(name, kinds[_NUMBERS.get(name, str)]) for name in (*SUMMARY_COLUMNS, *extra)]
    )


def _parquet(rows: Iterator[dict[str, Any]], extra: Mapping[str, str], file: BinaryIO) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    layout = schema(extra.values())
    with parquet.ParquetWriter(file, layout) as table:
        batch: list[dict[str, Any]] = []
        for row in _summary_rows(rows, extra):
            batch.append(row)
            if len(batch) == _ROWS_AT_ONCE:
                table.write_batch(pa.RecordBatch.from_pylist(batch, schema=layout))
                batch.clear()
        if batch:
            table.write_batch(pa.RecordBatch.from_pylist(batch, schema=layout))


NAMES = ("results.jsonl", "times.jsonl", "summary.csv", "summary.parquet", "references.bib")
