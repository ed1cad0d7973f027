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

pytestmark = pytest.mark.slow

CHILD = """
import os, signal, sys
from hashlib import sha256
from pathlib import Path
import agent.batch, agent.report.folder, agent.search.index as index
from agent.batch import Batch
from agent.imaging.writing import write_png
from agent.search.embedding import EmbeddingUnavailableError
from agent.settings import Settings
from agent.systems.spec import ToolOutput, ToolSpec
from agent.types import Artefact

at, questions, output, registry = int(sys.argv[1]), *sys.argv[2:]
home = os.path.dirname(agent.batch.__file__)
folder = agent.report.folder.__file__
count = 0

def no_model():
    raise EmbeddingUnavailableError("not in this test")

def tool(job, settings, progress):
    # Gives the picture back: what a real one would load takes longer than the whole batch.
    name, content = f"{job.stem}-restored.png", write_png(job.picture)
    made = Artefact(name=name, caption=job.picture.name, sha256=sha256(content).hexdigest())
    return ToolOutput((), [(made, content)])

def watch(frame, event, argument):
    global count
    if event in ("c_call", "c_return"):
        file = frame.f_code.co_filename
        if file.startswith(home) or file == folder:
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)

index.model_file, ToolSpec.load = no_model, lambda spec: tool
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


def test_killed_at_any_instant_nothing_is_lost(
    tmp_path: Path, registry: Path, picture: Path, kills: int, content
):
    run, draw = Killable(registry, tmp_path / "q.jsonl"), random.Random(kills)
    old = [{"id": f"q{i}", "question": f"Is Net-Plus slow, {i % 5}?"} for i in range(8)]
    new = [{"id": f"q{i}", "question": f"Does Counter count {i % 5} birds?"} for i in range(6)]
    new.insert(2, {"id": "bad", "question": "Why?", "upscale": 0})
    registry.write_text(
        registry.read_text().replace("name: Net-Plus", "name: Net-Plus\n    tool: restore")
    )
    for name in ("a.png", "copy.png"):
        shutil.copy(picture, tmp_path / name)
    old.append({"id": "pictured", "question": "Is Net-Plus slow?", "images": "a.png"})
    new += [
        {"id": f"p{i}", "question": f"How does Net-Plus remove blur, {i % 2}?", "images": name}
        for i, name in enumerate(("a.png", "copy.png", "a.png"))
    ]
    run.ask(old)
    earlier = tmp_path / "earlier"
    run(earlier)
    run.ask(new)
    calls = run(tmp_path / "whole")
    expected = content(tmp_path / "whole")
    assert calls and len(expected) > 60
    assert expected["reports/p1/copy-restored.png"] == expected["reports/p2/a-restored.png"]
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
