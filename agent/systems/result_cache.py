"""Cache of tool results, so that no tool runs twice on the same picture, whatever its name.

A tool depends on the content of a picture; the name only appears in its texts. So it runs on the
picture under a placeholder name, and the cached result is renamed for every file with that content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from typing import NamedTuple, Protocol

from agent.settings import Settings
from agent.systems.spec import Job
from agent.types import RunResult

_MOST = 10  # a result holds pictures
#: Placeholders that no file name can contain.
_STEM, _NAME = "/stem-6f8a1d0c93e7/", "/name-6f8a1d0c93e7/"


class RunOutput(NamedTuple):
    """Output of a tool's run on a picture."""

    result: RunResult
    files: dict[str, bytes]
    """PNG bytes by artefact name."""

    def for_job(self, job: Job) -> RunOutput:
        """Rename the output of `unnamed(job)` for the picture of `job`."""
        text = self.result.model_dump_json()
        name = json.dumps(job.picture.name)[1:-1]  # escaped for JSON
        result = RunResult.model_validate_json(fill_in(text, job.stem, name))
        return RunOutput(result, {fill_in(file, job.stem): self.files[file] for file in self.files})


class SharedCache(Protocol):
    """A cache that outlives the process and serves other processes."""

    def alone(self, key: str) -> AbstractContextManager[None]:
        """Return a lock on the key, across processes."""

    def find(self, key: str) -> RunOutput | None:
        """Return the output stored under the key, if any."""

    def put(self, key: str, output: RunOutput, stem: str) -> None:
        """Store an output for the picture with this stem."""


class ResultCache:
    """The most recent outputs of tools, by everything they depend on.

    Args:
        shared: further cache to consult.
    """

    def __init__(self, shared: SharedCache | None = None) -> None:
        self._outputs: dict[str, RunOutput] = {}
        self._shared_cache = shared

    def recall(
        self, tool: str, job: Job, settings: Settings, run: Callable[[Job], RunOutput]
    ) -> RunOutput:
        """Return the cached output of `tool` for `job`, or that of `run`, cached if it ran."""
        key = key_of(tool, job, settings)
        output = self._outputs.get(key) or self._from_shared(key, job, run)
        if output.result.status == "ran":
            self._outputs[key] = output
            while len(self._outputs) > _MOST:
                self._outputs.pop(next(iter(self._outputs)))
        return output.for_job(job)

    def _from_shared(self, key: str, job: Job, run: Callable[[Job], RunOutput]) -> RunOutput:
        """Return the output from the shared cache, or from `run` while others wait for it."""
        if self._shared_cache is None:
            return run(unnamed(job))
        with self._shared_cache.alone(key):
            output = self._shared_cache.find(key)
            if output is None:
                output = run(unnamed(job))
                if output.result.status == "ran":
                    self._shared_cache.put(key, output, job.stem)
            return output


def unnamed(job: Job) -> Job:
    """Return the job with placeholders for the name and the stem of its picture."""
    return replace(
        job,
        picture=replace(job.picture, name=_NAME),
        stem=_STEM,
        versions={label: replace(version, name=_NAME) for label, version in job.versions.items()},
    )


def fill_in(text: str, stem: str, name: str = "") -> str:
    """Replace the placeholders in a text on an unnamed job by names."""
    return text.replace(_STEM, stem).replace(_NAME, name)


def key_of(tool: str, job: Job, settings: Settings) -> str:
    """Return a hash of everything a result depends on; versions of a picture follow from it."""
    picture, content = job.picture, hashlib.sha256()
    for samples in (picture.pixels, picture.alpha):
        if samples is not None:
            content.update(repr((samples.shape, samples.dtype)).encode())
            content.update(samples.tobytes())
    rest = (picture.icc_profile, picture.exif, picture.grey, picture.notes, picture.colour)
    weights = settings.weights.stat() if settings.weights.is_file() else None
    state = (weights.st_size, weights.st_mtime_ns) if weights else None
    request = (_version(), tool, job.card, job.file_card, job.factor, sorted(job.versions))
    content.update(repr((*request, rest, settings.for_tools(), state)).encode())
    return content.hexdigest()


@cache
def _version() -> str:
    return version("groundglass")
