"""A Report as a folder: texts, report.json, workflow.json, bibliographies and the pictures.

What is promised to whoever names a folder:

- A folder that does not exist is made complete elsewhere and then moved there in one step.
- In a folder that exists, an earlier report of ours is replaced and its pictures are removed;
  everything else in it is left alone, and a file of another origin under one of our names stops
  the writing before anything is changed.
- Every file is complete on the disk before the first one is moved into place, so a full disk or
  an interruption leaves what was there before.
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
from agent.report.formats import FORMATS, INDEX, folder_formats
from agent.report.schema import json_text, to_json
from agent.text import first_unsafe, visible
from agent.types import Report

_WORKFLOW = "workflow.json"
_LONGEST_NAME = 255


def write(report: Report, folder: Path) -> list[Path]:
    """Write `report` into `folder`, made with its parents where it does not exist.

    Returns:
        What was written: the texts, then the pictures.

    Raises:
        InputError: for a path that is a file, or files in the folder that are not ours.
        GroundglassError: when the disk refuses; what was there before is still there.
    """
    return put(contents(report), folder)


def put(files: Mapping[str, bytes], folder: Path, work: Path | None = None) -> list[Path]:
    """Write the `contents` of a report into `folder`, with the promises and errors of `write`.

    Args:
        work: an existing folder of the same file system where files are made; whatever an
            interruption leaves behind is there. None takes one beside or inside `folder`.
    """
    try:
        return _write(files, folder, work)
    except OSError as error:
        raise GroundglassError(
            f"the report cannot be written to {visible(str(folder))}: "
            f"{error.strerror or error}; name another folder with -o, or make room there"
        ) from error


def remove(folder: Path) -> None:
    """Remove a report of ours from `folder`, and the folder where nothing else is in it.

    Raises:
        GroundglassError: when the disk refuses.
    """
    files = _recorded_files(folder / INDEX)
    if files is None:
        return
    try:
        for name, digest in files.items():
            _remove(folder / name, digest)
        for name in _own_names() - {INDEX}:
            (folder / name).unlink(missing_ok=True)
        (folder / INDEX).unlink()  # last: until then the report is known as ours
        if not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise GroundglassError(
            f"the report in {visible(str(folder))} cannot be removed: {error.strerror or error}"
        ) from error


def contents(
    report: Report, data: Mapping[str, Any] | None = None, optional: Iterable[str] = ()
) -> dict[str, bytes]:
    """File name to content, in the order in which the files are moved into place.

    The index is first: it says which other files are ours.

    Args:
        data: the report as JSON has it, where that is at hand.
        optional: keys of optional formats, such as `pdf`, to hold beside those of every folder.

    Raises:
        InputError: for a picture whose name cannot be that of a file.
        ConfigError: for an optional format that cannot be made here.
    """
    for name in report.pictures:
        if not is_file_name(name):
            raise InputError(
                f"the picture name {visible(name)!r} cannot be a file of a report; expected a "
                "plain file name that no text of the report has"
            )
    files = {INDEX: f"{json_text(data) if data else to_json(report)}\n".encode()}
    for name, form in folder_formats(optional):
        if name != INDEX:
            files[name] = form.content(report)
    if report.workflow:
        files[_WORKFLOW] = f"{to_json(report.workflow)}\n".encode()
    return files | report.pictures


def _own_names() -> set[str]:
    """Names that a file of ours may have, apart from pictures."""
    return {_WORKFLOW, *(name for name, _ in folder_formats(FORMATS))}


def is_file_name(name: str) -> bool:
    """Whether a picture of a report may have this name: in its folder, and no other file of it."""
    return (
        0 < len(name.encode(errors="replace")) <= _LONGEST_NAME
        and not name.startswith(".")
        and not any(separator in name for separator in "/\\:\n\r\t")
        and first_unsafe(name) is None
        and name.casefold() not in _own_names()
    )


def _write(contents: Mapping[str, bytes], folder: Path, work: Path | None) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{visible(str(folder))}: is a file; name a folder for the report")
    new = not folder.exists()
    stale = {} if new else _replaceable(folder, contents)
    # The same file system, so that a move is one step.
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
    """Name and hash of what the report in `folder` has and the new one does not.

    Raises:
        InputError: when a file would be replaced that no report of ours has written.
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
            f"{visible(str(folder))}: already holds {', '.join(foreign)}, not written by "
            "groundglass; name another folder, or move them away"
        )
    return {name: digest for name, digest in (files or {}).items() if name not in contents}


def _recorded_files(index: Path) -> dict[str, str] | None:
    """Name and hash of the files that not every report has: pictures and the workflow.

    None where there is no report of ours.

    Read without the nouns, so that a report of another version is known as ours, too.
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
    """Write and wait for the disk: some only say that they are full when they are waited for.

    All is written before the first wait: most disks then take it at once.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in contents]
        for file, content in zip(files, contents.values(), strict=True):
            file.write(content)
            file.flush()
        for file in files:
            os.fsync(file.fileno())


def _remove(path: Path, digest: str) -> None:
    """Remove a file that is still as it was written."""
    if path.is_file() and not path.is_symlink() and sha256(path.read_bytes()).hexdigest() == digest:
        path.unlink()
