"""What a batch costs: questions a second and core, restoration beside the bare network, memory.

    python benchmarks/batch.py text [--rows 2000]
    python benchmarks/batch.py restoration [--pictures 6] [--workers N] [--evidence core]
                                           [--precision auto]
    python benchmarks/batch.py memory [--rows 100000]

`text`: different questions without a picture in a warm process, by processor time and by the
clock: answered alone, with the part of the sentence model, and with a folder of files for each.
Beside them a loop of plain Python, `yardstick`, whose time tells how fast, and how busy, the
machine was.

`restoration`: seconds for pictures through the bare network, one after another on all cores, then
the same pictures through a batch with everything that a report takes; the ratio is what matters.
Once for the whole batch, and once without its beginning and end: from the first picture that each
worker finishes, so that loading the libraries and writing the tables, which a batch does once, do
not weigh on a few pictures as they never would on many.

`memory`: resident memory over a batch of different questions, every tenth of the way, and its slope
over the second half.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from agent.batch import Batch, Totals
from agent.batch.answering import Answerer
from agent.batch.plan import tasks
from agent.batch.rows import Row
from agent.search.embedding import Embedder, model_file
from agent.settings import Precision, Settings

SYSTEMS = ("MIMO-UNet+", "FeatSharp", "LLaVAR", "Saliency-Semantic RSA")
QUESTIONS = (
    "Which loss does {} use in experiment {}?",
    "How fast is {} really on machine {}?",
    "Why does {} keep the edges of map {} sharp when I enlarge it?",
    "May I use {} in product {}, what is its licence?",
    "What does {} do with the text in figure {}, and why is it readable?",
)


def questions(count: int) -> Iterator[str]:
    """Different questions about the systems of the registry."""
    for i in range(count):
        text = QUESTIONS[i % len(QUESTIONS)]
        yield text.format(SYSTEMS[i // len(QUESTIONS) % len(SYSTEMS)], i)


def write_rows(count: int, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for text in questions(count):
            file.write(json.dumps({"question": text}) + "\n")
    return path


def yardstick() -> float:
    """Processor seconds of ten million additions."""
    start = time.process_time()
    sum(range(10_000_000))
    total = 0
    for i in range(10_000_000):
        total += i
    return time.process_time() - start


def text(options: argparse.Namespace) -> None:
    answerer = Answerer(Settings())
    asked = [Row(i, str(i), question) for i, question in enumerate(questions(options.rows), 1)]
    work = list(tasks(asked, None, "", lambda _: ""))
    warm, rest = work[:64], work[64:]
    for task in warm:
        answerer(task)
    before, used, clock = yardstick(), time.process_time(), time.monotonic()
    for task in rest:
        answerer(task)
    report("answered and set as files in memory", len(rest), used, clock)
    embedder, used = Embedder(model_file(), Settings().cache / "model"), time.process_time()
    embedder.embed([task.row.question for task in rest])
    each = 1000 * (time.process_time() - used) / len(rest)
    print(f"the sentence model took {each:.2f} ms of each")
    print(f"yardstick: {before:.3f} s before, {yardstick():.3f} s after")
    with tempfile.TemporaryDirectory() as folder:
        path = write_rows(options.rows, Path(folder, "q.jsonl"))
        used, clock = time.process_time(), time.monotonic()
        Batch(str(path), Path(folder, "out")).run()
        report("whole batch, every file on the disk", options.rows, used, clock)


def report(what: str, count: int, used: float, clock: float) -> None:
    used, clock = time.process_time() - used, time.monotonic() - clock
    print(
        f"{what}: {count:,} questions, {count / used:.0f} a second of processor time "
        f"({1000 * used / count:.2f} ms each), {count / clock:.0f} a second by the clock"
    )


def restoration(options: argparse.Namespace) -> None:
    from PIL import Image

    from agent.imaging.reading import read
    from agent.systems.restoration.restorer import MimoUnetRestorer

    settings = Settings(evidence=options.evidence, precision=options.precision)
    with tempfile.TemporaryDirectory() as folder:
        source = read(options.picture)
        rows, pictures = [], []
        for i in range(options.pictures):  # different crops of one picture
            top, left = 7 * i, 11 * i
            pixels = source.pixels[top : top + options.side, left : left + options.side]
            place = Path(folder, f"p{i}.png")
            Image.fromarray(pixels).save(place)
            pictures.append(read(place))
            question = "Why are the edges sharp after I enlarged it 3x with MIMO-UNet+?"
            rows.append({"question": question, "images": str(place), "upscale": 3})
        path = Path(folder, "q.jsonl")
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        restorer = MimoUnetRestorer.of(settings)
        restorer.enlarge_and_restore(pictures[0], 3)
        alone = pictures[:3]
        bare = time.monotonic(), cpu()
        for picture in alone:
            restorer.enlarge_and_restore(picture, 3)
        bare = (time.monotonic() - bare[0]) / len(alone), (cpu() - bare[1]) / len(alone)
        done: list[float] = []
        used = cpu()
        batch = Batch(str(path), Path(folder, "out"), settings)
        totals = batch.run(options.workers, progress=lambda _: done.append(time.monotonic()))
        clock, used = time.monotonic() - done[0], cpu() - used
    count, later = options.pictures, done[totals.workers :]
    steady = (later[-1] - later[0]) / (len(later) - 1) if len(later) > 1 else math.nan
    print(f"bare network: {bare[0]:.2f} s a picture by the clock, {bare[1]:.2f} s used")
    print(
        f"batch, {totals.workers} workers, evidence {options.evidence}: {clock / count:.2f} s by "
        f"the clock, {used / count:.2f} s used, {100 * bare[0] * count / clock:.0f} % of the bare "
        f"rate; after the first picture of each worker {steady:.2f} s, "
        f"{100 * bare[0] / steady:.0f} %"
    )
    print(f"peak memory of a process: {peak():,.0f} MiB")


def cpu() -> float:
    """Processor seconds of this process and of those that ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def peak() -> float:
    """MiB of memory that this process, or one that it started and that ended, had at most."""
    each = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in each) / 1024


