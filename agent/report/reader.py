"""Reading a saved report from its JSON, with the pictures beside it."""

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
    """Read the report in a JSON file, or in a folder that `groundglass ask -o` wrote.

    Unchanged pictures beside the JSON are included. A report of another version is read if it has
    the same fields.

    Raises:
        InputError: if the file does not exist, is not a report, or is a report that this version
            cannot read; the message then names the version that wrote it.
    """
    index = path / INDEX if path.is_dir() else path
    where = visible(str(index))
    content = read_text(index, "a report written by groundglass ask -o", _MOST_BYTES)
    try:
        report = Report.model_validate_json(content)
    except ValidationError as error:
        raise InputError(f"{where}: {_refusal(content, error)}") from None
    return report.model_copy(update={"pictures": _pictures(report, index.parent)})


def _refusal(content: str, error: ValidationError) -> str:
    """Explain in one line why the content cannot be read."""
    problem = error.errors()[0]
    where = plain(".".join(map(str, problem["loc"])) or "its beginning")
    writer = _writer(content)
    if writer is None:
        return (
            f"is not a groundglass report (at {where}: {plain(problem['msg'])}); expected the "
            "report.json of groundglass ask -o, or --format json"
        )
    unknown = problem["type"] == "extra_forbidden"
    what = "unknown field" if unknown else plain(problem["msg"])
    return (
        f"was written by groundglass {writer}, and this version, {version('groundglass')}, cannot "
        f"read it (at {where}: {what}); read it with the version that wrote it, or ask its "
        "question again"
    )


def _writer(content: str) -> str | None:
    """Return the version that claims to have written a report; None if the content is not a report.

    Other versions may have other fields, so only two are examined.
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
