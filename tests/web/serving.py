"""A server as a process of its own, for tests and benchmarks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(
    folder: Path, *options: str, **variables: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server at any free port, with its temporary files in `folder`: its address and process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "serve", "--port", "0", *options],
        env={**os.environ, "TMPDIR": str(folder), **variables},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout
        said = process.stdout.readline()
        address = re.search(r"http://\S+", said)
        assert address, said + process.communicate()[1]
        yield address[0], process
    finally:
        process.kill()
        process.communicate()
