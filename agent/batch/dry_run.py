"""Estimates of time and cost: all rows are read and a few are tried, nothing is saved."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.batch.answering import Answerer
from agent.batch.plan import Task
from agent.batch.result_cache import FolderCache
from agent.batch.store import Store
from agent.errors import CheckpointError, ConfigError, InputError
from agent.question.parse import parse
from agent.settings import Settings
from agent.systems.catalogue import in_place_of
from agent.systems.result_cache import key_of
from agent.systems.selection import factor_of
from agent.systems.spec import Job, NotApplicable
from agent.types import Question

_SAMPLE = 16
#: Side in pixels of the patch with which the speed of the network is measured.
_PATCH = 256


@dataclass(frozen=True)
class Estimate:
    """The estimate of a batch before it runs."""

    rows: int
    statuses: dict[str, int]
    """Number of rows by status, including `pending`."""
    duplicates: int
    bad: tuple[tuple[int, str], ...]
    """Number of each of the first unusable rows, and what is wrong with it."""
    unusable: int
    pictures: int
    """Number of sets of pictures that tools would run on, without those already restored."""
    restored: int
    """Number of sets of pictures already restored in an earlier run."""
    megapixels: float
    """Megapixels to restore, after enlargement."""
    seconds: float
    """Wall-clock time for answering and restoring, without other tools and a language model."""
    cost_usd: float | None
    """Cost of the pending rows at the mean of those done; None if unknown."""
    workers: int = 1
    """Number of worker processes."""


def estimate(
    store: Store,
    rows: int,
    settings: Settings,
    workers: int,
    folder_cache: FolderCache | None = None,
    makers: Sequence[tuple[str, str]] = (),
) -> Estimate:
    """Read the plan of a store, and measure some of its questions and a patch of the network.

    Args:
        rows: number of rows in the plan.
        settings: the settings of the batch; the language model is not called.
        folder_cache: results of tools of an earlier run; None without one.
        makers: ids of the cards that restore, each with its tool.
    """
    bad: list[tuple[int, str]] = []
    sample: list[Task] = []
    pictures = restored = megapixels = unusable = questions = 0.0
    last = ""
    for task in store.pending():
        if task.row.error is not None:
            unusable += 1
            bad += [(task.row.number, task.row.error)] if len(bad) < _SAMPLE else []
            continue
        questions += task.key != last
        last = task.key
        if len(sample) < _SAMPLE:
            sample.append(task)
    for task in store.groups():
        level = task.row.evidence or settings.evidence
        if task.images and task.row.error is None and level != "none":
            missing = [
                path
                for path in task.images
                if not _is_restored(path, task, settings, folder_cache, makers)
            ]
            pictures += bool(missing)
            restored += not missing
            megapixels += _megapixels(replace(task, images=tuple(missing)), settings)
    seconds = questions * _answering(sample, settings) / workers
    seconds += megapixels * _restoring(settings) if megapixels else 0.0
    return Estimate(
        rows=rows,
        statuses=store.totals(),
        duplicates=store.duplicates(),
        bad=tuple(bad),
        unusable=int(unusable),
        pictures=int(pictures),
        restored=int(restored),
        megapixels=megapixels,
        seconds=seconds,
        cost_usd=_cost(store, questions) if settings.model else 0.0,
        workers=workers,
    )


def _answering(sample: Sequence[Task], settings: Settings) -> float:
    """Measure the seconds per question, without pictures and language model."""
    if not sample:
        return 0.0
    answerer = Answerer(replace(settings, model=None, evidence="none"))
    plain = [
        replace(task, images=(), row=replace(task.row, images=(), evidence=None)) for task in sample
    ]
    answerer(replace(plain[0], key="warm"))
    began = time.monotonic()
    for task in plain:
        answerer(task)
    return (time.monotonic() - began) / len(plain)


def _restoring(settings: Settings) -> float:
    """Measure the seconds per megapixel on all cores; 0 without usable weights."""
    try:
        import numpy as np

        from agent.imaging.picture import Picture

        restorer = in_place_of("restore", settings).open_restorer(settings)
        pixels = np.random.default_rng(0).integers(0, 256, (_PATCH, _PATCH, 3)).astype(np.uint8)
        # For a network that enlarges, count the pixels of the result.
        patch = Picture("patch", pixels[: _PATCH // restorer.scale, : _PATCH // restorer.scale])
        restorer.enlarge_and_restore(patch, restorer.scale, lambda done, total: None)
        began = time.monotonic()
        restorer.enlarge_and_restore(patch, restorer.scale, lambda done, total: None)
        return (time.monotonic() - began) / (_PATCH**2 / 1e6)
    except (CheckpointError, ConfigError, NotApplicable, OSError):
        return 0.0


def _is_restored(
    path: str,
    task: Task,
    settings: Settings,
    folder_cache: FolderCache | None,
    makers: Sequence[tuple[str, str]],
) -> bool:
    """Check whether a picture is already restored at the size of the task."""
    if folder_cache is None:
        return False
    from agent.imaging.reading import read

    try:
        picture = read(Path(path)).without_metadata()
    except (InputError, MemoryError):  # reported when the row is answered
        return False
    factor = _factor(task)
    return any(
        folder_cache.find(key_of(tool, Job(card, picture, "", factor), settings))
        for card, tool in makers
    )


def _factor(task: Task) -> int:
    question = Question(text=task.row.question, upscale=task.row.upscale)
    return factor_of(question, parse(question.text))


def _megapixels(task: Task, settings: Settings) -> float:
    """Return the megapixels of a task's pictures after enlargement, without too large ones."""
    from PIL import Image

    factor = _factor(task)
    pixels = 0
    for path in task.images:
        try:
            with Image.open(Path(path)) as image:
                size = image.width * image.height * factor**2
        except Exception:  # reported when the row is answered
            continue
        pixels += size if size <= settings.max_pixels else 0
    return pixels / 1e6


def _cost(store: Store, questions: float) -> float | None:
    """Return US dollars at the mean of the rows done; None if there are none or without price."""
    costs = [done.fields["report"]["cost_usd"] for done in store.done() if done.fields["report"]]
    return questions * sum(costs) / len(costs) if any(costs) else None
