"""A Report as a folder: texts, report.json, workflow.json, bibliographies and the pictures.

What users can rely on:

- A new folder is completed elsewhere and then renamed in one step.
- In an existing folder, an earlier report is replaced and its pictures are removed. Everything else
  is left alone, and a foreign file with one of our names stops the writing before anything changes.
- Every file is complete on disk before the first one is moved into place, so that a full disk or an
  interruption leaves the earlier report intact.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

from agent.errors import GroundglassError, InputError
from agent.files import after_failed_write
from agent.report.formats import FORMATS, INDEX, folder_formats
from agent.report.schema import json_text, to_json
from agent.text import first_unsafe, visible
from agent.types import Report

_WORKFLOW = "workflow.json"
_LONGEST_NAME = 255


def write(report: Report, folder: Path) -> list[Path]:
    """Write `report` into `folder`, which is created if necessary.

    Returns:
        The written files: first the texts, then the pictures.

    Raises:
        InputError: if the path is a file, or the folder has foreign files with our names.
        GroundglassError: if the disk fails; the earlier contents are intact.
    """
    return put(contents(report), folder)


def put(files: Mapping[str, bytes], folder: Path, work: Path | None = None) -> list[Path]:
    """Write the `contents` of a report into `folder`, with the guarantees and errors of `write`.

    Args:
        work: an existing folder on the same file system for temporary files, which an interruption
            may leave behind; by default one beside or inside `folder`.
    """
    try:
        return _write(files, folder, work)
    except OSError as error:
        raise GroundglassError(
            f"the report cannot be written to {visible(str(folder))}: "
            f"{error.strerror or error}; {after_failed_write(error)}"
        ) from error


def remove(folder: Path) -> None:
    """Remove a report from `folder`, and the folder if it is empty then.

    Raises:
        GroundglassError: if the disk fails.
    """
    files = _recorded_files(folder / INDEX)
    if files is None:
        return
    try:
        for name, digest in files.items():
            _remove(folder / name, digest)
        for name in _own_names() - {INDEX}:
            (folder / name).unlink(missing_ok=True)
        (folder / INDEX).unlink()  # last: it marks the report as ours
        if not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise GroundglassError(
            f"the report in {visible(str(folder))} cannot be removed: {error.strerror or error}"
        ) from error


def contents(
    report: Report, data: Mapping[str, Any] | None = None, optional: Iterable[str] = ()
) -> dict[str, bytes]:
    """Return the content of each file by name, in the order in which they are moved into place.

    The index comes first: it says which other files are ours.

    Args:
        data: the report as JSON data, if already available.
        optional: keys of optional formats to include, such as `pdf`.

    Raises:
        InputError: if the name of a picture is not a valid file name.
        ConfigError: if an optional format is not available here.
    """
    for name in report.pictures:
        if not is_file_name(name):
            raise InputError(
                f"the picture name {visible(name)!r} cannot be used in a report folder; expected a "
                "plain file name that no other file of the report has"
            )
    files = {INDEX: f"{json_text(data) if data else to_json(report)}\n".encode()}
    for name, form in folder_formats(optional):
        if name != INDEX:
            files[name] = form.content(report)
    if report.workflow:
        files[_WORKFLOW] = f"{to_json(report.workflow)}\n".encode()
    return files | report.pictures


def _own_names() -> set[str]:
    """Return the names that our files may have, apart from pictures."""
    return {_WORKFLOW, *(name for name, _ in folder_formats(FORMATS))}


def is_file_name(name: str) -> bool:
    """Check whether a picture in a report folder may have this name."""
    return (
        0 < len(name.encode(errors="replace")) <= _LONGEST_NAME
        and not name.startswith(".")
        and not any(separator in name for separator in "/\\:\n\r\t")
        and first_unsafe(name) is None
        and name.casefold() not in _own_names()
    )


def _write(contents: Mapping[str, bytes], folder: Path, work: Path | None) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{visible(str(folder))} is a file; name a folder for the report")
    new = not folder.exists()
    stale = {} if new else _replaceable(folder, contents)
    # On the same file system, so that a move is atomic.
    home = work or (folder.parent if new else folder)
    home.mkdir(parents=True, exist_ok=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".groundglass-", dir=home) as temporary:
        draft = Path(temporary, "report")
        draft.mkdir()
        _write_through({draft / name: content for name, content in contents.items()})
        if new:
            draft.rename(folder)
        else:
            for name in contents:
                (draft / name).replace(folder / name)
            for name, digest in stale.items():
                _remove(folder / name, digest)
    return [folder / name for name in contents]


def _replaceable(folder: Path, contents: Mapping[str, bytes]) -> dict[str, str]:
    """Return name and hash of the files that the report in `folder` has and the new one lacks.

    Raises:
        InputError: if a file would be replaced that is not ours.
    """
    files = _recorded_files(folder / INDEX)
    ours = set() if files is None else {*_own_names(), *files}
    foreign = [
        name
        for name in contents
        if (folder / name).is_dir() or (name not in ours and os.path.lexists(folder / name))
    ]
    if foreign:
        raise InputError(
            f"{visible(str(folder))} already contains {', '.join(foreign)}, not written by "
            "groundglass; name another folder, or move them away"
        )
    return {name: digest for name, digest in (files or {}).items() if name not in contents}


def _recorded_files(index: Path) -> dict[str, str] | None:
    """Return name and hash of the files that not every report has: pictures and the workflow.

    None if the folder has no report of ours. The index is read as plain JSON, so that reports of
    other versions are recognised, too.
    """
    try:
        report = json.loads(index.read_bytes()) if index.is_file() else {}
        if "registry_sha256" not in report:
            return None
        artefacts = [item for run in report["runs"] for item in run["artefacts"]]
        files = {str(item["name"]): str(item["sha256"]) for item in artefacts}
        files = {name: digest for name, digest in files.items() if is_file_name(name)}
        if report.get("workflow"):
            files[_WORKFLOW] = sha256(f"{json_text(report['workflow'])}\n".encode()).hexdigest()
    except (ValueError, TypeError, KeyError):
        return None
    return files


def _write_through(contents: Mapping[Path, bytes]) -> None:
    """Write files and sync them: some disks report that they are full only then.

    All files are written before the first sync, which is faster on most disks.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in contents]
        for file, content in zip(files, contents.values(), strict=True):
            file.write(content)
            file.flush()
        for file in files:
            os.fsync(file.fileno())


def _remove(path: Path, digest: str) -> None:
    """Remove a file, unless it has changed since it was written."""
    if path.is_file() and not path.is_symlink() and sha256(path.read_bytes()).hexdigest() == digest:
        path.unlink()
