"""What the folder of a batch holds and a later row can use: whole reports, and what tools made.

Either counts only while the files in the folder are as they were written, so it does not matter
what became of them: a row gets the same bytes whether it used something or not.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from agent.systems.result_cache import RunOutput, fill_in
from agent.types import RunResult


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file, by name."""
    return {name: sha256(content).hexdigest() for name, content in files.items()}


def matching_files(folder: Path, digests: Mapping[str, str]) -> dict[str, bytes] | None:
    """The files with these hashes; None where one is not there, or is another by now."""
    try:
        files = {name: (folder / name).read_bytes() for name in digests}
    except OSError:
        return None
    return files if hashes(files) == digests else None


class FolderCache:
    """What tools made of pictures: in an entry what they told, and which folder has the pictures.

    What a worker makes lies in the folder of work at first, where every other finds it at once.
    The one process that writes reports takes it from there when it has written the worker's.

    Args:
        folder: of the entries, a file for each.
        reports: folder that the folders of reports are in.
        work: of the same file system; emptied whenever a batch starts and when it ends.
    """

    def __init__(self, folder: Path, reports: Path, work: Path) -> None:
        self._folder, self._reports, self._work = folder, reports, work
        self._new: dict[str, tuple[str, str]] = {}

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Wait until no other process is within this for the same key; the system frees the lock of
        a process that is killed. Not to be nested for one key: it would wait for itself.
        """
        with FileLock(self._work / f"{key}.lock"):
            yield

    @property
    def empty(self) -> bool:
        """Whether nothing was kept in an earlier run."""
        return not self._folder.is_dir() or not any(self._folder.iterdir())

    def find(self, key: str) -> RunOutput | None:
        """What was made, as long as its pictures are still there."""
        output = _read(self._folder / key, self._reports)
        return output or _read(self._fresh(key), self._work)

    def put(self, key: str, output: RunOutput, stem: str) -> None:
        """Add what was just made of a picture of this stem, for others and for `new_entries`."""
        result_json = output.result.model_dump_json()
        self._new[key] = (stem, result_json)
        with suppress(OSError):  # what others do not find they make themselves
            place = self._work / key
            place.mkdir(exist_ok=True)
            for name, content in output.files.items():
                (place / fill_in(name, stem)).write_bytes(content)
            self._fresh(key).write_text(json.dumps([key, stem, result_json]), "ascii")

    def new_entries(self) -> dict[str, tuple[str, str]]:
        """What was added since the last call: stem and result as JSON, by key."""
        new, self._new = self._new, {}
        return new

    def keep(self, added: Mapping[str, tuple[str, str]], report: str) -> None:
        """Write entries of what is in the report of this name by now."""
        with suppress(OSError):  # what is not noted is worked out again
            for key, (stem, result_json) in added.items():
                draft = self._work / f"{key}.draft"
                draft.write_text(json.dumps([report, stem, result_json]), "ascii")
                with self.alone(key):  # nobody reads what is removed
                    draft.replace(self._folder / key)
                    self._fresh(key).unlink(missing_ok=True)
                    shutil.rmtree(self._work / key, ignore_errors=True)

    def forget(self, reports: Collection[str]) -> None:
        """Remove the entries of reports that are gone."""
        for path in self._folder.iterdir():
            try:
                gone = json.loads(path.read_bytes())[0] in reports
            except (OSError, ValueError):
                gone = True
            if gone:
                path.unlink(missing_ok=True)

    def _fresh(self, key: str) -> Path:
        """The entry of what is in no report yet."""
        return self._work / f"{key}.json"


def _read(entry: Path, home: Path) -> RunOutput | None:
    """What an entry tells of, with the pictures from the folder in `home` that it names."""
    try:
        place, stem, result_json = json.loads(entry.read_bytes())
        result = RunResult.model_validate_json(result_json)
    except (OSError, ValueError):  # not there, or cut off when the machine stopped
        return None
    names = {item.name: fill_in(item.name, stem) for item in result.artefacts}
    digests = {names[item.name]: item.sha256 for item in result.artefacts}
    files = matching_files(home / place, digests)
    return None if files is None else RunOutput(result, {old: files[names[old]] for old in names})
