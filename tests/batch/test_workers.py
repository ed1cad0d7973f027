"""Processes that answer; what they answer is tested with the batch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

pytestmark = pytest.mark.slow

SCRIPT = """
import os, signal
from multiprocessing import get_context
from agent.systems.child_process import end_with_parent

def work(ready):
    end_with_parent()
    ready.set()
    signal.pause()

if __name__ == "__main__":
    context = get_context("spawn")
    ready = context.Event()
    context.Process(target=work, args=(ready,), daemon=True).start()
    ready.wait()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_amid_a_task_ends_when_the_batch_is_killed(tmp_path: Path):
    script = tmp_path / "killed.py"
    script.write_text(SCRIPT)
    # Its output stays open for as long as anybody lives that was started.
    done = subprocess.run([sys.executable, str(script)], capture_output=True, timeout=60)
    assert done.returncode == -9


SHARING = """
import os, signal, sys
from functools import partial
from hashlib import sha256
from multiprocessing import parent_process
from pathlib import Path

import agent.search.index as index
from agent.batch import Batch
from agent.imaging.writing import write_png
from agent.search.embedding import EmbeddingUnavailableError
from agent.settings import Settings
from agent.systems.result_cache import ResultCache
from agent.systems.spec import ToolOutput, ToolSpec
from agent.types import Artefact

# Workers begin with these lines, too.
home, meeting, killed = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "killed"
pipe = os.open(home / "pipe", os.O_RDWR)
recall, first = ResultCache.recall, False

def no_model():
    raise EmbeddingUnavailableError("not in this test")

def new(name):
    try:
        (home / name).mkdir()
    except FileExistsError:
        return False
    return True

def come(place):
    global first
    if place == meeting and parent_process():
        if new("first"):
            first = True
        elif not first and new("second"):
            os.write(pipe, b"1")

def recalled(*asked):
    come("before")
    return recall(*asked)

def tool(key, job, settings, progress):
    come("within")
    if parent_process():
        if first and new("waited"):
            os.read(pipe, 1)  # comes from the other
        if killed and new("killed"):
            os.kill(os.getpid(), signal.SIGKILL)
        with (home / "log").open("a") as log:
            print(key, sha256(job.picture.pixels.tobytes()).hexdigest(), file=log)
    name, content = f"{job.stem}-{key}.png", write_png(job.picture)
    made = Artefact(name=name, caption=job.picture.name, sha256=sha256(content).hexdigest())
    return ToolOutput((), [(made, content)])

index.model_file, ResultCache.recall = no_model, recalled
ToolSpec.load = lambda spec: partial(tool, spec.key)

if __name__ == "__main__":
    for name, workers in (("one", 1), ("two", 2)):
        settings = Settings(registry=home / "cards.yaml")
        batch = Batch(str(home / "q.jsonl"), home / name, settings)
        totals = batch.run(workers)
        print(totals.workers, totals.failed)
    print(batch.run(retry_failed=True).failed)
"""


class Meeting(NamedTuple):
    """What two workers did that came to their pictures at one moment."""

    failed: int
    """Rows that had no answer at first."""
    ran: list[str]
    """Tool and content of each run."""


@pytest.fixture
def meet(tmp_path: Path, registry: Path, picture: Path, content):
    """Asks two workers about two files at once: how many rows failed, and what ran."""
    registry.write_text(
        registry.read_text().replace("name: Net-Plus", "name: Net-Plus\n    tool: restore")
    )
    script = tmp_path / "sharing.py"
    script.write_text(SHARING)
    os.mkfifo(tmp_path / "pipe")

    def go(other: str, meeting: str, end: str = "well") -> Meeting:
        rows = [{"question": "How does Net-Plus work?", "images": n} for n in (picture.name, other)]
        (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        command = [sys.executable, str(script), str(tmp_path), meeting, end]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
        first, second, last = done.stdout.splitlines()
        assert first == "1 0" and last == "0"
        assert content(tmp_path / "one") == content(tmp_path / "two")
        assert second.startswith("2 ")
        return Meeting(int(second[2:]), (tmp_path / "log").read_text().splitlines())

    return go


@pytest.mark.parametrize("end", ["well", "killed"])
def test_workers_that_come_to_one_picture_at_once_make_it_once(
    meet, picture: Path, tmp_path: Path, end: str
):
    Image.open(picture).save(tmp_path / "same.bmp")
    met = meet("same.bmp", "before", end)
    assert met.failed == (end == "killed")  # and whoever waited for that worker goes on
    assert len(met.ran) == len(set(met.ran)) >= 1


def test_workers_make_different_pictures_at_the_same_time(meet, picture: Path, tmp_path: Path):
    Image.open(picture).rotate(90).save(tmp_path / "turned.png")
    met = meet("turned.png", "within")  # else it would wait for ever
    assert met.failed == 0 and len({line.split()[1] for line in met.ran}) == 2


DYING = """
import os, signal, sys
from multiprocessing import parent_process
from pathlib import Path

import agent.batch.workers as workers
from agent.batch import Batch

# Workers begin with these lines, too.
home, healthy = Path(sys.argv[1]), int(sys.argv[2])
pipe = os.open(home / "pipe", os.O_RDWR)
Answerer = workers.Answerer

class Short(Answerer):
    def __init__(self, *setup):
        if parent_process() and not any(self.new(f"healthy{i}") for i in range(healthy)):
            if healthy:
                os.read(pipe, 1)  # comes with the first answer
            os.kill(os.getpid(), signal.SIGKILL)
        super().__init__(*setup)

    def new(self, name):
        try:
            (home / name).mkdir()
        except FileExistsError:
            return False
        return True

    def __call__(self, task):
        os.write(pipe, b"1" * 9)
        return super().__call__(task)

workers.Answerer = Short

if __name__ == "__main__":
    from agent.settings import Settings

    settings = Settings(registry=home / "cards.yaml")
    totals = Batch(str(home / "q.jsonl"), home / "out", settings).run(2)
    print(totals.done, totals.failed)
"""


@pytest.mark.parametrize("healthy", [0, 1])
def test_workers_go_on_without_one_that_died_before_it_was_ready(
    registry: Path, tmp_path: Path, healthy: int
):
    rows = [{"question": f"Is Net-Plus slow, {i}?"} for i in range(600)]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    os.mkfifo(tmp_path / "pipe")
    script = tmp_path / "dying.py"
    script.write_text(DYING)
    command = [sys.executable, str(script), str(tmp_path), str(healthy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    if healthy:
        assert done.stdout == "600 0\n", done.stderr
        assert "continue without it" in done.stderr
    else:
        assert "a worker ended before it was ready (signal 9)" in done.stderr
        assert "try fewer --workers" in done.stderr and not done.stdout
