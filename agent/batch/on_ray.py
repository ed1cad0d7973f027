"""A batch on Ray Data: many machines, shared storage, Ray's scheduler.

The plan is made where the command runs. Actors load their models once, answer rows and return
lines. Ray distributes the rows, retries those of lost machines, and sorts the lines. Rows contain
paths of pictures, never pixels: an actor fetches a picture when it needs it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import secrets
import stat
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from agent.batch import rows, tables
from agent.batch.answering import Answerer, Outcome, failed
from agent.batch.plan import Task, tasks
from agent.batch.store import Store
from agent.errors import ConfigError, InputError
from agent.settings import Settings
from agent.text import visible

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK, _LARGEST_BLOCK = 500, 1000
"""Number of rows per block in Ray's object store, and of one group in a block."""
_BATCH = 32
"""Number of rows that an actor gets at a time."""
_COMPLETE = "_SUCCESS"

Kind = Literal["jsonl", "parquet"]


@dataclass(frozen=True)
class RayBatch:
    """A file of questions whose rows are answered on Ray.

    Args:
        questions: path or any address that fsspec opens; see `agent.batch.rows`.
        output: folder or address; the results are written to `results` inside it.
        images: folder or address that relative paths of pictures start from; by default that of
            the questions. Every actor must be able to reach it.
        actors: number of actors, each with `cpus` CPU cores and `gpus` GPUs, possibly fractional.
        kind: format of the result files.
    """

    questions: str
    output: str
    settings: Settings = field(default_factory=Settings)
    form: rows.Form | None = None
    images: str | None = None
    limit: int | None = None
    actors: int = 1
    cpus: float = 1.0
    gpus: float = 0.0
    kind: Kind = "jsonl"

    def run(self, address: str | None = None, progress: bool = False) -> Counter[str]:
        """Answer all rows, write the results, and return the number of rows by status.

        Args:
            address: address of a Ray cluster; None starts Ray on this machine temporarily.
            progress: whether Ray shows progress bars.

        Raises:
            InputError: if the questions or the output are unusable.
            ConfigError: if Ray is not installed or cannot be reached.
        """
        if find_spec("ray") is None:
            raise ConfigError("--ray needs Ray; run: pip install 'groundglass[ray]'")
        import ray

        filesystem, place = _filesystem(f"{self.output.rstrip('/')}/results")
        if filesystem.exists(f"{place}/{_COMPLETE}"):
            raise InputError(f"{visible(self.output)} already has results; name another folder")
        if filesystem.exists(place):  # from an incomplete run
            filesystem.rm(place, recursive=True)
        with _ray(address), tempfile.TemporaryDirectory() as folder:
            context = ray.data.DataContext.get_current()
            context.enable_progress_bars = progress
            context.print_on_execution_start = False
            dataset = self._answers(Path(folder))
            statuses = Counter(
                {
                    row["status"]: row["count()"]
                    for row in dataset.groupby("status").count().take_all()
                }
            )
            self._write(dataset, filesystem, place)
        filesystem.touch(f"{place}/{_COMPLETE}")
        return statuses

    def _answers(self, folder: Path) -> Any:
        """Return a dataset of `row`, `status` and `line`, in the order of the rows."""
        import ray

        device = "cuda" if self.gpus and self.settings.device == "cpu" else self.settings.device
        settings = replace(self.settings, device=device)
        blocks = [ray.put(block) for block in self._blocks(folder)]
        if not blocks:
            raise InputError(f"{visible(self.questions)}: contains no questions")
        dataset = ray.data.from_arrow_refs(blocks)
        answers = dataset.map_batches(
            _Actor,
            fn_constructor_args=(settings,),
            batch_size=_BATCH,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=self.actors),
            num_cpus=self.cpus,
            num_gpus=self.gpus,
        )
        return answers.sort("row").materialize()

    def _blocks(self, folder: Path) -> Iterator[pa.Table]:
        """Yield the plan in tables that keep duplicates and questions on one picture together."""
        import pyarrow as pa

        with contextlib.closing(Store(folder)) as store, _local(self.questions) as path:
            read = rows.read(path, self.form or rows.form_of(self.questions))
            contents = _Contents(self._address, store.digest)
            plan = tasks(itertools.islice(read, self.limit), Path, "", contents)
            count = store.plan(map(self._with_addresses, plan))
            size = max(1, min(_BLOCK, count // (4 * self.actors)))  # some for every actor
            block: list[str] = []
            last = ""
            for task in store.pending():
                if len(block) >= (_LARGEST_BLOCK if task.group == last else size):
                    yield pa.table({"task": block})
                    block = []
                block.append(task.to_json())
                last = task.group
            if block:
                yield pa.table({"task": block})

    def _with_addresses(self, task: Task) -> Task:
        """Return the task with the addresses of its pictures."""
        return replace(task, images=tuple(map(self._address, task.row.images)))

    def _address(self, name: str) -> str:
        base = self.images
        if base is None:
            base = self.questions.rpartition("/")[0] if self.questions != "-" else ""
        return name if "://" in name or name.startswith("/") or not base else f"{base}/{name}"

    def _write(self, dataset: Any, filesystem: Any, place: str) -> None:
        import pyarrow.fs

        arrow = pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(filesystem))
        if self.kind == "parquet":
            dataset.map_batches(_columns, batch_format="pyarrow").write_parquet(
                place, filesystem=arrow
            )
        else:
            dataset.write_datasink(_lines_sink(place, arrow))


class _Contents:
    """Maps pictures to keys that are equal for equal content on a file system, else to their path.

    Reads only files of the same size, so that few are read before an actor needs them.

    Args:
        address: returns the address of a picture by name.
        digest: returns the hash of a file's content, or `missing`.
    """

    def __init__(self, address: Callable[[str], str], digest: Callable[[Path], str]) -> None:
        self._address, self._digest = address, digest
        self._first: dict[int, Path] = {}
        """The first file of each size."""

    def __call__(self, path: Path) -> str:
        place = Path(self._address(str(path)))
        try:
            info = place.stat()
        except (OSError, ValueError):  # a remote address, or an error that the actor will report
            return str(path)
        first = self._first.setdefault(info.st_size, place)
        if first == place or not stat.S_ISREG(info.st_mode):
            return str(place)
        digest = self._digest(place)
        if digest == "missing":
            return str(place)
        return str(first) if digest == self._digest(first) else digest


class _Actor:
    """Answers tables of tasks."""

    def __init__(self, settings: Settings) -> None:
        self._answerer = Answerer(settings)

    def __call__(self, table: pa.Table) -> pa.Table:
        import pyarrow as pa

        work = [Task.from_json(text) for text in table["task"].to_pylist()]
        done = [(task, self._outcome(task)) for task in work]
        lines = [
            json.dumps(tables.result(task, outcome.fields, None), ensure_ascii=False)
            for task, outcome in done
        ]
        return pa.table(
            {
                "row": pa.array([task.row.number for task, _ in done], pa.int64()),
                "status": [outcome.status for _, outcome in done],
                "line": pa.array(lines, pa.large_string()),
            }
        )

    def _outcome(self, task: Task) -> Outcome:
        """Answer a task; remote pictures are fetched, and the outcome names them by address."""
        if not any("://" in image for image in task.images):
            return self._answerer(task)
        with tempfile.TemporaryDirectory() as folder:
            try:
                images = [_download(image, Path(folder)) for image in task.images]
            except Exception as error:  # any error of the storage library
                why = " ".join(str(error).split()) or type(error).__name__
                return failed(f"a picture cannot be downloaded: {visible(why)}")
            outcome = self._answerer(replace(task, images=tuple(images)))
            if outcome.fields["report"]:
                report = outcome.fields["report"]
                report["question"]["images"] = list(task.images)
                for entry, image in zip(report["inputs"], task.images, strict=True):
                    entry["path"] = image
            return outcome


def _download(address: str, folder: Path) -> str:
    """Download a picture under its own name, unless it is on a shared file system."""
    if "://" not in address:
        return address
    import fsspec

    home = folder / str(len(list(folder.iterdir())))
    home.mkdir()
    place = home / PurePosixPath(address).name
    with fsspec.open(address, "rb") as source:
        place.write_bytes(source.read())
    return str(place)


def _columns(table: pa.Table) -> pa.Table:
    """Return the summary columns, and the extra columns and the report as JSON."""
    import pyarrow as pa

    results = [json.loads(line) for line in table["line"].to_pylist()]
    rows = [
        tables.summary(row)
        | {name: json.dumps(row[name], ensure_ascii=False) for name in ("extra", "report")}
        for row in results
    ]
    schema = pa.schema([*tables.schema(), ("extra", pa.string()), ("report", pa.large_string())])
    return pa.Table.from_pylist(rows, schema=schema)


def _lines_sink(place: str, filesystem: Any) -> Any:
    """Return a sink that writes lines unchanged."""
    from ray.data.datasource import BlockBasedFileDatasink

    class Lines(BlockBasedFileDatasink):  # type: ignore[misc]
        def write_block_to_file(self, block: Any, file: Any) -> None:
            for line in block.to_arrow()["line"].to_pylist():
                file.write(f"{line}\n".encode())

    return Lines(place, filesystem=filesystem, file_format="jsonl")


def _filesystem(address: str) -> tuple[Any, str]:
    """Return the fsspec file system of an address, and the path on it."""
    import fsspec

    try:
        filesystem, place = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"{visible(address)}: {error}; expected an fsspec address") from None
    return filesystem, str(place)


@contextlib.contextmanager
def _local(address: str) -> Iterator[str]:
    """Provide a remote file as a local one."""
    if "://" not in address:
        yield address
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield _download(address, Path(folder))
        except OSError as error:
            raise InputError(f"{visible(address)}: cannot be read: {error}") from None


def _keep_token_out_of_home() -> None:
    """Set a token for a local Ray, which would else write one to the home folder."""
    if not Path("~/.ray/auth_token").expanduser().exists():
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


@contextlib.contextmanager
def _ray(address: str | None) -> Iterator[None]:
    """Connect to Ray or start it; stop it afterwards if it was started here."""
    import ray

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    running = ray.is_initialized()
    if not running:
        if not address:
            _keep_token_out_of_home()
        try:
            ray.init(
                address=address or "local",
                include_dashboard=None if address else False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ConfigError(
                f"Ray cannot be reached at {visible(address or 'this machine')}: {error}"
            ) from None
    try:
        yield
    finally:
        if not running:
            ray.shutdown()
