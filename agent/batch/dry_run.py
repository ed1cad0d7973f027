"""What a batch would take: rows are read and a few are tried, nothing is kept."""

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

_TRIED = 16
#: Side of the patch that is restored to measure the network, in pixels.
_PATCH = 256


@dataclass(frozen=True)
class Estimate:
    """What is known of a batch before it runs."""

    rows: int
    statuses: dict[str, int]
    """Number of rows that are done, by status, and `pending`."""
    duplicates: int
    bad: tuple[tuple[int, str], ...]
    """Number of the row and what is wrong, of the first that cannot be used."""
    unusable: int
    pictures: int
    """Sets of pictures that tools would run on, without those that are restored already."""
    served: int
    """Sets of pictures that the folder has, restored in an earlier run."""
    megapixels: float
    """That would be restored, after enlargement."""
    seconds: float
    """By the clock, answering and restoring; other tools and a language model not counted."""
    cost_usd: float | None
    """Of the pending rows at the mean of those that are done; None where that is not known."""
    workers: int = 1
    """Processes that would answer."""


def estimate(
    store: Store,
    rows: int,
    settings: Settings,
    workers: int,
    folder_cache: FolderCache | None = None,
    makers: Sequence[tuple[str, str]] = (),
) -> Estimate:
    """Read the plan of a store, and try some of its questions and a patch of the network.

    Args:
        rows: how many the plan has.
        settings: a language model is not asked.
        folder_cache: what tools made of pictures in an earlier run; None where there was none.
        makers: ids of the cards that restore, each with its tool.
    """
    bad: list[tuple[int, str]] = []
    tried: list[Task] = []
    pictures = served = megapixels = unusable = questions = 0.0
    last = ""
    for task in store.pending():
        if task.row.error is not None:
            unusable += 1
            bad += [(task.row.number, task.row.error)] if len(bad) < _TRIED else []
            continue
        questions += task.key != last
        last = task.key
        if len(tried) < _TRIED:
            tried.append(task)
    for task in store.groups():
        level = task.row.evidence or settings.evidence
        if task.images and task.row.error is None and level != "none":
            left = [
                path
                for path in task.images
                if not _served(path, task, settings, folder_cache, makers)
            ]
            pictures += bool(left)
            served += not left
            megapixels += _megapixels(replace(task, images=tuple(left)), settings)
    seconds = questions * _answering(tried, settings) / workers
    seconds += megapixels * _restoring(settings) if megapixels else 0.0
    return Estimate(
        rows=rows,
        statuses=store.totals(),
        duplicates=store.duplicates(),
        bad=tuple(bad),
        unusable=int(unusable),
        pictures=int(pictures),
        served=int(served),
        megapixels=megapixels,
        seconds=seconds,
        cost_usd=_cost(store, questions) if settings.model else 0.0,
        workers=workers,
    )


def _answering(tried: Sequence[Task], settings: Settings) -> float:
    """Seconds of a question, pictures and language model left out."""
    if not tried:
        return 0.0
    answerer = Answerer(replace(settings, model=None, evidence="none"))
    plain = [
        replace(task, images=(), row=replace(task.row, images=(), evidence=None)) for task in tried
    ]
    answerer(replace(plain[0], key="warm"))
    began = time.monotonic()
    for task in plain:
        answerer(task)
    return (time.monotonic() - began) / len(plain)


def _restoring(settings: Settings) -> float:
    """Seconds of a megapixel through the network on all cores; 0 without usable weights."""
    try:
        import numpy as np

        from agent.imaging.picture import Picture

        restorer = in_place_of("restore", settings).open_restorer(settings)
        pixels = np.random.default_rng(0).integers(0, 256, (_PATCH, _PATCH, 3)).astype(np.uint8)
        # Of a network that enlarges, pixels of the result count.
        patch = Picture("patch", pixels[: _PATCH // restorer.scale, : _PATCH // restorer.scale])
        restorer.enlarge_and_restore(patch, restorer.scale, lambda done, total: None)
        began = time.monotonic()
        restorer.enlarge_and_restore(patch, restorer.scale, lambda done, total: None)
        return (time.monotonic() - began) / (_PATCH**2 / 1e6)
    except (CheckpointError, ConfigError, NotApplicable, OSError):
        return 0.0


def _served(
    path: str,
    task: Task,
    settings: Settings,
    folder_cache: FolderCache | None,
    makers: Sequence[tuple[str, str]],
) -> bool:
    """Whether the picture is restored already at the size that the task asks for."""
    if folder_cache is None:
        return False
    from agent.imaging.reading import read

    try:
        picture = read(Path(path)).without_metadata()
    except (InputError, MemoryError):  # answering will say what is wrong with it
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
    """Of the pictures of a task after enlargement; without those that are too large to restore."""
    from PIL import Image

    factor = _factor(task)
    pixels = 0
    for path in task.images:
        try:
            with Image.open(Path(path)) as image:
                size = image.width * image.height * factor**2
        except Exception:  # answering will say what is wrong with it
            continue
        pixels += size if size <= settings.max_pixels else 0
    return pixels / 1e6


def _cost(store: Store, questions: float) -> float | None:
    """US dollars at the mean of what is done; None where nothing is, or its price is not known."""
    spent = [done.fields["report"]["cost_usd"] for done in store.done() if done.fields["report"]]
    return questions * sum(spent) / len(spent) if any(spent) else None
