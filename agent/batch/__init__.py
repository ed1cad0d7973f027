"""Many questions from a file: a row out for each row in, a folder a report, none lost.

rows          a file of any kind to rows                   agent/batch/rows.py
plan          what each row asks, and which ask the same   agent/batch/plan.py
store         what is to be done and what is done          agent/batch/store.py
answering     a task to what is kept of it                 agent/batch/answering.py
result_cache  what is kept, for later rows                 agent/batch/result_cache.py
memory        how many workers fit                         agent/batch/memory.py
dry_run       what it would take                           agent/batch/dry_run.py
workers       in this process or in several                agent/batch/workers.py
tables        results.jsonl, summary.csv, references.bib   agent/batch/tables.py
page          index.html                                   agent/batch/page.py
on_ray        the same rows on many machines               agent/batch/on_ray.py
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path

from agent import registry as registries
from agent.batch import page, rows, tables
from agent.batch.answering import Outcome, now
from agent.batch.dry_run import Estimate, estimate
from agent.batch.memory import affordable
from agent.batch.plan import Task, tasks
from agent.batch.result_cache import FolderCache, matching_files
from agent.batch.store import Store
from agent.batch.workers import answer_tasks
from agent.errors import GroundglassError, InputError
from agent.files import path_of
from agent.registry import Registry
from agent.report import folder as reports
from agent.report.formats import FORMATS, optional_formats
from agent.settings import Settings
from agent.systems.catalogue import RESTORERS
from agent.systems.memory import available_memory
from agent.systems.processor import cores
from agent.text import visible

_STATE, _MADE = ".groundglass", "made"
REPORTS = "reports"


@dataclass
class Totals:
    """How far a batch is."""

    rows: int
    statuses: dict[str, int] = field(default_factory=dict)
    """Number of rows by status; `error` are those without an answer."""
    fresh: int = 0
    """Rows done in this run."""

    workers: int = 1
    """Processes that answer: as many as were asked for and fit into memory."""

    @property
    def done(self) -> int:
        return sum(self.statuses.values())

    @property
    def failed(self) -> int:
        return self.statuses.get("error", 0)


Progress = Callable[[Totals], None]


@dataclass(frozen=True)
class Batch:
    """A file of questions and the folder of its results.

    Args:
        questions: path, or `-` for standard input; see `agent.batch.rows`.
        output: folder; made with its parents where it does not exist.
        form: of the file; None goes by its name.
        images: folder that paths of pictures start from; None is that of the file, and where the
            program runs for standard input.
        limit: only the first rows.
        formats: keys of optional formats, such as `pdf`, that each report is written in, too.
    """

    questions: str
    output: Path
    settings: Settings = field(default_factory=Settings)
    form: rows.Form | None = None
    images: Path | None = None
    limit: int | None = None
    formats: tuple[str, ...] = ()

    def run(
        self,
        workers: int | None = 1,
        retry_failed: bool = False,
        progress: Progress = lambda _: None,
    ) -> Totals:
        """Answer every row that is not done, then write the tables and the page.

        Can be killed at any instant: run again, it goes on where it was.

        Args:
            workers: processes that answer, fewer where they do not fit into memory; None takes one
                for each core where pictures wait to be restored on cores, else one.
            retry_failed: answer again what failed in an earlier run.
            progress: called after every row.

        Raises:
            InputError: for a file or folder that cannot be used.
            RegistryError: for a registry that cannot be used.
            GroundglassError: when the disk refuses.
        """
        registry = registries.load(self.settings.registry, self.settings.cache)
        for name in self.formats:
            FORMATS[name].require()
        with self._store() as store:
            totals = Totals(self._plan(store, registry))
            self._answer(store, totals, workers, retry_failed, progress)
            if self.limit is None:
                self._clear(store)
            self._write_out(store)
        return totals

    def estimate(self, workers: int | None = 1) -> Estimate:
        """What `run` would take; no result is touched. Raises as `run` does."""
        registry = registries.load(self.settings.registry, self.settings.cache)
        with ExitStack() as stack:
            state = self.output / _STATE
            if not state.is_dir():
                state = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            store = stack.enter_context(closing(Store(state)))
            count = self._plan(store, registry)
            crew = self._workers(store, workers, False)
            makers = [(id, tool) for id in registry if (tool := registry[id].tool) in RESTORERS]
            folder_cache = None if self._folder_cache.empty else self._folder_cache
            return estimate(store, count, self.settings, crew, folder_cache, makers)

    def _plan(self, store: Store, registry: Registry) -> int:
        """Read the rows; returns their number."""
        count = store.plan(self._tasks(store, registry))
        if not count:
            raise InputError(f"{visible(self.questions)}: holds no questions")
        store.lose(self._folders())
        return count

    def _folders(self) -> Iterator[str]:
        """Names of the folders of reports."""
        with suppress(FileNotFoundError), os.scandir(self.output / REPORTS) as entries:
            yield from (entry.name for entry in entries if entry.is_dir())

    def _tasks(self, store: Store, registry: Registry) -> Iterator[Task]:
        read: Iterable[rows.Row] = rows.read(self.questions, self.form)
        base = self.images
        if base is None and self.questions != "-":
            base = Path(self.questions).parent
        weights = store.digest(self.settings.weights)
        consulted = self.settings.consulted
        cards = f"{registry.sha256} {store.digest(consulted)}" if consulted else registry.sha256
        setup = f"{version('groundglass')} {cards} {weights} {self.settings.sha256()} "
        setup += " ".join(self.formats)
        locate = partial(path_of, base=base)
        return tasks(itertools.islice(read, self.limit), locate, setup, store.digest)

    @contextmanager
    def _store(self) -> Iterator[Store]:
        """The state of the folder, cleared of what an interruption left behind."""
        state, output = self.output / _STATE, visible(str(self.output))
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"{output}: is a file; name a folder for the results")
        names = (*tables.NAMES, page.NAME, REPORTS)
        if not state.is_dir() and (there := [n for n in names if (self.output / n).exists()]):
            raise InputError(
                f"{output}: already holds {', '.join(there)}, not written by groundglass batch; "
                "name another folder"
            )
        try:
            state.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GroundglassError(f"{output}: {error.strerror}; name another folder") from error
        with closing(Store(state)) as store:
            shutil.rmtree(self._work, ignore_errors=True)
            self._work.mkdir()
            (state / _MADE).mkdir(exist_ok=True)
            yield store
            shutil.rmtree(self._work, ignore_errors=True)

    @property
    def _work(self) -> Path:
        return self.output / _STATE / "work"

    @property
    def _folder_cache(self) -> FolderCache:
        return FolderCache(self.output / _STATE / _MADE, self.output / REPORTS, self._work)

    def _answer(
        self,
        store: Store,
        totals: Totals,
        workers: int | None,
        again: bool,
        progress: Progress,
    ) -> None:
        totals.statuses = _statuses(store, again)
        totals.workers = self._workers(store, workers, again)
        progress(totals)
        pending = store.pending(again)
        fresh = answer_tasks(
            pending, self.settings, totals.workers, self.formats, self._folder_cache
        )
        for task, outcome in itertools.chain(self._answered_earlier(store, again), fresh):
            self._keep(store, task, outcome)
            totals.fresh += 1
            totals.statuses[outcome.status] = totals.statuses.get(outcome.status, 0) + 1
            progress(totals)

    def _workers(self, store: Store, workers: int | None, again: bool) -> int:
        """How many processes answer: networks make better use of cores that they do not share."""
        groups = store.picture_groups(again) if self.settings.evidence != "none" else 0
        if workers is None:
            workers = min(cores(), groups) if self.settings.device == "cpu" else 1
        return affordable(workers, groups > 0, available_memory()) if workers > 1 else 1

    def _answered_earlier(self, store: Store, again: bool) -> Iterator[tuple[Task, Outcome]]:
        """Rows that ask what a row of an earlier run did, with that row's answer."""
        for task, twin in store.twins(again):
            files = matching_files(self.output / REPORTS / twin.name, twin.files)
            if files is not None:
                yield task, Outcome(twin.status, twin.fields, files, twin.thumbnail, now())

    def _keep(self, store: Store, task: Task, outcome: Outcome) -> None:
        """The folder first: a row that is taken down as done has its report."""
        place = self.output / REPORTS / task.name
        if outcome.files is None:
            reports.remove(place)
        else:
            for form in optional_formats():
                if form.file and form.file not in outcome.files:
                    (place / form.file).unlink(missing_ok=True)
            reports.put(outcome.files, place, self._work)
            self._folder_cache.keep(outcome.cache_entries, task.name)
        store.keep(task, outcome)

    def _clear(self, store: Store) -> None:
        """Take away what was done for rows that are in the plan no more."""
        if names := store.strays():
            for name in names:
                reports.remove(self.output / REPORTS / name)
                store.forget(name)
            self._folder_cache.forget(set(names))

    def _write_out(self, store: Store) -> None:
        writers = tables.writers(store, REPORTS)
        statuses = Counter(_statuses(store, again=False))
        writers[page.NAME] = lambda file: page.write(
            store.done(), statuses, REPORTS, self.formats, file
        )
        for name, write in writers.items():
            tables.put(write, self._work / name, self.output / name)


def _statuses(store: Store, again: bool) -> dict[str, int]:
    left = ("pending", "error") if again else ("pending",)
    return {status: count for status, count in store.totals().items() if status not in left}
