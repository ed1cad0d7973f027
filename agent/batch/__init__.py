"""Many questions from a file: one result row per input row, one folder per report, none lost.

rows          reads rows from files of any common format
plan          turns rows into tasks, and finds duplicates
store         the state of the batch, in SQLite
answering     answers a task
result_cache  results of tools, for later rows
memory        how many workers fit into memory
dry_run       estimates time and cost
workers       answers tasks in this process or in several
tables        results.jsonl, summary.csv, references.bib
page          index.html
on_ray        the same rows on many machines

A single question is answered by `agent.pipeline`, and its report written by `agent.report`.
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
    """The progress of a batch."""

    rows: int
    statuses: dict[str, int] = field(default_factory=dict)
    """Number of rows by status; rows with `error` have no answer."""
    fresh: int = 0
    """Number of rows done in this run."""

    workers: int = 1
    """Number of worker processes: as many as requested, if they fit into memory."""

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
        output: folder for the results; created if necessary.
        form: format of the file; by default according to its name.
        images: folder that relative paths of pictures start from; by default that of the file, or
            the working directory for standard input.
        limit: number of rows to answer, from the first; None for all.
        formats: keys of optional report formats to write as well, such as `pdf`.
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
        """Answer every pending row, then write the tables and the page.

        It can be killed at any moment; the next run resumes where it stopped.

        Args:
            workers: number of processes, fewer if they do not fit into memory; None for one per
                core if pictures have to be restored on the CPU, else one.
            retry_failed: retry rows that failed in an earlier run.
            progress: called after every row.

        Raises:
            InputError: if the file or the folder is unusable.
            RegistryError: if the registry is invalid.
            GroundglassError: if the disk fails.
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
        """Estimate what `run` would take, without changing any result; raises as `run` does."""
        registry = registries.load(self.settings.registry, self.settings.cache)
        with ExitStack() as stack:
            state = self.output / _STATE
            if not state.is_dir():
                state = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            store = stack.enter_context(closing(Store(state)))
            count = self._plan(store, registry)
            worker_count = self._workers(store, workers, False)
            makers = [(id, tool) for id in registry if (tool := registry[id].tool) in RESTORERS]
            folder_cache = None if self._folder_cache.empty else self._folder_cache
            return estimate(store, count, self.settings, worker_count, folder_cache, makers)

    def _plan(self, store: Store, registry: Registry) -> int:
        """Read the rows, and return their number."""
        count = store.plan(self._tasks(store, registry))
        if not count:
            raise InputError(f"{visible(self.questions)}: contains no questions")
        store.lose(self._folders())
        return count

    def _folders(self) -> Iterator[str]:
        """Yield the names of the report folders."""
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
        """Open the state of the folder, and clean up after an interruption."""
        state, output = self.output / _STATE, visible(str(self.output))
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"{output} is a file; name a folder for the results")
        names = (*tables.NAMES, page.NAME, REPORTS)
        if not state.is_dir() and (there := [n for n in names if (self.output / n).exists()]):
            raise InputError(
                f"{output} already contains {', '.join(there)}, not written by groundglass batch; "
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
        """Return the number of processes: networks use cores better if they do not share them."""
        groups = store.picture_groups(again) if self.settings.evidence != "none" else 0
        if workers is None:
            workers = min(cores(), groups) if self.settings.device == "cpu" else 1
        return affordable(workers, groups > 0, available_memory()) if workers > 1 else 1

    def _answered_earlier(self, store: Store, again: bool) -> Iterator[tuple[Task, Outcome]]:
        """Yield rows that repeat a question of an earlier run, with the earlier answer."""
        for task, twin in store.twins(again):
            files = matching_files(self.output / REPORTS / twin.name, twin.files)
            if files is not None:
                yield task, Outcome(twin.status, twin.fields, files, twin.thumbnail, now())

    def _keep(self, store: Store, task: Task, outcome: Outcome) -> None:
        """Save an outcome: the folder first, so that every row marked as done has its report."""
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
        """Remove the results of rows that are no longer in the plan."""
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
    unfinished = ("pending", "error") if again else ("pending",)
    return {status: count for status, count in store.totals().items() if status not in unfinished}
