"""The folder of a comparison, which keeps finished results so that they need no second run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from agent.errors import GroundglassError, InputError
from agent.files import after_failed_write, sha256_of, write_whole
from agent.imaging.picture import Picture
from agent.imaging.reading import read_bytes
from agent.report.model_comparison.record import ComparedPicture, ModelComparison, ModelResult
from agent.report.schema import to_json
from agent.text import visible
from agent.types import Artefact

INDEX = "comparison.json"
"""File that marks the folder as ours; it lists every finished result."""


class ComparisonFolder:
    """A new folder for a comparison, or that of an earlier or unfinished one.

    Raises:
        InputError: for a path to a file, or a folder that holds other things.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        where = visible(str(path))
        if path.exists() and not path.is_dir():
            raise InputError(f"{where}: is a file; name a folder for the comparison")
        earlier = _earlier(path / INDEX)
        self._earlier = {result.basis: result for result in earlier.results()} if earlier else {}
        self._artefacts = earlier.artefacts() if earlier else []
        is_ours = (path / INDEX).is_file() and _is_ours(path / INDEX)
        if path.is_dir() and not is_ours and any(path.iterdir()):
            raise InputError(
                f"{where}: holds other files but no comparison; name a new folder with -o"
            )

    def recall(self, basis: str) -> ModelResult | None:
        """Return the finished result with this basis, if its picture is intact."""
        result = self._earlier.get(basis)
        if result is None or result.status != "ran" or result.picture is None:
            return None
        path = self.path / result.picture.name
        return result if path.is_file() and sha256_of(path) == result.picture.sha256 else None

    def others(self, pictures: Iterable[ComparedPicture]) -> tuple[ModelResult, ...]:
        """Return the results of the earlier comparison that are not among these pictures'."""
        bases = {result.basis for picture in pictures for result in picture.results}
        return tuple(result for basis, result in self._earlier.items() if basis not in bases)

    def load(self, result: ModelResult) -> Picture:
        """Read the picture of a result."""
        assert result.picture is not None, f"{result.model} made none"
        name = result.picture.name
        return read_bytes((self.path / name).read_bytes(), name, visible(str(self.path / name)))

    def save(self, comparison: ModelComparison) -> None:
        """Write the comparison as it is so far."""
        self.write(INDEX, f"{to_json(comparison)}\n".encode())

    def finish(self, comparison: ModelComparison) -> None:
        """Write the finished comparison and remove pictures of earlier ones that it lacks."""
        self.save(comparison)
        current = {artefact.name for artefact in comparison.artefacts()}
        for artefact in self._artefacts:
            path = self.path / artefact.name
            unchanged = path.is_file() and sha256_of(path) == artefact.sha256
            if artefact.name not in current and unchanged:
                path.unlink()

    def write(self, name: str, content: bytes) -> Path:
        """Write a file of the comparison atomically.

        Raises:
            GroundglassError: if the disk cannot be written to.
        """
        path = self.path / name
        try:
            write_whole(path, content)
        except OSError as error:
            raise GroundglassError(
                f"{visible(str(path))}: cannot be written ({error.strerror or error}); "
                f"{after_failed_write(error)}"
            ) from error
        return path

    def draw(self, name: str, caption: str, content: bytes) -> Artefact:
        """Write a picture of the comparison as an artefact."""
        self.write(name, content)
        return Artefact(name=name, caption=caption, sha256=sha256(content).hexdigest())


def _is_ours(index: Path) -> bool:
    """Check whether a version of this program wrote the file."""
    try:
        return str(json.loads(index.read_bytes())["format"]).startswith("groundglass-comparison-")
    except (ValueError, TypeError, KeyError, OSError):
        return False


def _earlier(index: Path) -> ModelComparison | None:
    """Return the comparison in the folder; None if there is none, or another version wrote it."""
    try:
        return ModelComparison.model_validate_json(index.read_bytes())
    except (OSError, ValidationError):
        return None