def resident() -> float:
    """MiB of memory that this process has now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def memory(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_rows(options.rows, Path(folder, "q.jsonl"))
        seen: list[tuple[int, float]] = []
        every = max(1, options.rows // 20)

        def watch(totals: Totals) -> None:
            if totals.done and totals.done % every == 0:
                seen.append((totals.done, resident()))
                print(f"{totals.done:,} rows: {seen[-1][1]:,.1f} MiB", flush=True)

        began = time.monotonic()
        Batch(str(path), Path(folder, "out")).run(progress=watch)
        print(f"{options.rows:,} rows in {time.monotonic() - began:,.0f} s")
        print(f"after the tables and the page: {resident():,.1f} MiB; peak {peak():,.1f} MiB")
    late = seen[len(seen) // 2 :]
    rows, sizes = zip(*late, strict=True)
    slope = statistics.linear_regression(rows, sizes).slope if len(late) > 1 else 0.0
    print(f"slope over the second half: {1000 * slope:.3f} MiB for 1,000 rows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_subparsers(required=True)
    for run, rows in ((text, 2_000), (memory, 100_000)):
        sub = what.add_parser(run.__name__)
        sub.set_defaults(run=run)
        sub.add_argument("--rows", type=int, default=rows)
    sub = what.add_parser("restoration")
    sub.set_defaults(run=restoration)
    sub.add_argument("--picture", type=Path, default=Path("examples/web-page.png"))
    sub.add_argument("--side", type=int, default=200)
    sub.add_argument("--pictures", type=int, default=6)
    sub.add_argument("--workers", type=int, help="default: as groundglass batch")
    sub.add_argument("--evidence", default="core")
    sub.add_argument("--precision", choices=get_args(Precision), default="auto")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
