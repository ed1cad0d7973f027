"""What tools made of pictures before, so that nothing is worked out twice, whatever its name.

A tool looks at the content of a picture, and its name only stands in what it tells. So it runs on
the picture under a stand-in, what came of it is kept, and is named anew for every file that has
this content.
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

_MOST = 10  # what came of a run holds its pictures
#: What no name of a file can hold.
_STEM, _NAME = "/stem-6f8a1d0c93e7/", "/name-6f8a1d0c93e7/"


class RunOutput(NamedTuple):
    """What came of running a tool on a picture."""

    result: RunResult
    files: dict[str, bytes]
    """PNG bytes by artefact name."""

    def for_job(self, job: Job) -> RunOutput:
        """The same of the picture that `job` names, from what came of `unnamed(job)`."""
        text = self.result.model_dump_json()
        name = json.dumps(job.picture.name)[1:-1]  # in a text of JSON
        result = RunResult.model_validate_json(fill_in(text, job.stem, name))
        return RunOutput(result, {fill_in(file, job.stem): self.files[file] for file in self.files})


class SharedCache(Protocol):
    """Keeps what was made for longer than a process lives, and for other processes."""

    def alone(self, key: str) -> AbstractContextManager[None]:
        """Wait until nobody else is within this for the same key."""

    def find(self, key: str) -> RunOutput | None:
        """What was put there under this key."""

    def put(self, key: str, output: RunOutput, stem: str) -> None:
        """Take over what was just made, of the picture of this stem."""


class ResultCache:
    """The last few things that tools made of pictures, by all that they depend on.

    Args:
        shared: where to look for what it holds no more.
    """

    def __init__(self, shared: SharedCache | None = None) -> None:
        self._outputs: dict[str, RunOutput] = {}
        self._shared_cache = shared

    def recall(
        self, tool: str, job: Job, settings: Settings, run: Callable[[Job], RunOutput]
    ) -> RunOutput:
        """What `tool` makes of `job`: from before, else from `run`, and kept where that ran."""
        key = key_of(tool, job, settings)
        output = self._outputs.get(key) or self._from_shared(key, job, run)
        if output.result.status == "ran":
            self._outputs[key] = output
            while len(self._outputs) > _MOST:
                self._outputs.pop(next(iter(self._outputs)))
        return output.for_job(job)

    def _from_shared(self, key: str, job: Job, run: Callable[[Job], RunOutput]) -> RunOutput:
        """From the shared cache, else from `run`; callers wait while another runs the same."""
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
    """The job with stand-ins for the name of its picture and for what its files begin with."""
    return replace(
        job,
        picture=replace(job.picture, name=_NAME),
        stem=_STEM,
        versions={label: replace(version, name=_NAME) for label, version in job.versions.items()},
    )


def fill_in(text: str, stem: str, name: str = "") -> str:
    """Text on an unnamed job, with names in place of the stand-ins."""
    return text.replace(_STEM, stem).replace(_NAME, name)


def key_of(tool: str, job: Job, settings: Settings) -> str:
    """Hash of all that a result depends on; versions of a picture follow from the rest."""
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
