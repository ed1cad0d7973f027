"""Reading a saved report back: its JSON, and the pictures that lie beside it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from agent.errors import InputError
from agent.report.folder import is_file_name
from agent.report.formats import INDEX
from agent.report.report import Report
from agent.text import visible

_MOST_BYTES = 64_000_000


def read_report(path: Path) -> Report:
    """The report in a JSON file, or in a folder that `groundglass ask -o` has written.

    Pictures that lie beside the JSON and are still as they were written are part of it.

    Raises:
        InputError: for a file that is not there or holds no report.
    """
    index = path / INDEX if path.is_dir() else path
    shown = visible(str(index))
    try:
        with index.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or error
        raise InputError(
            f"{shown}: cannot be read ({detail}); expected a report as groundglass ask -o writes it"
        ) from error
    if len(content) > _MOST_BYTES:
        raise InputError(f"{shown}: is larger than {_MOST_BYTES // 10**6} MB; expected a report")
    try:
        report = Report.model_validate_json(content)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "its beginning"
        raise InputError(
            f"{shown}: is no report of groundglass (at {visible(where)}: {visible(problem['msg'])})"
            "; expected the report.json of groundglass ask -o, or --format json"
        ) from None
    return report.model_copy(update={"pictures": _pictures(report, index.parent)})


def _pictures(report: Report, folder: Path) -> dict[str, bytes]:
    found = {}
    for item in (item for run in report.runs for item in run.artefacts):
        path = folder / item.name
        if is_file_name(item.name) and path.is_file():
            content = path.read_bytes()
            if sha256(content).hexdigest() == item.sha256:
                found[item.name] = content
    return found
