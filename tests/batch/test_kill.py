"""Killed at any instant and started again, a batch loses, doubles and halves nothing.

    pytest tests/batch/test_kill.py --kills 100

A child process counts the calls that the batch and the folders of reports make into the system
and into C libraries, and kills itself with SIGKILL before one or after one: no time is involved,
and the seed tells where.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import os, signal, sys
from pathlib import Path
import agent.batch, agent.retrieval.index as index
from agent.batch import Batch
from agent.retrieval.embedding import EmbeddingUnavailableError
from agent.settings import Settings

at, questions, output, registry = int(sys.argv[1]), *sys.argv[2:]
home = os.path.dirname(agent.batch.__file__)
folder = os.path.join(os.path.dirname(home), "formats", "folder.py")
count = 0

def no_model():
    raise EmbeddingUnavailableError("not in this test")

def watch(frame, event, argument):
    global count
    if event in ("c_call", "c_return"):
        file = frame.f_code.co_filename
        if file.startswith(home) or file == folder:
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)

index.model_file = no_model
batch = Batch(questions, Path(output), Settings(registry=Path(registry)))
sys.setprofile(watch)
totals = batch.run()
sys.setprofile(None)
print(count)
"""


class Killable:
    """Runs the batch of a file of questions in a process that may kill itself."""

    def __init__(self, registry: Path, questions: Path) -> None:
        self.registry, self.questions = registry, questions

    def ask(self, rows: list[dict[str, object]]) -> None:
        self.questions.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def __call__(self, output: Path, at: int = 0) -> int | None:
        """Number of calls; None where it was killed at call `at`."""
        command = [sys.executable, "-c", CHILD, str(at), self.questions, output, self.registry]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True)
        if done.returncode == -9:
            return None
        assert done.returncode == 0, done.stderr
        return int(done.stdout)


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--kills"))


def test_killed_at_any_instant_nothing_is_lost(tmp_path: Path, registry: Path, kills: int, content):
    run, draw = Killable(registry, tmp_path / "q.jsonl"), random.Random(kills)
    old = [{"id": f"q{i}", "question": f"Is Net-Plus slow, {i % 5}?"} for i in range(8)]
    new = [{"id": f"q{i}", "question": f"Does Counter count {i % 5} birds?"} for i in range(6)]
    new.insert(2, {"id": "bad", "question": "Why?", "upscale": 0})
    run.ask(old)
    earlier = tmp_path / "earlier"
    run(earlier)
    run.ask(new)
    calls = run(tmp_path / "whole")
    expected = content(tmp_path / "whole")
    assert calls and len(expected) > 40
    killed = rounds = 0
    while killed < kills:
        output = tmp_path / "out"
        shutil.rmtree(output, ignore_errors=True)
        if rounds % 2:  # every row is done anew in its folder, and two rows are gone
            shutil.copytree(earlier, output)
        for _ in range(3):
            killed += run(output, draw.randint(1, calls)) is None
        run(output)
        assert content(output) == expected, f"round {rounds}"
        rounds += 1
    assert rounds > 1
