"""A model's run on a picture in a process of its own.

Its memory can thus be measured by itself and is freed before the next model starts, and a model
that crashes takes nothing else down.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal, NamedTuple

from agent.errors import GroundglassError
from agent.files import write_whole
from agent.imaging.reading import read
from agent.imaging.writing import write_png
from agent.settings import Settings
from agent.systems.child_process import end_with_parent
from agent.systems.memory import peak_memory
from agent.systems.model_comparison.contenders import contenders, open_contender
from agent.systems.spec import NotApplicable
from agent.text import visible
from agent.types import Provenance


class Work(NamedTuple):
    """The task of a model."""

    model: str
    picture: Path
    factor: int
    settings: Settings
    target: Path
    """Path of the result, a PNG file."""


class Done(NamedTuple):
    """A run whose result was written."""

    seconds: float
    """Time for enlarging, without loading the model, reading and writing."""
    peak: int | None
    """Peak memory of the process in bytes; None if the system does not say."""
    provenance: Provenance
    notes: tuple[str, ...] = ()


class NotDone(NamedTuple):
    """A run without a result."""

    status: Literal["skipped", "failed"]
    reason: str


def run_separately(work: Work, progress: Callable[[int, int], None]) -> Done | NotDone:
    """Run a model, containing its exceptions and crashes.

    Args:
        progress: called with the number of parts done and their total.
    """
    context = get_context("spawn")  # a fork would share this process's memory
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(there, work), daemon=True)
    process.start()
    there.close()  # so that the pipe closes with the process
    try:
        while True:
            message = here.recv()
            if isinstance(message, (Done, NotDone)):
                return message
            progress(*message)
    except (EOFError, OSError):
        process.join()
        return NotDone("failed", _death(process.exitcode))
    finally:
        here.close()
        process.kill()
        process.join()


def _death(code: int | None) -> str:
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    return (
        f"its process ended during the work ({how}), perhaps out of memory; free memory or crop "
        "the picture"
    )


def _serve(pipe: Connection, work: Work) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # left to the parent process
    end_with_parent()
    pipe.send(_attempt(work, lambda done, total: pipe.send((done, total))))


def _attempt(work: Work, progress: Callable[[int, int], None]) -> Done | NotDone:
    try:
        return _run(work, progress)
    except NotApplicable as reason:
        return NotDone("skipped", str(reason))
    except MemoryError:
        return NotDone(
            "failed", "out of memory even with the smallest tiles; free memory or crop the picture"
        )
    except GroundglassError as error:
        return NotDone("failed", str(error))
    except Exception as error:  # the comparison goes on, whatever a model raises
        detail = visible(" ".join(str(error).split())) or type(error).__name__
        return NotDone("failed", detail)


def _run(work: Work, progress: Callable[[int, int], None]) -> Done:
    picture = read(work.picture).without_metadata()
    model = open_contender(work.model, work.settings)
    began = time.monotonic()
    _, after = model.enlarge_and_restore(picture, work.factor, progress)
    seconds = time.monotonic() - began
    peak = peak_memory()  # before writing, which is not the model's
    write_whole(work.target, write_png(after))
    provenance = Provenance(
        weights_sha256=model.sha256,
        versions={name: version(name) for name in contenders()[work.model].packages},
        device=str(model.device),
        dtype=" and ".join(model.arithmetic),
        licences=model.licences,
    )
    return Done(seconds, peak, provenance, model.notes)
