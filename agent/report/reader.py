"""Reading a report back from its JSON, with the pictures that lie beside it."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from agent.errors import InputError
from agent.files import read_text
from agent.report.folder import is_file_name
from agent.report.formats import INDEX
from agent.report.report import Report
from agent.report.single_line import plain
from agent.text import visible

_MOST_BYTES = 64_000_000
_LONGEST_VERSION = 40


def read_report(path: Path) -> Report:
    """The report in a JSON file, or in a folder that `groundglass ask -o` has written.

    Pictures that lie beside the JSON and are still as they were written are part of it. A report of
    another version is read where it has the same fields.

    Raises:
        InputError: for a file that is not there or holds no report, and for a report that this
            version cannot read, with the version that wrote it.
    """
    index = path / INDEX if path.is_dir() else path
    where = visible(str(index))
    content = read_text(index, "a report as groundglass ask -o writes it", _MOST_BYTES)
    try:
        report = Report.model_validate_json(content)
    except ValidationError as error:
        raise InputError(f"{where}: {_refusal(content, error)}") from None
    return report.model_copy(update={"pictures": _pictures(report, index.parent)})


def _refusal(content: str, error: ValidationError) -> str:
    """Why the content is not read, on one line."""
    problem = error.errors()[0]
    where = plain(".".join(map(str, problem["loc"])) or "its beginning")
    writer = _writer(content)
    if writer is None:
        return (
            f"is no report of groundglass (at {where}: {plain(problem['msg'])}); expected the "
            "report.json of groundglass ask -o, or --format json"
        )
    unknown = problem["type"] == "extra_forbidden"
    what = "it does not know this field" if unknown else plain(problem["msg"])
    return (
        f"is a report of groundglass {writer}, which this one, {version('groundglass')}, cannot "
        f"read (at {where}: {what}); read it with the program that wrote it, or ask its question "
        "again"
    )


def _writer(content: str) -> str | None:
    """The version that says of itself to have written a report, None for what is no report.

    It may have had other fields than this version, so that only two are looked at.
    """
    try:
        report = json.loads(content)
    except ValueError:
        return None
    if not isinstance(report, dict) or "registry_sha256" not in report:
        return None
    writer = report.get("version")
    return plain(writer)[:_LONGEST_VERSION] if isinstance(writer, str) else None


def _pictures(report: Report, folder: Path) -> dict[str, bytes]:
    pictures = {}
    for item in (item for run in report.runs for item in run.artefacts):
        path = folder / item.name
        if is_file_name(item.name) and path.is_file():
            content = path.read_bytes()
            if sha256(content).hexdigest() == item.sha256:
                pictures[item.name] = content
    return pictures
