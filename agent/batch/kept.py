"""What the folder of a batch holds and a later row can use: whole reports, and what tools made.

Either counts only while the files in the folder are as they were written, so it does not matter
what became of them: a row gets the same bytes whether it used something or not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from agent.steps.memory import Made, named
from agent.types import RunResult


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file, by name."""
    return {name: sha256(content).hexdigest() for name, content in files.items()}


def held(folder: Path, wanted: Mapping[str, str]) -> dict[str, bytes] | None:
    """The files with these hashes; None where one is not there, or is another by now."""
    try:
        files = {name: (folder / name).read_bytes() for name in wanted}
    except OSError:
        return None
    return files if hashes(files) == wanted else None


class Shelf:
    """What tools made of pictures: in an entry what they told, and which report has the pictures.

    Every worker reads; what a worker adds is taken from it by the one process that writes.

    Args:
        folder: of the entries, a file for each.
        reports: folder that the folders of reports are in.
    """

    def __init__(self, folder: Path, reports: Path) -> None:
        self._folder, self._reports = folder, reports
        self._new: dict[str, tuple[str, str]] = {}

    def find(self, key: str) -> Made | None:
        """What was made, as long as the report still has its pictures."""
        try:
            report, stem, told = json.loads((self._folder / key).read_bytes())
            result = RunResult.model_validate_json(told)
        except (OSError, ValueError):  # not there, or cut off when the machine stopped
            return None
        names = {item.name: named(item.name, stem) for item in result.artefacts}
        wanted = {names[item.name]: item.sha256 for item in result.artefacts}
        files = held(self._reports / report, wanted)
        return None if files is None else Made(result, {old: files[names[old]] for old in names})

    def put(self, key: str, made: Made, stem: str) -> None:
        """Add what was just made of a picture of this stem, for `taken`."""
        self._new[key] = (stem, made.result.model_dump_json())

    def taken(self) -> dict[str, tuple[str, str]]:
        """What was added since the last call: stem and what was told, by key."""
        new, self._new = self._new, {}
        return new

    def keep(self, added: Mapping[str, tuple[str, str]], report: str, work: Path) -> None:
        """Write entries of what is in the report of this name by now.

        Args:
            work: a folder of the same file system where files are made.
        """
        with suppress(OSError):  # what is not noted is worked out again
            for key, (stem, told) in added.items():
                (work / key).write_text(json.dumps([report, stem, told]), "ascii")
                (work / key).replace(self._folder / key)

    def forget(self, reports: Collection[str]) -> None:
        """Remove the entries of reports that are gone."""
        for path in self._folder.iterdir():
            try:
                gone = json.loads(path.read_bytes())[0] in reports
            except (OSError, ValueError):
                gone = True
            if gone:
                path.unlink(missing_ok=True)
