"""Running a model on a picture in a process of its own.

So its memory can be told apart from that of everything else, all of it is given back before the
next model begins, and a model that dies costs itself alone.
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
    """What a model is to do."""

    model: str
    picture: Path
    factor: int
    settings: Settings
    target: Path
    """Where the result goes, as PNG."""


class Done(NamedTuple):
    """A result was written."""

    seconds: float
    """What enlarging took; loading the model, reading and writing are left out."""
    peak: int | None
    """Most bytes that the process held at once; None where the system does not tell."""
    provenance: Provenance
    notes: tuple[str, ...] = ()


class NotDone(NamedTuple):
    """Nothing was written."""

    status: Literal["skipped", "failed"]
    reason: str


def run_separately(work: Work, progress: Callable[[int, int], None]) -> Done | NotDone:
    """Run a model; nothing that it raises, and no crash of it, gets out.

    Args:
        progress: called with the number of parts done and their total.
    """
    context = get_context("spawn")  # a fork would share the memory of this process
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(there, work), daemon=True)
    process.start()
    there.close()  # so that the pipe ends when the process does
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
    return f"its process ended amid the work ({how}), perhaps out of memory; free some, or crop"


def _serve(pipe: Connection, work: Work) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started it decides
    end_with_parent()
    pipe.send(_attempt(work, lambda done, total: pipe.send((done, total))))


def _attempt(work: Work, progress: Callable[[int, int], None]) -> Done | NotDone:
    try:
        return _run(work, progress)
    except NotApplicable as reason:
        return NotDone("skipped", str(reason))
    except MemoryError:
        return NotDone("failed", "out of memory even with the smallest tiles; free some, or crop")
    except GroundglassError as error:
        return NotDone("failed", str(error))
    except Exception as error:  # whatever a model raises, the comparison goes on
        detail = visible(" ".join(str(error).split())) or type(error).__name__
        return NotDone("failed", detail)


def _run(work: Work, progress: Callable[[int, int], None]) -> Done:
    picture = read(work.picture).without_metadata()
    model = open_contender(work.model, work.settings)
    began = time.monotonic()
    _, after = model.enlarge_and_restore(picture, work.factor, progress)
    seconds = time.monotonic() - began
    peak = peak_memory()  # what follows is not the model's
    write_whole(work.target, write_png(after))
    provenance = Provenance(
        weights_sha256=model.sha256,
        versions={name: version(name) for name in contenders()[work.model].packages},
        device=str(model.device),
        dtype=" and ".join(model.arithmetic),
        licences=model.licences,
    )
    return Done(seconds, peak, provenance, model.notes)
