"""Processes that answer; what they answer is tested with the batch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os, signal
from multiprocessing import get_context
from agent.batch.workers import end_with_parent

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
