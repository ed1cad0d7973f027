"""A server as a process of its own, for tests and benchmarks, and an application in a thread."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


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


@contextmanager
def listening(app: Any, **config: Any) -> Iterator[str]:
    """An ASGI application behind uvicorn, in a thread: its address, without a slash at the end."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_level="error", **config))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
